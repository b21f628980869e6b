"""Conditions on the approval: that there is one, and that what the request tells of it covers the act.

One that is named by its id is asked besides as the service asks it (`named`).
"""

import re
from collections.abc import Iterable, Iterator

from models.legality.explain.answer import Failed
from models.legality.explain.situation import NO_ID, Situation, blank
from models.legality.verdict import OWN_RULE

RUNS = re.compile(r"[1-9][0-9]{0,5}")
UNLIMITED = ("無制限", "制限なし", "unlimited")


def approved(situation: Situation) -> Iterator[Failed]:
    """An approval in force. An act that cannot wait has none yet: its written reason and review stand for it."""
    named = situation.request.approval
    if situation.approval is None and named not in NO_ID:
        yield Failed("NO_APPROVAL", "その番号の承認はありません", "承認の番号を確かめてください")
    elif named in (None, "", "none") and not situation.urgent_once:
        text = "この行為を認める承認がありません" if named == "none" else "承認の有無が示されていません"
        yield Failed("NO_APPROVAL", text + OWN_RULE, "承認を起案し、審議会に諮問し、答申を記録してください")


def items_approved(situation: Situation) -> Iterator[Failed]:
    """Every item is among those approved, where these are told."""
    if outside := _outside(situation, situation.request.extra.approved_items):
        yield Failed(
            "ITEMS_NOT_COVERED",
            f"承認にない項目があります: {outside}",
            "項目を外すか、項目を加えた承認を受けてください",
        )


def items_needed(situation: Situation) -> Iterator[Failed]:
    """No item beyond what is needed, where that is told."""
    if outside := _outside(situation, situation.request.extra.needed_items):
        yield Failed(
            "ITEMS_NOT_NEEDED", f"必要な限度を超える項目があります: {outside}", "必要のない項目を外してください"
        )


def _outside(situation: Situation, allowed: Iterable[str] | None) -> str:
    """The request's items that are not allowed, in words; nothing where it is not told what is."""
    items = () if allowed is None else set(situation.request.data.items or ()) - set(allowed)
    return "、".join(sorted(items))


def period_holds(situation: Situation) -> Iterator[Failed]:
    """The day lies in the approval's period, both ends included, where that is told."""
    day, period = situation.request.date, situation.period
    if period is None and not blank(situation.request.extra.approval_period):
        yield Failed(
            "OUTSIDE_PERIOD", "承認の期間が日付として読めません", "期間を 2026-04-01/2027-03-31 の形で示してください"
        )
    if day is not None and period is not None and not period[0] <= day <= period[1]:
        yield Failed(
            "OUTSIDE_PERIOD",
            f"行為の日（{day}）が承認の期間（{period[0]}〜{period[1]}）の外です",
            "期間を含む承認を受けてください",
        )


def runs_left(situation: Situation) -> Iterator[Failed]:
    """Fewer runs were done than approved, where their number is told; of more than one it is told how many were done."""
    runs, done = situation.request.extra.approval_runs, situation.request.extra.runs_done
    if runs is None or runs in UNLIMITED:
        return
    most = int(runs) if RUNS.fullmatch(str(runs)) else None
    if most is None:
        yield Failed("RUNS_USED_UP", "承認の回数が数として読めません", "回数を1以上の数か「無制限」で示してください")
    elif done is None and most > 1:
        yield Failed("RUNS_USED_UP", "これまでの実施回数が示されていません", "これまでの実施回数を示してください")
    elif done is not None and done >= most:
        yield Failed("RUNS_USED_UP", f"承認の回数（{most}回）を使い切っています", "あらためて承認を受けてください")


def not_against(situation: Situation) -> Iterator[Failed]:
    """The product's own: whoever was heard was not against it."""
    if situation.request.council.opinion_result == "adverse":
        yield Failed("COUNCIL_AGAINST", f"審議会の答申が反対です{OWN_RULE}", "内容を改めて、改めて諮問してください")
