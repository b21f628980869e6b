"""What the decision reads of an approval: its signed document, and how it stands."""

from dataclasses import dataclass
from datetime import date

from schemas.records.approval import Approval, Council, State


@dataclass(frozen=True)
class ApprovalView:
    """One version of an approval as it stands at the moment of the act.

    document:     parsed from the signed text, whose hash was compared with `digest`
    council:      the council's part, or None where it was not recorded
    revoked:      a revocation is recorded
    drafted_by, submitted_by, heard_by:  persons of the register; None where it has not come to that
    signed:       whether what persons signed bears all of this out; nothing may rest on a version where it does not
    """

    document: Approval
    digest: bytes
    state: State
    council: Council | None
    revoked: bool
    drafted_by: str
    submitted_by: str | None
    heard_by: str | None
    signed: bool = True

    def meant_for(self, day: date) -> bool:
        """Whether its period holds that day, both ends included."""
        return self.document.period_from <= day <= self.document.period_to

    def in_force(self, day: date) -> bool:
        """Whether an act of that day may rest on it, as far as state and period go."""
        return self.state is State.IN_FORCE and self.signed and not self.revoked and self.meant_for(day)


def choose_approval(
    views: tuple[ApprovalView, ...], *, act: str | None, today: date, emergency: bool = False
) -> ApprovalView | None:
    """The approval an act of today is decided on, or None where there is none at all.

    One in force today that covers the act goes first, then one that names the act, was meant for today and stands in the
    way (revoked, not yet heard, heard against), then one in force today, then any that was meant for today, then the one
    whose period ends last: a refusal is to say what is wrong with the nearest one. Approvals for emergencies are for acts in an emergency, and for nothing else.
    """

    def nearness(view: ApprovalView) -> tuple[bool, bool, bool, bool, bool, date, str, int]:
        document = view.document
        meant = view.meant_for(today) and view.state not in (State.DRAFTED, State.AMENDED)
        return (
            document.emergency == emergency,
            view.in_force(today) and act in document.acts,
            meant and act in document.acts,
            view.in_force(today),
            meant,
            document.period_to,
            document.id,
            document.version,
        )

    return max(views, key=nearness, default=None)
