"""One person's signed word on one matter, and whether that person could say it.

A row that says more than a registered person signed is not believed where it would let something happen.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from services.gate.registered import Registration, register_now, registered
from services.platform.keyfiles import signature_holds


@dataclass(frozen=True)
class Word:
    """What was signed.

    person:     whose word the row says it is
    statement:  RFC 8785 bytes, which is what was signed
    at:         when the database took it; what a signer says of the time proves nothing
    """

    person: str
    statement: bytes
    signature: bytes
    at: datetime


def people_now(conn: Connection[Any]) -> dict[str, Registration]:
    """Whose registration holds, by staff code; some of them may be revoked."""
    return registered(register_now(conn))


def holds(word: Word, said: Mapping[str, Any], people: Mapping[str, Registration], roles: Collection[str]) -> bool:
    """Whether a person who was registered then, with one of these roles, signed a statement that says at least `said`."""
    person = people.get(word.person)
    if person is None or not person.roles & set(roles) or not person.acts_at(word.at):
        return False
    if not signature_holds(person.public_key, word.statement, word.signature):
        return False
    stated: dict[str, Any] = json.loads(word.statement)  # JSON, for a registered person's signature over it holds
    return said.items() <= stated.items()
