"""Who counts as registered: a chain of admins' signatures from the first person of the register to each other one.

The register's rows alone prove nothing, for the role that keeps them could write any; the first person is unsigned, and no
second such row can be written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from psycopg import Connection

from schemas.records.person import Role
from services.platform.keyfiles import signature_holds


@dataclass(frozen=True)
class Registration:
    """One row of the register.

    public_key:  raw Ed25519 key, 32 bytes
    signature:   of the admin `added_by` over `registration`; both None for the first person alone
    revoked_at:  None where the key still opens something
    """

    person: str
    public_key: bytes
    roles: frozenset[str]
    added_at: datetime
    added_by: str | None
    signature: bytes | None
    revoked_at: datetime | None

    def acts_at(self, moment: datetime) -> bool:
        """Whether the registration was not yet revoked at that moment, which counts as before."""
        return self.revoked_at is None or moment <= self.revoked_at


def registration(person: str, public_key: bytes, roles: Iterable[str], by: str) -> bytes:
    """What an admin signs who registers a person (RFC 8785)."""
    return rfc8785.dumps(
        {"what": "person.add", "person": person, "public_key": public_key.hex(), "roles": sorted(roles), "by": by}
    )


def register_now(conn: Connection[Any]) -> tuple[Registration, ...]:
    """Every row of the register, in the order in which persons were added."""
    rows = conn.execute(
        "SELECT person, public_key, roles, added_at, added_by, signature, revoked_at FROM gate.person"
        " ORDER BY added_at, added_by IS NOT NULL, person"
    ).fetchall()
    return tuple(Registration(row[0], row[1], frozenset(row[2]), *row[3:]) for row in rows)


def registered(rows: Iterable[Registration]) -> dict[str, Registration]:
    """Those whose registration holds, by staff code: the first, and whom a registered admin signed for."""
    pending = list(rows)
    found = {row.person: row for row in pending if row.added_by is None}
    while grown := [row for row in pending if row.person not in found and _signed_for(row, found)]:
        found |= {row.person: row for row in grown}
    return found


def _signed_for(row: Registration, known: dict[str, Registration]) -> bool:
    admin = None if row.added_by is None else known.get(row.added_by)
    if admin is None or row.signature is None or Role.ADMIN not in admin.roles or not admin.acts_at(row.added_at):
        return False
    said = registration(row.person, row.public_key, row.roles, admin.person)
    return signature_holds(admin.public_key, said, row.signature)
