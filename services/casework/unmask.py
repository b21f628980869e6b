"""Lets two persons see for an hour where a child under 支援措置 is, for one office of the record for protected persons.

That record is what the approval names under the act `unmask`. Each person's word is signed and logged by itself; with the second
comes the one decision. The names are read as ever (`show`), where the database asks once more for both words.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import rfc8785
from psycopg import Connection

from schemas.errors import HeldError, UsageError
from schemas.records.unmasking import ASKERS, agreed
from services.casework.access import CLASSES
from services.casework.items import UnknownAlertError
from services.gate import Request, act
from services.gate.beforehand import would_be_permitted
from services.gate.people import Person, require_role
from services.gate.words import Word, holds, people_now
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.lock import exclusive
from services.platform.queries import queries

ITEMS = ("person.address", "person.school", "person.guardian")  # what leads to where a child is
LASTS = timedelta(hours=1)  # as gate.unmasked_now has it


@dataclass(frozen=True)
class Unmasked:
    """A permit to unmask. people: who may look; until: when it ends; entry: index in the log."""

    alert: str
    office: str
    people: tuple[str, ...]
    until: datetime
    entry: int


def unmask(database: Database, alert: str, people: Sequence[Person], *, office: str, reason: str) -> Unmasked:
    """Record that these people agree, and decide once two different persons have, within a day.

    Raises HeldError until then; RefusedError where the approval names no such office or somebody may not agree; UnknownAlertError.
    """
    for person in people:
        require_role(person, *ASKERS)
    if not reason.strip():
        raise UsageError("表示する理由を書いてください。")
    child = _child(database, alert)
    request = Request(
        act="unmask", items=ITEMS, classes=CLASSES, recipient=office, role="caseworker", child=child,
        person=people[-1].person,
    )  # fmt: skip
    would_be_permitted(database, "casework", request)
    with exclusive(database, "unmask"):  # two permits at once would rest on the same words
        for person in people:
            _agree(database, child, office, reason, person)
        with act(database, role="casework", request=request) as permit:
            both = _agreed_by(permit.conn, child, office)
            if len(both) < 2:
                raise HeldError("同意を記録しました。もう一人の同意を一日以内に待っています。")
            decision = permit.record(detail={"alert": alert, "persons": both, "reason": reason})
    return Unmasked(alert, office, tuple(both), database.clock.now() + LASTS, decision.entry)


def _child(database: Database, alert: str) -> UUID:
    with database.connect("casework") as conn:
        row = conn.execute(queries("services.casework")["child"], {"alert": alert}).fetchone()
    if row is None:
        raise UnknownAlertError
    found: UUID = row[0]
    return found


def _agree(database: Database, child: UUID, office: str, reason: str, person: Person) -> None:
    """One person's signed word; given again while it waits, it changes nothing."""
    statement = rfc8785.dumps(agreed(child, office, person.person) | {"reason": reason})
    with database.connect("casework") as conn:
        if person.person in _agreed_by(conn, child, office):
            return
        said = {"child": str(child), "office": office, "person": person.person, "reason": reason}
        detail = said | {"statement": hashlib.sha256(statement).hexdigest()}
        signed = {"statement": statement, "signature": person.sign(statement)}
        entry = append(conn, Entry("case.unmask", detail=detail))
        conn.execute(queries("services.casework")["agree"], said | signed | {"entry": entry})


def _agreed_by(conn: Connection[Any], child: UUID, office: str) -> list[str]:
    """Whose signed word holds and is not used up. The database counts rows alone; `log fsck` names one that nobody signed."""
    rows = conn.execute(queries("services.casework")["agreed"], {"child": child, "office": office}).fetchall()
    people, words = people_now(conn), [Word(*row) for row in rows]
    return sorted({w.person for w in words if holds(w, agreed(child, office, w.person), people, ASKERS)})
