"""What acts under each approval still owe: duties to be done, and reviews of acts in an emergency."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from models.legality.duties import Obligation, quarter_of
from models.legality.view import ApprovalView

REVIEW_DAYS = 3  # days after the act in an emergency until which its review is in time

# One statement for both: open duties, and approvals with an act in an emergency that nobody reviewed in time (code NULL).
_OWED = """
SELECT approval, version, code, quarter, due FROM gate.duty WHERE done_entry IS NULL
UNION ALL
SELECT d.approval, d.version, NULL, NULL, NULL FROM gate.decision d
WHERE d.emergency AND d.outcome = 'permit' AND (d.decided_at AT TIME ZONE 'Asia/Tokyo')::date + %s < %s
  AND NOT EXISTS (SELECT FROM gate.emergency_review r WHERE r.decision = d.decision)
"""


@dataclass(frozen=True)
class Owed:
    """What is owed at one moment.

    open:        (approval, version, code, first day of the quarter) of every duty not yet done
    overdue:     approval → codes of its overdue duties, whichever version brought them
    unreviewed:  approvals with an act in an emergency whose review is overdue
    """

    open: frozenset[tuple[str, int, str, date]]
    overdue: Mapping[str, frozenset[str]]
    unreviewed: frozenset[str]

    def new(
        self, obligations: Iterable[Obligation], view: ApprovalView | None, *, today: date
    ) -> tuple[Obligation, ...]:
        """Those of a permit of today that are not open already, from an earlier act of the quarter."""
        if view is None:
            return ()
        place = (view.document.id, view.document.version)
        return tuple(each for each in obligations if (*place, each.code, quarter_of(today)) not in self.open)


def owed_now(conn: Connection[Any], *, today: date) -> Owed:
    """What is owed at this moment. An act that meets the doing of a duty in one moment counts as covered by it."""
    rows = conn.execute(_OWED, (REVIEW_DAYS, today)).fetchall()
    overdue: dict[str, set[str]] = {}
    for approval, _, code, _, due in rows:
        if code is not None and due < today:
            overdue.setdefault(approval, set()).add(code)
    return Owed(
        frozenset(
            (approval, version, code, quarter) for approval, version, code, quarter, _ in rows if code is not None
        ),
        {approval: frozenset(codes) for approval, codes in overdue.items()},
        frozenset(approval for approval, _, code, _, _ in rows if code is None),
    )
