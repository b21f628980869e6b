"""The register of persons: who may add whom, whose key opens what, and what every change leaves in the log."""

import json
from pathlib import Path

import pytest
from psycopg import errors

from schemas.errors import RefusedError, UsageError
from schemas.records.person import Role
from services.gate.people import Person, add_person, authenticate, list_persons, require_role, revoke_person
from services.platform.database import Database
from services.platform.keyfiles import KeyFileError, create_key, public_bytes, read_public_key, signature_holds


def _key(folder: Path, name: str) -> tuple[Path, bytes]:
    keyfile = folder / f"{name}.pem"
    return keyfile, public_bytes(create_key(keyfile))


def _admin(database: Database, folder: Path) -> Person:
    keyfile, public_key = _key(folder, "admin")
    add_person(database, "admin", public_key, [Role.ADMIN], None)
    return authenticate(database, keyfile)


def _entries(database: Database) -> list[dict[str, object]]:
    with database.connect("auditor") as conn:
        rows = conn.execute("SELECT convert_from(leaf, 'UTF8') FROM ledger.entry ORDER BY index").fetchall()
    return [json.loads(leaf) for (leaf,) in rows]


def test_the_first_person_becomes_admin_without_a_key_and_is_logged(database: Database, tmp_path: Path) -> None:
    admin = _admin(database, tmp_path)
    assert (admin.person, set(admin.roles)) == ("admin", {Role.ADMIN})
    assert [(entry["kind"], entry["role"]) for entry in _entries(database)] == [("person.add", "approvals")]
    assert "admin" not in json.dumps(_entries(database))


def test_the_first_person_has_to_be_an_admin(database: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="admin"):
        add_person(database, "drafter", _key(tmp_path, "drafter")[1], [Role.DRAFTER], None)
    assert list_persons(database) == []
    assert _entries(database) == []


def test_nobody_is_added_without_an_admin_once_there_is_one(database: Database, tmp_path: Path) -> None:
    admin = _admin(database, tmp_path)
    keyfile, public_key = _key(tmp_path, "drafter")
    with pytest.raises(UsageError, match="--as"):
        add_person(database, "drafter", public_key, [Role.DRAFTER], None)
    add_person(database, "drafter", public_key, [Role.DRAFTER], admin)
    drafter = authenticate(database, keyfile)
    with pytest.raises(RefusedError) as refused:
        add_person(database, "friend", _key(tmp_path, "friend")[1], [Role.ADMIN], drafter)
    assert refused.value.conditions[0][0] == "ROLE_NOT_HELD"
    assert [record.person for record in list_persons(database)] == ["admin", "drafter"]


def test_the_same_registration_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    admin = _admin(database, tmp_path)
    public_key = _key(tmp_path, "hearer")[1]
    first = add_person(database, "hearer", public_key, [Role.HEARER], admin)
    assert add_person(database, "hearer", public_key, [Role.HEARER], admin) == first
    assert len(_entries(database)) == 2


@pytest.mark.parametrize("person", ["hearer", "other"])
def test_a_staff_code_or_a_key_that_is_taken_is_refused(database: Database, tmp_path: Path, person: str) -> None:
    admin = _admin(database, tmp_path)
    taken = _key(tmp_path, "hearer")[1]
    add_person(database, "hearer", taken, [Role.HEARER], admin)
    public_key = _key(tmp_path, "new")[1] if person == "hearer" else taken
    with pytest.raises(UsageError, match="既に登録"):
        add_person(database, person, public_key, [Role.HEARER, Role.ADMIN], admin)


@pytest.mark.parametrize("person", ["見守 花子", "", "A", "x" * 41])
def test_a_name_is_no_staff_code_and_does_not_come_back_in_the_message(
    database: Database, tmp_path: Path, person: str
) -> None:
    admin = _admin(database, tmp_path)
    with pytest.raises(UsageError) as wrong:
        add_person(database, person, _key(tmp_path, "x")[1], [Role.CASEWORKER], admin)
    assert "花子" not in str(wrong.value)


def test_a_revoked_key_opens_nothing(database: Database, tmp_path: Path) -> None:
    admin = _admin(database, tmp_path)
    keyfile, public_key = _key(tmp_path, "caseworker")
    add_person(database, "caseworker", public_key, [Role.CASEWORKER], admin)
    revoked = revoke_person(database, "caseworker", admin)
    assert revoked.revoked_at == database.clock.now()
    assert revoke_person(database, "caseworker", admin) == revoked
    with pytest.raises(RefusedError) as refused:
        authenticate(database, keyfile)
    assert refused.value.conditions[0][0] == "PERSON_REVOKED"
    assert [entry["kind"] for entry in _entries(database)] == ["person.add", "person.add", "person.revoke"]


def test_the_last_admin_stays(database: Database, tmp_path: Path) -> None:
    admin = _admin(database, tmp_path)
    with pytest.raises(UsageError, match="最後の管理者"):
        revoke_person(database, "admin", admin)
    add_person(database, "second", _key(tmp_path, "second")[1], [Role.ADMIN], admin)
    assert revoke_person(database, "admin", admin).revoked_at is not None


def test_a_key_that_nobody_registered_is_refused(database: Database, tmp_path: Path) -> None:
    _admin(database, tmp_path)
    with pytest.raises(RefusedError) as refused:
        authenticate(database, _key(tmp_path, "stranger")[0])
    assert refused.value.conditions[0][0] == "PERSON_UNKNOWN"


def test_a_key_that_no_admin_signed_for_opens_nothing(database: Database, tmp_path: Path) -> None:
    """The register's own role writes the row and its entry, and has the key."""
    _admin(database, tmp_path)
    keyfile, public_key = _key(tmp_path, "friend")
    with database.connect("approvals") as conn:
        conn.execute(
            "INSERT INTO gate.person (person, public_key, roles, added_by, signature)"
            " VALUES ('friend', %s, '{admin}', 'admin', sha512(''))",
            (public_key,),
        )
        conn.execute("SELECT ledger.append('person.add', '{}', '{\"person\": \"friend\"}')")
    with pytest.raises(RefusedError) as refused:
        authenticate(database, keyfile)
    assert refused.value.conditions[0][0] == "PERSON_UNKNOWN"


def test_a_role_that_is_not_held_is_refused(database: Database, tmp_path: Path) -> None:
    admin = _admin(database, tmp_path)
    require_role(admin, Role.HEARER, Role.ADMIN)
    with pytest.raises(RefusedError) as refused:
        require_role(admin, Role.CASEWORKER)
    assert refused.value.exit_code == 3


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    keyfile, public_key = _key(tmp_path / "people", "admin")
    assert keyfile.stat().st_mode & 0o777 == 0o600
    assert _key(tmp_path / "people", "admin")[1] == public_key == read_public_key(keyfile)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keyfile = _key(tmp_path, "admin")[0]
    keyfile.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        create_key(keyfile)


@pytest.mark.parametrize("content", [b"", b"not a key", b"\x00" * 20_000])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    keyfile = tmp_path / "key.pem"
    keyfile.write_bytes(content)
    keyfile.chmod(0o600)
    with pytest.raises(KeyFileError):
        create_key(keyfile)
    with pytest.raises(KeyFileError):
        read_public_key(keyfile)


def test_a_missing_key_file_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="開けません"):
        authenticate(database, tmp_path / "nobody.pem")


def test_a_signature_holds_for_its_message_and_key_alone(tmp_path: Path) -> None:
    key = create_key(tmp_path / "a.pem")
    other = _key(tmp_path, "b")[1]
    signature = key.sign(b"said")
    assert signature_holds(public_bytes(key), b"said", signature)
    assert not signature_holds(public_bytes(key), b"unsaid", signature)
    assert not signature_holds(other, b"said", signature)


@pytest.mark.parametrize("role", ["intake", "publisher", "casework", "gate", "auditor"])
def test_no_other_service_writes_the_register(database: Database, role: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege), database.connect(role) as conn:
        conn.execute(
            "INSERT INTO gate.person (person, public_key, roles) VALUES ('x', %s, ARRAY['admin'])", (b"x" * 32,)
        )
