"""The decision of the gate: a pure function over named conditions, all of them asked, so that a refusal lists every one."""

from datetime import date

from models.legality.case import Case
from models.legality.conditions_of_approval import APPROVAL_CONDITIONS
from models.legality.conditions_of_law import LAW_CONDITIONS
from models.legality.conditions_of_request import REQUEST_CONDITIONS
from models.legality.duties import arising, obligations
from models.legality.profile import Profile
from models.legality.verdict import Code, Condition, Verdict
from models.legality.view import ApprovalView
from schemas.records.request import ActRequest

NO_APPROVAL = Condition(
    Code.NO_APPROVAL,
    "この行為を認める承認がありません",
    "承認を起案し、審議会に諮問し、答申を記録してください",
)


def decide(request: ActRequest, approval: ApprovalView | None, profile: Profile | None, *, today: date) -> Verdict:
    """Decide one act.

    approval:  the one the act would rest on, as it stands now; None where there is none
    profile:   the profile that the approval names; None where none of that id is held
    today:     the day of the act by the service's clock, never a run's as-of
    """
    failed = [condition for ask in REQUEST_CONDITIONS if (condition := ask(request))]
    if approval is None:
        return Verdict(clause=None, failed=(*failed, NO_APPROVAL), duties=())
    case = Case(request, approval, profile, today)
    failed += [condition for ask in (*APPROVAL_CONDITIONS, *LAW_CONDITIONS) for condition in ask(case)]
    duties = () if failed else tuple(arising(case))
    return Verdict(
        clause=approval.document.clause,
        failed=tuple(failed),
        duties=duties,
        obligations=obligations(duties, approval.document, act=request.act, today=today),
    )
