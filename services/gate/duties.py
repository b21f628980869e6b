"""Duties that permits opened: who sees to them, until when, and a person's signed word that one was done."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import rfc8785
from psycopg import Connection

from schemas.errors import UsageError
from services.gate.decide import Decision
from services.gate.people import Person
from services.platform.database import Database


@dataclass(frozen=True)
class Duty:
    """One duty of one approval in one quarter.

    duty:         its number
    quarter:      first day of the quarter of the acts that brought it
    responsible:  office, or staff code
    due:          last day in time
    done_by:      staff code; None where it is open, or where the report to the council itself did it
    entry:        index in the log of its doing; None where it is open
    """

    duty: int
    approval: str
    version: int
    code: str
    quarter: date
    responsible: str
    opened_on: date
    due: date
    done_on: date | None
    done_by: str | None
    entry: int | None

    def state(self, today: date) -> str:
        """open, overdue or done."""
        if self.entry is not None:
            return "done"
        return "overdue" if self.due < today else "open"


_DUTIES = """
SELECT duty, approval, version, code, quarter, responsible, opened_on, due, done_on, done_by, done_entry FROM gate.duty
WHERE %(duty)s::bigint IS NULL OR duty = %(duty)s ORDER BY done_entry IS NOT NULL, due, duty
"""


def duties(conn: Connection[Any], duty: int | None = None) -> list[Duty]:
    """Every duty, or the one of this number; open ones first, by their last day."""
    return [Duty(*row) for row in conn.execute(_DUTIES, {"duty": duty}).fetchall()]


def fulfil(database: Database, duty: int, by: Person, *, what: str) -> int:
    """Record that a duty was done, and what was done; returns the entry. Raises UsageError for one that is not open."""
    if not what.strip():
        raise UsageError("何をしたかを --what に書いてください。")
    with database.connect("approvals") as conn:
        found = duties(conn, duty)
        if not found or found[0].entry is not None:
            raise UsageError("その番号の果たされていない義務はありません。mimamori gate duties で確かめてください。")
        statement = rfc8785.dumps(done_said(duty, found[0].code, by.person) | {"done": what})
        row = conn.execute(
            "SELECT gate.duty_done(%s, %s, %s, %s, %s)", (duty, by.person, what, statement, by.sign(statement))
        ).fetchone()
    assert row is not None
    return int(row[0])


def reported(conn: Connection[Any], report: Decision, *, quarter: date) -> None:
    """A report to the council does the duty to report the acts of its quarter, in the report's own transaction."""
    conn.execute("SELECT gate.duty_reported(%s, %s)", (report.id, quarter))


def done_said(duty: int, code: str, person: str) -> dict[str, Any]:
    """What the statement of a doing has to say."""
    return {"what": "duty.done", "duty": duty, "code": code, "person": person}
