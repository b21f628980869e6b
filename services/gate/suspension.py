"""利用停止 of one child's data: requested, decided, lifted. What counts is the last thing recorded, at the moment of an act.

A decided one bars every act on the child from its entry on; a requested one holds what would be published and bars nothing else.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg import Connection

from schemas.errors import RefusedError
from schemas.records.person import Role
from schemas.records.request import PersonFlag
from services.gate.people import Person, require_role
from services.ledger import Entry, append
from services.platform.database import Database

RECORDERS = (Role.DRAFTER, Role.HEARER, Role.ADMIN)


class Suspension(StrEnum):
    """Where a child's suspension stands."""

    REQUESTED = "requested"
    DECIDED = "decided"
    LIFTED = "lifted"


FLAGS = {Suspension.REQUESTED: PersonFlag.SUSPENSION_REQUESTED, Suspension.DECIDED: PersonFlag.SUSPENSION}

_LAST = "SELECT DISTINCT ON (child_id) child_id, state, person FROM gate.suspension WHERE child_id = ANY (%s) ORDER BY child_id, entry DESC"


def suspend(database: Database, child: UUID, state: Suspension, by: Person, *, reason: str) -> bool:
    """Record a step; False where it stands so already. Permits under way are waited for, later ones see it.

    Lifting what was decided widens again: it takes somebody else than who recorded the decision.
    """
    require_role(by, *RECORDERS)
    with database.connect("approvals") as conn:
        conn.execute("SELECT FROM gate.approval FOR UPDATE")  # every permit holds its approval's row
        last = {row[0]: row[1:] for row in conn.execute(_LAST, ([child],))}.get(child)
        if last is not None and last[0] == state:
            return False
        if state is Suspension.LIFTED and last == (Suspension.DECIDED, by.person):
            raise RefusedError([("LIFTED_BY_SAME", "利用停止の決定を記録した者は、自ら解除できません。")])
        said = {"child": str(child), "state": str(state), "person": by.person, "reason": reason}
        entry = append(conn, Entry("person.suspension", detail=said))
        conn.execute(
            "INSERT INTO gate.suspension (child_id, state, person, entry) VALUES (%s, %s, %s, %s)",
            (child, state, by.person, entry),
        )
    return True


def flags_now(conn: Connection[Any], children: Iterable[UUID | None]) -> dict[UUID | None, frozenset[PersonFlag]]:
    """The flags of those children that have any."""
    asked = [child for child in children if child is not None]
    rows = conn.execute(_LAST, (asked,)).fetchall() if asked else []
    return {row[0]: frozenset({FLAGS[Suspension(row[1])]}) for row in rows if row[1] in FLAGS}
