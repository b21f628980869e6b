"""Promise 2: every decision is logged, with its final bytes and an index without gaps, before it has an effect."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from psycopg import errors
from psycopg.types.json import Jsonb

from schemas.errors import MimamoriError, RefusedError
from services.approvals.demo import set_up_demo
from services.approvals.main import revoke
from services.gate import Request, act
from services.gate.people import authenticate
from services.ledger import Entry, append
from services.platform.database import Database

CLEAR = {"v", "index", "day", "commitment", "kind", "act", "role", "clause", "approval", "items", "recipient", "decision",
         "rules", "code", "root", "emergency"}  # fmt: skip
LINK = Request(act="link", items=("resident.atena_no",), classes=("children_0_18",))


@pytest.fixture
def city(database: Database) -> Database:
    """The demo's persons and approvals."""
    set_up_demo(database)
    return database


def entries(database: Database) -> list[dict[str, Any]]:
    with database.connect("auditor") as conn:
        return [json.loads(bytes(leaf)) for (leaf,) in conn.execute("SELECT leaf FROM ledger.entry ORDER BY index")]


def test_a_permit_commits_with_its_act_and_says_what_was_decided(city: Database) -> None:
    before = len(entries(city))
    with act(city, role="linkage", request=LINK) as permit:
        permit.record(count=3)
    entry = entries(city)[before]
    assert (entry["act"], entry["decision"], entry["role"], entry["items"]) == (
        "link",
        "permit",
        "linkage",
        ["resident.atena_no"],
    )
    assert len(entries(city)) == before + 1


def test_an_act_that_is_not_recorded_is_undone(city: Database) -> None:
    before = len(entries(city))
    with pytest.raises(MimamoriError, match="記録されなかった"), act(city, role="linkage", request=LINK) as permit:
        permit.conn.execute("SELECT platform.give_seal('link')")
    with city.connect("auditor") as conn:
        assert conn.execute("SELECT count(*) FROM platform.seal WHERE kind = 'link'").fetchall() == [(0,)]
    assert len(entries(city)) == before


def test_an_error_after_a_permit_is_logged_as_a_refusal(city: Database) -> None:
    before = len(entries(city))
    with pytest.raises(ZeroDivisionError), act(city, role="linkage", request=LINK) as permit:
        permit.record()
        raise ZeroDivisionError
    assert [entry["decision"] for entry in entries(city)[before:]] == ["refuse"]
    with city.connect("auditor") as conn:
        failed = conn.execute("SELECT failed FROM gate.decision ORDER BY entry DESC LIMIT 1").fetchall()[0][0]
    assert failed == ["ERROR_AFTER_PERMIT"]


def test_a_refusal_is_in_the_log_when_the_caller_hears_of_it(city: Database) -> None:
    revoke(city, "approval-2", authenticate(city, city.settings.home / "people" / "hearer.pem"), reason="試験")
    before = len(entries(city))
    with pytest.raises(RefusedError) as refused, act(city, role="linkage", request=LINK):
        pytest.fail("the work began")
    assert "APPROVAL_NOT_IN_FORCE" in {code for code, _ in refused.value.conditions}
    assert [entry["decision"] for entry in entries(city)[before:]] == ["refuse"]


def test_a_revocation_during_the_act_turns_its_permit_into_a_refusal(city: Database) -> None:
    hearer = authenticate(city, city.settings.home / "people" / "hearer.pem")
    before = len(entries(city))
    with pytest.raises(RefusedError), act(city, role="linkage", request=LINK) as permit:
        revoke(city, "approval-2", hearer, reason="試験")
        permit.conn.execute("SELECT platform.give_seal('link')")
        permit.record()
    kinds = [entry.get("decision") or entry["kind"] for entry in entries(city)[before:]]
    assert kinds == ["approval.revoke", "refuse"]


def test_a_log_that_cannot_be_written_stops_the_act(city: Database) -> None:
    with city.admin() as conn:
        conn.execute("ALTER TABLE ledger.entry ADD CONSTRAINT full_disk CHECK (index < 0) NOT VALID")
    with pytest.raises(errors.CheckViolation), act(city, role="linkage", request=LINK) as permit:
        permit.conn.execute("SELECT platform.give_seal('link')")
        permit.record()
    with city.connect("auditor") as conn:
        assert conn.execute("SELECT count(*) FROM platform.seal WHERE kind = 'link'").fetchall() == [(0,)]


def test_entries_are_canonical_and_show_nothing_but_codes(city: Database) -> None:
    with act(city, role="linkage", request=LINK) as permit:
        permit.record(detail={"reason": "秘密", "count": 3})
    with city.connect("auditor") as conn:
        rows = conn.execute(
            "SELECT e.leaf, d.salt, d.detail FROM ledger.entry e JOIN ledger.detail d USING (index)"
        ).fetchall()
    for leaf, salt, detail in rows:
        shown = json.loads(bytes(leaf))
        assert set(shown) <= CLEAR
        assert bytes(leaf) == rfc8785.dumps(shown)
        assert bytes(detail) == rfc8785.dumps(json.loads(bytes(detail)))
        assert shown["commitment"] == sha256(bytes(salt) + bytes(detail)).hexdigest()
        assert "秘密".encode() not in bytes(leaf)
    assert len({bytes(salt) for _, salt, _ in rows}) == len(rows)


@pytest.mark.parametrize("text", ['"', "\\", "\b\f\n\r\t\x01\x1f\x7f", "髙𠮷", "\u2028/</script>", ""])
def test_the_databases_canonical_json_is_that_of_the_library(city: Database, text: str) -> None:
    value: Any = {"z": [text, 1, -5, True, None, {"b": text, "a": []}], "a": {}, "Z": text}
    with city.connect("auditor") as conn:
        conn.execute("SELECT 1")
    with city.admin() as conn:
        assert conn.execute("SELECT ledger.canonical(%s)", (Jsonb(value),)).fetchall()[0][0].encode() == rfc8785.dumps(
            value
        )


def test_indexes_have_no_gaps_with_many_writers_and_failures(city: Database) -> None:
    def one(number: int) -> None:
        with suppress(ZeroDivisionError), city.connect("casework") as conn:
            append(conn, Entry("case.watch", detail={"n": number}))
            if number % 3 == 0:
                raise ZeroDivisionError

    before = len(entries(city))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(24)))
    found = entries(city)
    assert [entry["index"] for entry in found] == list(range(len(found)))
    assert len(found) == before + 16


@pytest.mark.parametrize(
    ("role", "kind"),
    [("casework", "approval.revoke"), ("approvals", "case.confirm"), ("rights", "decision"), ("analyst", "person.add")],
)
def test_a_service_writes_entries_of_its_own_kinds_alone(city: Database, role: str, kind: str) -> None:
    with pytest.raises(errors.RaiseException, match="writes no entry"), city.connect(role) as conn:
        append(conn, Entry(kind))


@pytest.mark.parametrize(
    ("clear", "why"),
    [
        ({"name": "x"}, "only a decision"),
        ({"recipient": "見守 花子"}, "only a decision"),
        ({"root": "見守 花子"}, "shows nothing"),
        ({"decision": "見守 花子"}, "shows nothing"),
    ],
)
def test_an_entry_shows_codes_and_digests_alone(city: Database, clear: dict[str, str], why: str) -> None:
    with pytest.raises(errors.RaiseException, match=why), city.connect("casework") as conn:
        append(conn, Entry("case.watch", clear=clear))


@pytest.mark.parametrize(
    ("clear", "detail"),
    [
        ({"rules": "x" * 65536}, {}),  # no export could say how long it is, and none would verify again
        ({}, ["not an object"]),  # no check could open it
    ],
)
def test_an_entry_that_could_not_be_checked_is_not_written(city: Database, clear: Any, detail: Any) -> None:
    before = len(entries(city))
    with pytest.raises((errors.CheckViolation, errors.RaiseException)), city.connect("casework") as conn:
        conn.execute("SELECT ledger.append('case.watch', %s, %s)", (Jsonb(clear), Jsonb(detail)))
    assert len(entries(city)) == before
