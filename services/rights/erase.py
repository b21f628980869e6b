"""Erases one person whole, asked for by two persons, under a decision of its own; what it cannot find it says.

Each person's word is recorded by itself; with the second, permit, erasure and the entry `erased` commit together. A kill leaves
all of it or nothing, and whoever asks again goes on from there.
"""

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import rfc8785
from psycopg import Connection

from schemas.errors import HeldError
from schemas.records.erasure import ASKERS, Reason, asked
from services.gate import Request, act
from services.gate.beforehand import would_be_permitted
from services.gate.people import Person, require_role
from services.gate.words import Word, holds, people_now
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.lock import exclusive
from services.platform.queries import queries
from services.rights.subject import Number, Subject, find_subject

ITEMS = ("erasure.person",)
CHILD, ANYBODY = ("children_0_18",), ("children_0_18", "household_members", "guardians", "pupils", "expectant_mothers")
# Who else writes about persons: none of it may stand between what is read and what is erased.
ALONE = ("erase", "intake", "linkage", "judge", "publish")
# The same of events, which come all day: the erasure waits for those at work on them, and they for it.
EVENTS = "events"


@dataclass(frozen=True)
class Erasure:
    """What was erased, in rows. Of an erasure that was done before only the entry is known.

    entry:     index of the entry `erased`
    already:   it was done before; nothing was changed now
    details:   entries whose detail and salt are gone
    unlinked:  rows about others that have lost their link to the person
    """

    entry: int
    already: bool
    facts: int = 0
    unlinked: int = 0
    judgements: int = 0
    alerts: int = 0
    refusals: int = 0
    details: int = 0

    def json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return asdict(self)


def erase(database: Database, who: UUID | Number, *, reason: Reason, people: Sequence[Person]) -> Erasure:
    """Record that these people ask for the erasure, and carry it out once two different persons have asked.

    Raises HeldError until then, RefusedError where no approval covers erasing today or somebody may not ask, UnknownPersonError.
    """
    for person in people:
        require_role(person, *ASKERS)
    with database.connect("rights") as conn:
        subject = find_subject(conn, who)
    if subject.gone is not None:
        return Erasure(subject.gone, already=True)
    request = _request(subject, people[-1])
    would_be_permitted(database, "rights", request)  # nobody is made to ask for what would be refused
    for person in people:
        _ask(database, subject, reason, person)
    with ExitStack() as locks:
        for name in ALONE:
            locks.enter_context(exclusive(database, name))
        locks.enter_context(exclusive(database, EVENTS, wait=True))
        return _carry_out(database, who, reason, request)


def _request(subject: Subject, person: Person) -> Request:
    """The decision names no child: it outlives everything else that is known of the person."""
    classes = ANYBODY if subject.child is None else CHILD
    return Request(act="erase", items=ITEMS, classes=classes, role="rights", person=person.person)


def _ask(database: Database, subject: Subject, reason: Reason, person: Person) -> None:
    """Record one person's signed word; a second time changes nothing."""
    said = asked(subject.handle, reason, person.person)
    statement = rfc8785.dumps(said)
    with database.connect("rights") as conn:
        if person.person in _asked_by(conn, subject, reason):
            return
        detail = said | {"statement": hashlib.sha256(statement).hexdigest()}
        entry = append(conn, Entry("erase.request", detail=detail))
        signed = {"statement": statement, "signature": person.sign(statement), "entry": entry}
        conn.execute(queries("services.rights")["ask"], said | {"subject": subject.handle} | signed)


def _asked_by(conn: Connection[Any], subject: Subject, reason: Reason) -> list[str]:
    """Whose signed word holds. The database's own check counts rows alone; `log fsck` names one that nobody signed."""
    rows = conn.execute(
        queries("services.rights")["asked_by"], {"subject": subject.handle, "reason": reason}
    ).fetchall()
    people = people_now(conn)
    words = [Word(*row) for row in rows]
    return sorted({w.person for w in words if holds(w, asked(subject.handle, reason, w.person), people, ASKERS)})


def _carry_out(database: Database, who: UUID | Number, reason: Reason, request: Request) -> Erasure:
    with database.connect("rights") as conn:
        subject = find_subject(conn, who)  # as it is under the locks
        people = _asked_by(conn, subject, reason)
    if subject.gone is not None:
        return Erasure(subject.gone, already=True)
    if len(people) < 2:
        raise HeldError("消去の求めを記録しました。もう一人の求めを待っています。")
    with act(database, role="rights", request=request) as permit:
        detail = {"subject": subject.handle.hex(), "reason": str(reason), "persons": people}
        decision = permit.record(detail=detail)
        erased = {"permit": decision.id, "child": subject.child, "key": subject.key, "reason": reason}
        row = permit.conn.execute(queries("services.rights")["erase"], erased).fetchone()
        assert row is not None
    return Erasure(already=False, **row[0])
