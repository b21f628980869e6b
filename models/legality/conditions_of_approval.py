"""Conditions that the approval sets: it stands, and it covers this very act. What the request leaves out is asked elsewhere."""

from collections.abc import Callable, Iterator

from models.legality.case import Case, some
from models.legality.duties import REPORT_TO_COUNCIL
from models.legality.verdict import OWN_RULE, Code, Condition
from schemas.records.approval import State
from schemas.records.request import Act

STANDS = {
    State.DRAFTED: ("起案中で、まだ諮問されていません", "諮問（submit）し、答申の記録（hear）を受けてください"),
    State.SUBMITTED: ("諮問中で、まだ答申が記録されていません", "別の者が答申を記録（hear）してください"),
    State.HEARD: ("審議会の答申が反対で、効力がありません", "内容を改めた版を起案し、改めて諮問してください"),
    State.AMENDED: ("新しい版に置き換えられています", "効力のある版に基づいて行ってください"),
    State.REVOKED: ("取り消されています", "あらためて承認を起案し、諮問してください"),
}
AMEND = "承認を変更（amend）し、審議会に諮ってください"
LEADS_TO_A_RUN = frozenset({Act.COLLECT, Act.LINK, Act.JUDGE})


def in_force(case: Case) -> Iterator[Condition]:
    """The approval was signed by two and not taken back since."""
    state = State.REVOKED if case.approval.revoked else case.approval.state
    if state is not State.IN_FORCE:
        text, mend = STANDS[state]
        yield Condition(Code.APPROVAL_NOT_IN_FORCE, f"承認は{text}", mend)


def signed(case: Case) -> Iterator[Condition]:
    """What the database says of the approval is what two persons signed."""
    if not case.approval.signed:
        yield Condition(
            Code.APPROVAL_SIGNATURE,
            "承認の記録が、登録された職員の署名と一致しません",
            "この承認に基づく処理はできません。監査担当に知らせてください",
        )


def within_period(case: Case) -> Iterator[Condition]:
    """The day of the act lies in the approval's period, both ends included."""
    document = case.document
    if not document.period_from <= case.today <= document.period_to:
        yield Condition(
            Code.OUTSIDE_PERIOD,
            f"行為の日（{case.today}）が承認の期間（{document.period_from}〜{document.period_to}）の外です",
            "期間を含む承認を受けてください",
        )


def act_covered(case: Case) -> Iterator[Condition]:
    """The approval names the act."""
    act = case.request.act
    if act is not None and act not in case.document.acts:
        yield Condition(Code.ACT_NOT_COVERED, f"行為「{act}」は承認に含まれていません", AMEND)


def items_covered(case: Case) -> Iterator[Condition]:
    """The approval names every item."""
    outside = frozenset(case.request.items) - case.document.item_codes
    if outside:
        yield Condition(
            Code.ITEMS_NOT_COVERED,
            f"承認にない項目があります: {some(outside)}",
            "項目を外すか、項目を加えた承認を受けてください",
        )


def recipient_covered(case: Case) -> Iterator[Condition]:
    """The acting role, in the receiving office where there is one, may do the act with all these approved items."""
    request = case.request
    if request.role is None:
        return
    office = request.recipient or "庁内処理"
    fitting = [items for key, items in case.document.received.items() if _fits(key, case)]
    if not fitting:
        yield Condition(
            Code.RECIPIENT_NOT_COVERED,
            f"{office}（{request.role}）は、この行為の利用者・提供先として承認されていません",
            "承認された提供先・役割で行うか、提供先を加えた承認を受けてください",
        )
        return
    outside = (frozenset(request.items) & case.document.item_codes) - frozenset[str]().union(*fitting)
    if outside:
        yield Condition(
            Code.RECIPIENT_NOT_COVERED,
            f"{office}（{request.role}）に認められていない項目があります: {some(outside)}",
            "項目を外すか、この提供先に項目を認める承認を受けてください",
        )


def _fits(key: tuple[str, str, Act], case: Case) -> bool:
    """Same role and office, and it may do the act; an act the approval does not name at all is asked in `act_covered`."""
    office, role, act = key
    request = case.request
    same = role == request.role and request.recipient in (None, office)
    return same and (act == request.act or request.act not in case.document.acts)


def classes_covered(case: Case) -> Iterator[Condition]:
    """Every person whose data is touched belongs to a class that the approval names."""
    outside = frozenset(case.request.classes) - {group.code for group in case.document.classes}
    if outside:
        yield Condition(
            Code.CLASS_NOT_COVERED,
            f"承認にない対象者の範囲があります: {some(outside)}",
            "対象者の範囲を加えた承認を受けてください",
        )


def purpose_covered(case: Case) -> Iterator[Condition]:
    """The act is done for the purpose that the approval names."""
    if case.request.purpose not in (None, case.document.purpose_code):
        yield Condition(
            Code.PURPOSE_NOT_COVERED,
            f"利用目的「{case.request.purpose}」は承認の利用目的ではありません",
            "承認の利用目的の範囲で行うか、その目的の承認を受けてください",
        )


def rule_set_covered(case: Case) -> Iterator[Condition]:
    """The approval names the rule set's version."""
    rules = case.request.rule_set
    if rules is not None and rules not in case.document.rule_sets:
        yield Condition(Code.RULE_SET_NOT_COVERED, f"ルールセット「{rules}」は承認に含まれていません", AMEND)


def runs_left(case: Case) -> Iterator[Condition]:
    """An occasional approval has a number of runs, and what its last one found may still be published and looked at.

    Runs that nobody counted are used up.
    """
    most, done = case.document.max_runs, case.request.runs_done
    one_more = case.request.act in LEADS_TO_A_RUN
    if most is not None and (done is None or done + one_more > most):
        yield Condition(
            Code.RUNS_USED_UP,
            f"臨時の承認の回数（{most}回）を使い切っています" if done is not None else "これまでの実施回数が不明です",
            "あらためて承認を受けてください",
        )


def duties_done(case: Case) -> Iterator[Condition]:
    """The product's own: what earlier acts under the approval oblige to was done in time. The report that is owed may be made."""
    overdue = case.request.duties_overdue
    if case.request.act == Act.REPORT:
        overdue -= {REPORT_TO_COUNCIL}
    if overdue:
        yield Condition(
            Code.DUTY_OVERDUE,
            f"この承認に伴う義務が期日までに果たされていません{OWN_RULE}: {some(overdue)}",
            "義務を果たし、mimamori gate done で記録してください（一覧は mimamori gate duties）",
        )


def emergencies_reviewed(case: Case) -> Iterator[Condition]:
    """The product's own: a second person looked at every earlier act in an emergency within the days for it."""
    if case.request.emergency is not None and case.request.review_overdue:
        yield Condition(
            Code.REVIEW_OVERDUE,
            f"この承認による緊急時の行為に、期日までに確認されていないものがあります{OWN_RULE}",
            "行為をした者とは別の職員が mimamori gate review で確認を記録してください（一覧は mimamori gate reviews）",
        )


APPROVAL_CONDITIONS: tuple[Callable[[Case], Iterator[Condition]], ...] = (
    in_force,
    signed,
    within_period,
    act_covered,
    items_covered,
    recipient_covered,
    classes_covered,
    purpose_covered,
    rule_set_covered,
    runs_left,
    duties_done,
    emergencies_reviewed,
)
