"""The register of persons: who they are to the service (a staff code and a public key) and which roles they hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection
from pydantic import ValidationError

from schemas.errors import RefusedError, UsageError
from schemas.records.person import PersonRecord, Role
from services.gate.registered import register_now, registered, registration
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.keyfiles import load_key, public_bytes

REGISTER_LOCK = 0x70657273_6F6E7300  # "persons" in ASCII: two first persons at once would both become admin


@dataclass(frozen=True)
class Member:
    """Somebody of the register.

    person:  staff code
    roles:   as registered when the key was shown, or the page was asked for
    """

    person: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Person(Member):
    """Somebody of the register whose key is at hand."""

    key: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return self.key.sign(message)


def authenticate(database: Database, keyfile: Path) -> Person:
    """Find the person whose private key this file holds; unknown and revoked keys are refused.

    A row of the register that no admin signed for is unknown: whoever holds a service's password could have written it.
    """
    key = load_key(keyfile)
    with database.connect("approvals") as conn:
        known = {row.public_key: row for row in registered(register_now(conn)).values()}
    row = known.get(public_bytes(key))
    if row is None:
        raise _refused("PERSON_UNKNOWN", "この鍵の持ち主は登録されていません。管理者に登録を依頼してください。")
    if row.revoked_at is not None:
        raise _refused("PERSON_REVOKED", "この鍵の登録は取り消されています。")
    return Person(person=row.person, roles=frozenset(Role(role) for role in row.roles), key=key)


def require_role(person: Member, *roles: Role) -> None:
    """Refuse a person who holds none of `roles`."""
    if not person.roles & set(roles):
        raise _refused("ROLE_NOT_HELD", f"この行為には役割（{'・'.join(roles)}）のいずれかが必要です。")


def roles_now(conn: Connection[Any], person: str) -> frozenset[str]:
    """The roles that somebody holds at this moment; empty for whom no admin signed for, and who was revoked."""
    row = registered(register_now(conn)).get(person)
    return frozenset() if row is None or row.revoked_at is not None else row.roles


def add_person(
    database: Database, person_id: str, public_key: bytes, roles: Iterable[Role], by: Person | None
) -> PersonRecord:
    """Register a person; the same person with the same key and roles again changes nothing.

    public_key:  raw Ed25519 key, 32 bytes
    by:          an admin; None only for the first person of an empty register, who has to be an admin
    """
    if by is not None:
        require_role(by, Role.ADMIN)
    with database.connect("approvals") as conn:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (REGISTER_LOCK,))
        record = _record(database, person_id, public_key, roles)
        known = _known(conn, record)
        if known is not None:
            return known
        if by is None:
            _may_be_first(conn, record)
        record = record.model_copy(update={"added_at": _insert(conn, record, by)})
        detail = {"person": record.person, "roles": sorted(record.roles), "public_key": record.public_key}
        append(conn, Entry(kind="person.add", detail=detail | {"by": None if by is None else by.person}))
    return record


def list_persons(database: Database) -> list[PersonRecord]:
    """Everybody ever registered, in the order of registration."""
    with database.connect("approvals") as conn:
        rows = conn.execute(f"{_SELECT} ORDER BY added_at, person").fetchall()
    return [_from_row(row) for row in rows]


def revoke_person(database: Database, person_id: str, by: Person) -> PersonRecord:
    """Revoke a person at once; a second time changes nothing. The last admin stays, or nobody could register anyone."""
    require_role(by, Role.ADMIN)
    with database.connect("approvals") as conn:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (REGISTER_LOCK,))
        row = conn.execute(f"{_SELECT} WHERE person = %s", (person_id,)).fetchone()
        if row is None:
            raise UsageError("その職員コードは登録されていません。person list で確かめてください。")
        record = _from_row(row)
        if record.revoked_at is not None:
            return record
        _leaves_an_admin(conn, record)
        conn.execute("SELECT FROM gate.approval FOR UPDATE")  # every permit holds its approval's row: none comes later
        conn.execute(
            "UPDATE gate.person SET revoked_at = platform.now(), revoked_by = %s WHERE person = %s",
            (by.person, record.person),
        )
        append(conn, Entry(kind="person.revoke", detail={"person": record.person, "by": by.person}))
        row = conn.execute(f"{_SELECT} WHERE person = %s", (person_id,)).fetchone()
    assert row is not None
    return _from_row(row)


_SELECT = "SELECT person, encode(public_key, 'hex'), roles, added_at, revoked_at FROM gate.person"


def _from_row(row: tuple[Any, ...]) -> PersonRecord:
    return PersonRecord(person=row[0], public_key=row[1], roles=frozenset(row[2]), added_at=row[3], revoked_at=row[4])


def _record(database: Database, person_id: str, public_key: bytes, roles: Iterable[Role]) -> PersonRecord:
    try:
        return PersonRecord(
            person=person_id, public_key=public_key.hex(), roles=frozenset(roles), added_at=database.clock.now()
        )
    except ValidationError as error:
        fields = "、".join(sorted({str(problem["loc"][0]) for problem in error.errors()}))
        raise UsageError(
            f"登録の内容に誤りがあります: {fields}。職員コードは氏名ではなく、英小文字・数字・-・_ の40字以内とし、役割を一つ以上選んでください。"
        ) from error


def _known(conn: Connection[Any], record: PersonRecord) -> PersonRecord | None:
    """The row that says just this already; a staff code or a key that is taken by another registration is refused."""
    rows = conn.execute(
        f"{_SELECT} WHERE person = %s OR public_key = decode(%s, 'hex')", (record.person, record.public_key)
    ).fetchall()
    if not rows:
        return None
    found = _from_row(rows[0])
    same = (found.person, found.public_key, found.roles) == (record.person, record.public_key, record.roles)
    if same and found.revoked_at is None:
        return found
    raise UsageError("その職員コードまたは鍵は既に登録されています。新しい職員コードと新しい鍵で登録してください。")


def _may_be_first(conn: Connection[Any], record: PersonRecord) -> None:
    if conn.execute("SELECT FROM gate.person LIMIT 1").fetchone() is not None:
        raise UsageError("登録簿は空ではありません。管理者の鍵を --as で示してください。")
    if Role.ADMIN not in record.roles:
        raise UsageError("最初に登録する職員には役割 admin が必要です。")


def _leaves_an_admin(conn: Connection[Any], record: PersonRecord) -> None:
    others = conn.execute(
        "SELECT FROM gate.person WHERE 'admin' = ANY (roles) AND revoked_at IS NULL AND person <> %s LIMIT 1",
        (record.person,),
    ).fetchone()
    if Role.ADMIN in record.roles and others is None:
        raise UsageError("最後の管理者は取り消せません。先に別の管理者を登録してください。")


def _insert(conn: Connection[Any], record: PersonRecord, by: Person | None) -> datetime:
    """Write the row, signed by the admin, and return when the database took it."""
    key, roles = bytes.fromhex(record.public_key), sorted(record.roles)
    signature = None if by is None else by.sign(registration(record.person, key, roles, by.person))
    row = conn.execute(
        "INSERT INTO gate.person (person, public_key, roles, added_by, signature) VALUES (%s, %s, %s, %s, %s)"
        " RETURNING added_at",
        (record.person, key, roles, None if by is None else by.person, signature),
    ).fetchone()
    assert row is not None
    added_at: datetime = row[0]
    return added_at


def _refused(code: str, text: str) -> RefusedError:
    return RefusedError([(code, text)])
