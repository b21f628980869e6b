"""The answer of the gate: permit or refuse, every condition that failed, and what a permit obliges to."""

from dataclasses import dataclass
from enum import StrEnum

from models.legality.duties import Obligation
from models.legality.profile import Duty

OWN_RULE = "（本システムの定め）"  # marks what the product asks for and no clause does


class Code(StrEnum):
    """Every condition by name."""

    ATTRIBUTE_MISSING = "ATTRIBUTE_MISSING"
    NO_APPROVAL = "NO_APPROVAL"
    APPROVAL_NOT_IN_FORCE = "APPROVAL_NOT_IN_FORCE"
    APPROVAL_SIGNATURE = "APPROVAL_SIGNATURE"
    OUTSIDE_PERIOD = "OUTSIDE_PERIOD"
    ACT_NOT_COVERED = "ACT_NOT_COVERED"
    ITEMS_NOT_COVERED = "ITEMS_NOT_COVERED"
    RECIPIENT_NOT_COVERED = "RECIPIENT_NOT_COVERED"
    CLASS_NOT_COVERED = "CLASS_NOT_COVERED"
    PURPOSE_NOT_COVERED = "PURPOSE_NOT_COVERED"
    RULE_SET_NOT_COVERED = "RULE_SET_NOT_COVERED"
    RUNS_USED_UP = "RUNS_USED_UP"
    CLAUSE_UNKNOWN = "CLAUSE_UNKNOWN"
    CLAUSE_EXPIRED = "CLAUSE_EXPIRED"
    CLAUSE_INCOMPLETE = "CLAUSE_INCOMPLETE"
    FINDING_MISSING = "FINDING_MISSING"
    STANDING_USE = "STANDING_USE"
    COUNCIL_NOT_HEARD = "COUNCIL_NOT_HEARD"
    COUNCIL_NOT_HEARD_ON_PERSONS = "COUNCIL_NOT_HEARD_ON_PERSONS"
    COUNCIL_AGAINST = "COUNCIL_AGAINST"
    HEARD_BY_DRAFTER = "HEARD_BY_DRAFTER"
    PERSON_SUSPENDED = "PERSON_SUSPENDED"
    PERSON_HELD = "PERSON_HELD"
    PERSON_NOT_ALLOWED = "PERSON_NOT_ALLOWED"
    DUTY_OVERDUE = "DUTY_OVERDUE"
    EMERGENCY_NO_CHILD = "EMERGENCY_NO_CHILD"
    EMERGENCY_NO_PERSON = "EMERGENCY_NO_PERSON"
    EMERGENCY_NO_REASON = "EMERGENCY_NO_REASON"
    EMERGENCY_NOT_COVERED = "EMERGENCY_NOT_COVERED"
    EMERGENCY_CLAUSE = "EMERGENCY_CLAUSE"
    EMERGENCY_ONLY = "EMERGENCY_ONLY"
    REVIEW_OVERDUE = "REVIEW_OVERDUE"


@dataclass(frozen=True)
class Condition:
    """One condition that failed: its code, a sentence for people, and what would mend it."""

    code: Code
    text: str
    mend: str

    @property
    def sentence(self) -> str:
        """What failed and what would mend it, for people who were refused."""
        return f"{self.text}。{self.mend}。"


@dataclass(frozen=True)
class Verdict:
    """What was decided on one request.

    clause:  the clause that the approval names, or None without an approval
    failed:  every condition that failed, in the order they are asked; empty for a permit
    duties:  what a permit obliges to; empty for a refusal
    obligations:  what of it is to be done afterwards, by whom and by when
    """

    clause: str | None
    failed: tuple[Condition, ...]
    duties: tuple[Duty, ...]
    obligations: tuple[Obligation, ...] = ()

    @property
    def outcome(self) -> str:
        """`permit`, where no condition failed, else `refuse`."""
        return "refuse" if self.failed else "permit"
