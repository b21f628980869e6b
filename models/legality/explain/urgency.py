"""Acts that cannot wait (緊急): one child, a reason in writing, and a second person's review within the days for it.

They may go without an approval; what allows them is still an item of the profile (`items.cannot_wait`).
"""

from collections.abc import Iterator
from datetime import date, timedelta

from models.legality.explain.answer import Failed
from models.legality.explain.situation import NOTHING, Situation, blank
from models.legality.profile import Duty
from models.legality.verdict import OWN_RULE

REVIEW_DAYS = 3  # days within which a second person reviews it
DUTIES = (
    Duty(
        code="SECOND_REVIEW",
        text="別の者が審査する。期限までに審査されない許可は閉じて報告する（本システムの定め）",
        due_days=REVIEW_DAYS,
    ),
    Duty(code="FLAG_AND_REPORT", text="緊急の行為として印を付け、審議会に報告する（本システムの定め）"),
)


def one_person_meant(situation: Situation) -> Iterator[Failed]:
    """It is done for one named person. A request never holds the name: it shows in rows that identify and in whom they aim at."""
    request = situation.request
    nobody = request.data.form != "identified" or request.extra.targets_individuals == "no"
    if situation.emergency and nobody:
        yield Failed(
            "EMERGENCY_NO_CHILD",
            f"緊急の行為の対象となる本人が一人に定まっていません{OWN_RULE}",
            "対象の本人を一人に定めてください。緊急の行為は一覧や多数の者を対象にできません",
        )


def reason_written(situation: Situation) -> Iterator[Failed]:
    """Its reason is in writing, beside the item that allows it."""
    if situation.emergency and not situation.reason_written:
        yield Failed(
            "EMERGENCY_NO_REASON", f"緊急の理由が書面に記されていません{OWN_RULE}", "緊急の理由を書面に記してください"
        )


def review_to_come(situation: Situation) -> Iterator[Failed]:
    """Nobody says that there will be none, or a later one. The review follows the act, so that it is a duty where nothing is said."""
    if not situation.emergency or blank(situation.request.extra.second_review):
        return
    answer, day = str(situation.request.extra.second_review).strip(), situation.request.date
    try:
        late = day is not None and not timedelta() <= date.fromisoformat(answer) - day <= timedelta(days=REVIEW_DAYS)
    except ValueError:  # no day: words
        late = False
    if late or answer in NOTHING:
        yield Failed(
            "EMERGENCY_NO_REVIEW",
            f"{REVIEW_DAYS}日以内の別の者による審査が予定されていません{OWN_RULE}",
            f"行為の日から{REVIEW_DAYS}日以内に、別の者が審査することを定めてください",
        )
