"""利用停止 of one child's data: requested, decided, lifted, each step signed. What counts is how it stands at the moment of an act.

A decided one bars every act on the child from its entry on; a requested one holds what would be published and bars nothing else.
"""

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import rfc8785
from psycopg import Connection

from schemas.errors import RefusedError
from schemas.records.request import PersonFlag
from services.gate.people import Person, require_role
from services.gate.suspended import RECORDERS, Standing, Suspension, standing_of, step_said
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.seal import give_seal

FLAGS = {Suspension.REQUESTED: PersonFlag.SUSPENSION_REQUESTED, Suspension.DECIDED: PersonFlag.SUSPENSION}


def suspend(database: Database, child: UUID, state: Suspension, by: Person, *, reason: str) -> bool:
    """Record a signed step; False where it stands so already. A run or permit under way is waited for, later ones see it.

    Lifting what was decided widens again: it takes somebody else than who recorded the decision.
    """
    require_role(by, *RECORDERS)
    with database.connect("approvals") as conn:
        seal = give_seal(conn, "suspension")  # first, as every sealing act does: seals, approvals, log
        conn.execute("SELECT FROM gate.approval FOR UPDATE")  # every permit holds its approval's row
        if not _moves(standing_of(conn, [child]).get(child), state, by):
            conn.rollback()  # the seal too
            return False
        _record(conn, child, state, seal, by, reason)
    return True


def flags_now(conn: Connection[Any], children: Iterable[UUID | None]) -> dict[UUID | None, frozenset[PersonFlag]]:
    """The flags of those children that have any."""
    asked = [child for child in children if child is not None]
    stands = standing_of(conn, asked) if asked else {}
    return {child: frozenset({FLAGS[each.state]}) for child, each in stands.items() if each.state in FLAGS}


def _moves(now: Standing | None, state: Suspension, by: Person) -> bool:
    """Whether the step changes anything; raises RefusedError where this person may not take it now."""
    if now is None or now.state is Suspension.LIFTED:
        return state is not Suspension.LIFTED
    if state is Suspension.REQUESTED and now.state is Suspension.DECIDED:
        raise RefusedError([("ALREADY_DECIDED", "利用停止は既に決定されています。請求の段階には戻せません。")])
    if state is Suspension.LIFTED and by.person in now.deciders:
        raise RefusedError([("LIFTED_BY_SAME", "利用停止の決定を記録した者は、自ら解除できません。")])
    return state is not now.state


def _record(conn: Connection[Any], child: UUID, state: Suspension, seal: int, by: Person, reason: str) -> None:
    """The entry commits to the child, the reason and the statement; in clear it shows neither."""
    statement = rfc8785.dumps(step_said(child, state, seal, by.person) | {"reason": reason})
    detail = {"child": str(child), "state": str(state), "person": by.person, "reason": reason}
    entry = append(
        conn, Entry("person.suspension", detail=detail | {"statement": hashlib.sha256(statement).hexdigest()})
    )
    conn.execute(
        "INSERT INTO gate.suspension (child_id, state, person, seal, statement, signature, entry)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (child, state, by.person, seal, statement, by.sign(statement), entry),
    )
