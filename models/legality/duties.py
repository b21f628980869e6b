"""What a permit obliges to: which duties an act brings, who sees to each, and by when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from models.legality.case import Case
from models.legality.fact import Fact
from models.legality.profile import Duty
from schemas.records.approval import Approval
from schemas.records.request import Act, PersonFlag

# Where neither clause nor approval names a day: once a year, the one rhythm that a source names (様式第2号).
DEFAULT_DUE_DAYS = 365
REPORT_TO_COUNCIL = "REPORT_TO_COUNCIL"  # the quarterly report itself does it, so it does not stand in the report's way
# Acts by which nothing leaves the body that holds the data.
INSIDE = frozenset({Act.LINK, Act.JUDGE, Act.SIMULATE, Act.JUDGE_EVENT, Act.LOOK, Act.ERASE})
# What the law's own words call an act that only the service tells apart.
IN_LAW: Mapping[str | None, str] = {
    Act.SIMULATE: Act.JUDGE, Act.JUDGE_EVENT: Act.JUDGE, Act.PUBLISH_EVENT: Act.PUBLISH,
}  # fmt: skip
MASK = Duty(
    code="MASK_ADDRESS",
    text="支援措置のため、居所につながる項目（住所・連絡先・学校・保育所・保護者）を伏せて表示する",
    notice=True,
)


@dataclass(frozen=True)
class Obligation:
    """Something to be done after an act.

    responsible:  office, or staff code of a registered person
    due:          last day on which it is done in time
    """

    code: str
    responsible: str
    due: date


def arising(case: Case) -> Iterator[Duty]:
    """Every duty of the clauses that the act rests on, what is only to be heeded among them."""
    known = _known(case)
    for clause in case.clauses:
        yield from (
            duty for duty in clause.duties if not duty.when or any(_may_hold(fact, known) for fact in duty.when)
        )
    if PersonFlag.ADDRESS_PROTECTION in case.request.person_flags:
        yield MASK


def obligations(duties: Iterable[Duty], document: Approval, *, act: str | None, today: date) -> tuple[Obligation, ...]:
    """What is to be done afterwards, one a code, the earliest due; a report brings no report of its own."""
    named = {holder.code: holder for holder in document.duties}
    found: dict[str, Obligation] = {}
    for duty in duties:
        if duty.notice or (duty.code == REPORT_TO_COUNCIL and act == Act.REPORT):
            continue
        holder = named.get(duty.code)
        days = [days for days in (duty.due_days, None if holder is None else holder.due_days) if days is not None]
        due = today + timedelta(days=min(days, default=DEFAULT_DUE_DAYS))
        responsible = document.office if holder is None else holder.responsible
        if duty.code not in found or due < found[duty.code].due:
            found[duty.code] = Obligation(duty.code, responsible, due)
    return tuple(found.values())


def quarter_of(day: date) -> date:
    """First day of its quarter; those of the fiscal year are those of the calendar."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _known(case: Case) -> Mapping[str, str]:
    """What the service can state of its own act; all else is not known to it."""
    act = case.request.act
    facts = {
        "act": IN_LAW.get(act, act or ""),
        "derived.standing": "yes" if case.standing else "no",
        "data.form": "statistics" if act == Act.REPORT else "identified",
    }
    return facts | ({"derived.kind": "use"} if act in INSIDE else {})


def _may_hold(fact: Fact, known: Mapping[str, str]) -> bool:
    """A fact that the service cannot state counts as holding: it errs to the side of the duty."""
    return fact.path not in known or fact.holds(known[fact.path])
