"""One request beside the approval and the clauses that it is asked against."""

from dataclasses import dataclass
from datetime import date

from models.legality.profile import Clause, Profile
from models.legality.view import ApprovalView
from schemas.records.approval import Approval
from schemas.records.request import ActRequest


@dataclass(frozen=True)
class Case:
    """What every condition is asked about.

    profile:  None where no profile of the approval's name is held
    today:    day of the act
    """

    request: ActRequest
    approval: ApprovalView
    profile: Profile | None
    today: date

    @property
    def document(self) -> Approval:
        """The signed document."""
        return self.approval.document

    @property
    def clause_ids(self) -> tuple[str, ...]:
        """Every clause that the approval names."""
        return (self.document.clause, *self.document.with_clauses)

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Those of them whose text the profile holds."""
        if self.profile is None:
            return ()
        found = (self.profile.clause(clause_id) for clause_id in self.clause_ids)
        return tuple(clause for clause in found if clause is not None)

    @property
    def standing(self) -> bool:
        """Whether the act is 恒常: its approval allows a second run, or a schedule starts it, whatever is said of it."""
        return self.request.scheduled or self.document.recurrence == "恒常" or self.document.max_runs != 1


def some(codes: frozenset[str]) -> str:
    """Codes for a sentence, sorted, the first ten by name."""
    names = sorted(codes)
    rest = f" ほか{len(names) - 10}項目" if len(names) > 10 else ""
    return "、".join(names[:10]) + rest
