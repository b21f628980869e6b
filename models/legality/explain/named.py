"""An approval that is named by its id is asked as the service asks it: as signed and recorded, on the day of the act."""

from collections.abc import Iterator

from models.legality.case import Case, some
from models.legality.conditions_of_approval import APPROVAL_CONDITIONS, recipient_covered
from models.legality.conditions_of_law import LAW_CONDITIONS
from models.legality.explain.answer import Failed
from models.legality.explain.situation import Situation, blank
from models.legality.verdict import Code, Condition
from schemas.records.approval import Approval
from schemas.records.request import Act, ActRequest

GATED = frozenset(Act)  # acts that approvals name; use, provide and outsource are words of the law alone


def named_approval_covers(situation: Situation) -> Iterator[Failed]:
    """Its document, findings, hearing and state cover the act. What a request has no fact for (class, rule set) is not asked."""
    view, day = situation.approval, situation.request.date
    if view is None or day is None:
        return
    if view.document.profile != situation.profile.id:
        yield Failed(
            "PROFILE_OTHER",
            f"承認は法令プロファイル「{view.document.profile}」に基づき、この情報の「{situation.profile.id}」によりません",
            "保有する機関と行為の日に適用される条文に基づく承認によってください",
        )
        return
    case = Case(_asked(situation, view.document), view, situation.profile, day)
    for ask in (*APPROVAL_CONDITIONS, *LAW_CONDITIONS):
        if ask is not recipient_covered:
            yield from map(_failed, ask(case))
    yield from _received(case, situation)


def _asked(situation: Situation, document: Approval) -> ActRequest:
    """The act in the service's words; what is recorded of earlier acts counts before what the request says of them."""
    request, extra, history = situation.request, situation.request.extra, situation.history
    return ActRequest(
        act=request.act if request.act in GATED else None,
        items=request.data.items or (),
        scheduled=extra.scheduled == "yes",
        runs_done=history.runs.get((document.id, document.version), extra.runs_done),
        emergency=(extra.written_reason or "") if situation.emergency else None,
        duties_overdue=history.overdue.get(document.id, frozenset()),
        review_overdue=document.id in history.unreviewed,
    )


def _received(case: Case, situation: Situation) -> Iterator[Failed]:
    """The office that uses or receives is named, and one of its roles may do the act with all these items."""
    parties = situation.request.parties
    offices = frozenset(office for office in (parties.user_office, parties.recipient) if office and not blank(office))
    roles = {(office, role) for office, role, _ in case.document.received if office in offices}
    tried = [list(recipient_covered(_as(case, office, role))) for office, role in sorted(roles)]
    if not tried:
        yield Failed(
            Code.RECIPIENT_NOT_COVERED,
            f"利用する組織・提供先（{some(offices) or '示されていない'}）は承認されていません",
            "承認された提供先で行うか、提供先を加えた承認を受けてください",
        )
    elif all(tried):
        yield from map(_failed, tried[0])


def _as(case: Case, office: str, role: str) -> Case:
    request = case.request.model_copy(update={"recipient": office, "role": role})
    return Case(request, case.approval, case.profile, case.today)


def _failed(condition: Condition) -> Failed:
    return Failed(condition.code, condition.text, condition.mend)
