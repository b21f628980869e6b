"""Acts in an emergency (生命・身体・財産) and a second person's review of each, within three days."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

import rfc8785
from psycopg import Connection

from schemas.errors import RefusedError, UsageError
from services.gate.owed import REVIEW_DAYS
from services.gate.people import Person
from services.platform.database import Database

Finding = Literal["justified", "unjustified"]


@dataclass(frozen=True)
class Emergency:
    """One permit in an emergency. What it was about is told to its reviewer alone.

    person:   who acted
    due:      last day on which a review is in time
    finding, late, reviewer:  None where nobody reviewed it yet
    """

    decision: UUID
    act: str
    approval: str
    version: int
    person: str
    acted_on: date
    due: date
    entry: int
    finding: Finding | None
    late: bool | None
    reviewer: str | None

    def state(self, today: date) -> str:
        """waiting, closed (nobody reviewed it in time), justified or unjustified."""
        return self.finding or ("closed" if self.due < today else "waiting")


_EMERGENCIES = """
SELECT d.decision, d.act, d.approval, d.version, d.person, day.acted, day.acted + %(days)s, d.entry, r.finding, r.late, r.person
FROM gate.decision d LEFT JOIN gate.emergency_review r USING (decision),
     LATERAL (SELECT (d.decided_at AT TIME ZONE 'Asia/Tokyo')::date) AS day (acted)
WHERE d.emergency AND d.outcome = 'permit' AND (%(decision)s::uuid IS NULL OR d.decision = %(decision)s)
ORDER BY r.decision IS NOT NULL, d.entry
"""


def emergencies(conn: Connection[Any], decision: UUID | None = None) -> list[Emergency]:
    """Every permit in an emergency, or this one; those that wait first, in the order of the log."""
    asked = {"days": REVIEW_DAYS, "decision": decision}
    return [Emergency(*row) for row in conn.execute(_EMERGENCIES, asked).fetchall()]


def read_reason(database: Database, decision: UUID, by: Person) -> dict[str, Any]:
    """The written reason and the child, for whoever is to review it; the reading is logged.

    Raises RefusedError for who acted. reason and child are None where they were erased.
    """
    with database.connect("approvals") as conn:
        _reviewable(conn, decision, by)
        row = conn.execute("SELECT gate.emergency_reason(%s, %s)", (decision, by.person)).fetchone()
    assert row is not None
    told: dict[str, Any] = row[0]
    return told


def review(database: Database, decision: UUID, by: Person, finding: Finding, *, reason: str) -> Emergency:
    """Record a second person's finding, signed. After the last day it is recorded as late, and lifts the bar as well.

    Raises RefusedError for who acted, UsageError for what is no permit in an emergency or was reviewed already.
    """
    if not reason.strip():
        raise UsageError("確認の理由を --reason に書いてください。")
    with database.connect("approvals") as conn:
        if _reviewable(conn, decision, by).finding is not None:
            raise UsageError("この緊急時の行為は既に確認されています。")
        statement = rfc8785.dumps(review_said(decision, finding, by.person) | {"reason": reason})
        conn.execute(
            "SELECT gate.review(%s, %s, %s, %s, %s, %s)",
            (decision, by.person, finding, reason, statement, by.sign(statement)),
        )
        return emergencies(conn, decision)[0]


def review_said(decision: UUID, finding: str, person: str) -> dict[str, Any]:
    """What the statement of a review has to say."""
    return {"what": "emergency.review", "decision": str(decision), "finding": finding, "person": person}


def _reviewable(conn: Connection[Any], decision: UUID, by: Person) -> Emergency:
    found = emergencies(conn, decision)
    if not found:
        raise UsageError("その決定は緊急時の許可ではありません。mimamori gate reviews で確かめてください。")
    if found[0].person == by.person:
        raise RefusedError(
            [("REVIEWED_BY_SAME", "緊急時の行為をした者は、自ら確認できません。別の職員が確認してください。")]
        )
    return found[0]
