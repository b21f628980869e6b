"""The password of the role that keeps approvals brings nothing into force: what stands is what registered persons signed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection, errors
from psycopg.types.json import Jsonb

from models.legality.view import ApprovalView
from schemas.errors import RefusedError
from schemas.records.approval import ApprovalFile, read_approval
from services.approvals.demo import DOCUMENTS
from services.approvals.main import amend, draft, hear, narrow, read_opinion, revoke, submit
from services.approvals.register import list_approvals
from services.approvals.store import row_of
from services.gate import Request, act, standing
from services.gate.people import revoke_person
from services.gate.standing import approvals_now
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.keyfiles import public_bytes
from services.platform.queries import queries
from tests.factories_casework import person

COLLECT = Request(act="collect", items=("resident.birth", "resident.sex"), classes=("children_0_18",))
SQL = queries("services.approvals")
OpenAt = Callable[[str], Database]


def _collect(database: Database) -> None:
    with act(database, role="intake", request=COLLECT) as permit:
        permit.record()


def _codes(database: Database) -> set[str]:
    """The conditions for which the act is refused; it must be."""
    with pytest.raises(RefusedError) as refused:
        _collect(database)
    return {code for code, _ in refused.value.conditions}


def _view(database: Database, approval: str, version: int = 1) -> ApprovalView:
    with database.connect("gate") as conn:
        found = {(view.document.id, view.document.version): view for view in approvals_now(conn)}
    return found[approval, version]


class Forger:
    """Somebody with the password of the role `approvals` and no registered person's key."""

    def __init__(self, conn: Connection[Any], keys: dict[str, Ed25519PrivateKey] | None = None) -> None:
        self.conn = conn
        self.keys = keys or {}

    def run(self, query: str, **values: Any) -> None:
        self.conn.execute(SQL[query], values)

    def event(self, file: ApprovalFile, what: str, person: str, **more: Any) -> None:
        """Write an event as the service would, with whatever key is at hand."""
        document = file.approval
        said: dict[str, Any] = {
            "what": what,
            "approval": document.id,
            "version": document.version,
            "hash": file.digest.hex(),
        }
        statement = rfc8785.dumps(said | {"person": person, "at": "2026-09-01T09:00:00+09:00"} | more)
        key = self.keys.get(person)
        entry = append(self.conn, Entry(kind=f"approval.{what}", clear={"approval": file.digest.hex()}))
        self.run(
            "insert_event", approval=document.id, version=document.version, what=what, person=person,
            statement=statement, signature=b"\0" * 64 if key is None else key.sign(statement), entry=entry,
        )  # fmt: skip

    def bring_into_force(self, file: ApprovalFile, *, drafter: str = "drafter", hearer: str = "hearer") -> None:
        """Every row that a true approval has, in the order of its steps."""
        document = file.approval
        key = {"approval": document.id, "version": document.version}
        assert file.council is not None
        council = json.loads(file.council.model_dump_json()) | {"subjects": sorted(file.council.subjects)}
        self.run("insert_approval", **row_of(file), drafted_by=drafter)
        for (office, role, what), items in document.received.items():
            self.run("insert_recipient", **key, office=office, role=role, act=what, items=sorted(items))
        self.event(file, "draft", drafter)
        self.run("submit", **key, person=drafter)
        self.event(file, "submit", drafter)
        self.run(
            "hear", **key, state="in_force", opinion="favourable", opinion_on=file.council.opinion_on,
            council=Jsonb(council), clause_from="2023-04-01", clause_to=None, person=hearer,
        )  # fmt: skip
        self.event(file, "hear", hearer, council=council)


def _forged() -> ApprovalFile:
    text = (DOCUMENTS / "approval-2.toml").read_text("utf-8")
    return read_approval(text.replace('id = "approval-2"', 'id = "forged"'))


def _no_other(database: Database) -> None:
    revoke(database, "approval-2", person(database, "drafter"), reason="試験")


def test_what_two_persons_signed_stands(city_at_work: Database) -> None:
    assert _view(city_at_work, "approval-2").signed
    _collect(city_at_work)


def test_a_forged_approval_lets_nothing_happen_and_is_named(city_at_work: Database) -> None:
    _no_other(city_at_work)
    with city_at_work.connect("approvals") as conn:
        Forger(conn).bring_into_force(_forged())
    assert _codes(city_at_work) == {"APPROVAL_SIGNATURE"}
    with city_at_work.connect("auditor") as conn:
        row = conn.execute("SELECT approval, failed FROM gate.decision ORDER BY entry DESC LIMIT 1").fetchone()
    assert row == ("forged", ["APPROVAL_SIGNATURE"])
    assert "署名不一致（効力なし）" in {each.label for each in list_approvals(city_at_work)}


def test_a_forged_approval_shadows_no_true_one(city_at_work: Database) -> None:
    with city_at_work.connect("approvals") as conn:
        Forger(conn).bring_into_force(_forged())
    _collect(city_at_work)


def test_one_persons_key_is_not_enough(city_at_work: Database) -> None:
    _no_other(city_at_work)
    with city_at_work.connect("approvals") as conn:
        Forger(conn, {"drafter": person(city_at_work, "drafter").key}).bring_into_force(_forged())
    assert _codes(city_at_work) == {"APPROVAL_SIGNATURE"}


def test_both_keys_bring_it_into_force(city_at_work: Database) -> None:
    """The forger of these tests does all that the service does: it fails for the signatures alone."""
    _no_other(city_at_work)
    keys = {name: person(city_at_work, name).key for name in ("drafter", "hearer")}
    with city_at_work.connect("approvals") as conn:
        Forger(conn, keys).bring_into_force(_forged())
    _collect(city_at_work)


def test_persons_whom_no_admin_signed_for_sign_nothing(city_at_work: Database) -> None:
    _no_other(city_at_work)
    keys = {name: Ed25519PrivateKey.generate() for name in ("made-up-1", "made-up-2")}
    with city_at_work.connect("approvals") as conn:
        for name, key in keys.items():
            conn.execute(
                "INSERT INTO gate.person (person, public_key, roles, added_by, signature) VALUES (%s, %s, %s, 'admin', %s)",
                (name, public_bytes(key), ["drafter", "hearer"], b"\0" * 64),
            )
        Forger(conn, keys).bring_into_force(_forged(), drafter="made-up-1", hearer="made-up-2")
    assert _codes(city_at_work) == {"APPROVAL_SIGNATURE"}


def test_no_second_first_person_is_written(city_at_work: Database) -> None:
    with pytest.raises(errors.UniqueViolation), city_at_work.connect("approvals") as conn:
        conn.execute(
            "INSERT INTO gate.person (person, public_key, roles) VALUES ('x', %s, ARRAY['admin'])", (b"x" * 32,)
        )


def test_a_drafter_who_holds_no_other_role_does_not_hear(city_at_work: Database) -> None:
    _no_other(city_at_work)
    keys = {name: person(city_at_work, name).key for name in ("drafter", "caseworker")}
    with city_at_work.connect("approvals") as conn:
        Forger(conn, keys).bring_into_force(_forged(), hearer="caseworker")
    assert _codes(city_at_work) == {"APPROVAL_SIGNATURE"}


def test_the_key_of_a_revoked_person_signs_nothing_later(city_at_work: Database, open_at: OpenAt) -> None:
    _no_other(city_at_work)
    keys = {name: person(city_at_work, name).key for name in ("drafter", "hearer")}
    revoke_person(city_at_work, "hearer", person(city_at_work, "admin"))
    tomorrow = open_at("2026-09-02T09:00+09:00")
    with tomorrow.connect("approvals") as conn:
        Forger(conn, keys).bring_into_force(_forged())
    assert _codes(tomorrow) == {"APPROVAL_SIGNATURE"}


def test_what_a_person_signed_before_being_revoked_still_stands(city_at_work: Database, open_at: OpenAt) -> None:
    revoke_person(city_at_work, "hearer", person(city_at_work, "admin"))
    _collect(open_at("2026-09-02T09:00+09:00"))


@pytest.mark.parametrize("set_", ["revoked_at = NULL, revoked_by = NULL", "revoked_at = '2099-01-01'"])
def test_a_revoked_person_never_comes_back(city_at_work: Database, set_: str) -> None:
    revoke_person(city_at_work, "hearer", person(city_at_work, "admin"))
    with pytest.raises(errors.RaiseException), city_at_work.connect("approvals") as conn:
        conn.execute(f"UPDATE gate.person SET {set_} WHERE person = 'hearer'".encode())


def test_a_submitted_version_moved_on_by_hand_is_not_in_force(city_at_work: Database, tmp_path: Path) -> None:
    _no_other(city_at_work)
    path = tmp_path / "new.toml"
    path.write_text(_forged().text, "utf-8")
    drafter = person(city_at_work, "drafter")
    draft(city_at_work, path, drafter)
    submit(city_at_work, "forged", drafter)
    with city_at_work.connect("approvals") as conn:
        conn.execute(
            "UPDATE gate.approval SET state = 'in_force', opinion = 'favourable', opinion_on = '2026-01-01',"
            " council = (SELECT council FROM gate.approval WHERE approval = 'approval-2'),"
            " clause_from = '2023-04-01', heard_by = 'hearer' WHERE approval = 'forged'"
        )
    assert _codes(city_at_work) == {"APPROVAL_SIGNATURE"}


def test_a_council_that_answered_otherwise_is_seen(city_at_work: Database) -> None:
    with city_at_work.admin() as conn:
        conn.execute("ALTER TABLE gate.approval DISABLE TRIGGER USER")
        conn.execute('UPDATE gate.approval SET council = council || \'{"meeting": "別の会議"}\'')
    assert _codes(city_at_work) == {"APPROVAL_SIGNATURE"}


@pytest.mark.parametrize(
    "altered",
    [
        "statement = convert_to(replace(convert_from(statement, 'UTF8'), '\"drafter\"', '\"hearer\"'), 'UTF8')",
        "signature = sha256('a') || sha256('b')",
        "person = 'admin'",
        "version = 1, approval = 'approval-1'",
    ],
)
def test_an_altered_event_shuts_its_approval(city_at_work: Database, altered: str) -> None:
    with city_at_work.admin() as conn:
        conn.execute(
            f"UPDATE gate.approval_event SET {altered} WHERE approval = 'approval-2' AND what = 'submit'".encode()
        )
    assert "APPROVAL_SIGNATURE" in _codes(city_at_work)


def test_a_deleted_revocation_does_not_bring_it_back(city_at_work: Database) -> None:
    _no_other(city_at_work)
    with city_at_work.admin() as conn:
        conn.execute("DELETE FROM gate.approval_event WHERE what = 'revoke'")
    assert {"APPROVAL_SIGNATURE", "APPROVAL_NOT_IN_FORCE"} <= _codes(city_at_work)


def test_a_narrower_version_stands_on_one_signature(city_at_work: Database, tmp_path: Path) -> None:
    path = _version_two(tmp_path, (' "person.school",', ""))
    narrow(city_at_work, path, person(city_at_work, "hearer"), reason="学校名は要らない")
    assert _view(city_at_work, "approval-2", 2).signed
    assert _view(city_at_work, "approval-2", 1).signed
    _collect(city_at_work)


def test_one_signature_does_not_widen(city_at_work: Database, tmp_path: Path) -> None:
    """The forger holds one true key and the database's password: the service's own check is out of the way."""
    hearer = person(city_at_work, "hearer")
    file = read_approval(
        _version_two(tmp_path, ("period_to = 2031-03-31", "period_to = 2032-03-31")).read_text("utf-8")
    )
    with city_at_work.connect("approvals") as conn:
        forger = Forger(conn, {"hearer": hearer.key})
        forger.run("insert_approval", **row_of(file), drafted_by="drafter")
        for (office, role, what), items in file.approval.received.items():
            forger.run(
                "insert_recipient",
                approval="approval-2",
                version=2,
                office=office,
                role=role,
                act=what,
                items=sorted(items),
            )
        forger.run("supersede", approval="approval-2")
        forger.run("submit", approval="approval-2", version=2, person="drafter")
        forger.run("carry_over", approval="approval-2", version=2, before=1)
        before = read_approval((DOCUMENTS / "approval-2.toml").read_text("utf-8")).digest.hex()
        forger.event(file, "narrow", "hearer", before=before, reason="縮小")
    assert _codes(city_at_work) == {"APPROVAL_SIGNATURE"}


def test_no_further_step_is_taken_on_what_was_not_signed(city_at_work: Database) -> None:
    drafter = person(city_at_work, "drafter")
    file = _forged()
    with city_at_work.connect("approvals") as conn:
        Forger(conn).run("insert_approval", **row_of(file), drafted_by="drafter")
    with pytest.raises(RefusedError) as refused:
        submit(city_at_work, "forged", drafter)
    assert refused.value.conditions[0][0] == "APPROVAL_SIGNATURE"
    assert {each.state for each in revoke(city_at_work, "forged", drafter, reason="偽造")} == {"revoked"}


def test_the_same_rows_are_verified_once(city_at_work: Database) -> None:
    _view(city_at_work, "approval-2")
    before = standing._views.cache_info()
    for _ in range(3):
        _view(city_at_work, "approval-2")
    after = standing._views.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (3, 0)


def test_an_amendment_by_two_replaces_what_stood(city_at_work: Database, tmp_path: Path) -> None:
    path = _version_two(tmp_path, ("period_to = 2031-03-31", "period_to = 2032-03-31"))
    amend(city_at_work, path, person(city_at_work, "drafter"))
    submit(city_at_work, "approval-2", person(city_at_work, "drafter"))
    council = read_opinion(DOCUMENTS / "approval-2.toml").model_copy(update={"document_sha256": "ab" * 32})
    hear(city_at_work, "approval-2", council, person(city_at_work, "hearer"))
    assert _view(city_at_work, "approval-2", 1).signed
    assert _view(city_at_work, "approval-2", 2).signed
    _collect(city_at_work)


def _version_two(folder: Path, *changes: tuple[str, str]) -> Path:
    text = (DOCUMENTS / "approval-2.toml").read_text("utf-8").replace("version = 1", "version = 2")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "version-2.toml"
    path.write_text(text, "utf-8")
    return path
