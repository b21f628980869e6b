"""One child erased: nothing of the child is left anywhere, and every proof about everybody else still holds."""

import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection, errors, sql

from models.judgement.line import leaf_hashes
from models.tlog import merkle
from schemas.feeds import FEEDS
from schemas.records.erasure import BESIDE
from services.judgement.proof import prove_run
from services.platform.database import Database
from tests.operating import Operator

NUMBERS = "SELECT system, number FROM identity.person WHERE person_key = ANY (%s)"
TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('information_schema', 'pg_catalog', 'pg_toast') ORDER BY 1, 2
"""


@pytest.fixture
def judged(operator: Operator, synthetic_city: Path) -> Operator:
    """The demo's way as far as the queue."""
    operator.run("up", "--demo")
    operator.run("feed", "load", synthetic_city / "feeds", "--profile", "demo", "--initial")
    operator.run("link")
    operator.run("judge", "--as-of", "2026-08-31")
    operator.run("publish")
    return operator


def _rows(conn: Connection[Any], query: str, *asked: Any) -> list[tuple[Any, ...]]:
    return conn.execute(query.encode(), asked).fetchall()


def _one(database: Database, query: str, *asked: Any) -> Any:
    with database.admin() as conn:
        return _rows(conn, query, *asked)[0][0]


def _everything(database: Database) -> dict[str, list[str]]:
    """Every row of every table as text; the log's details and leaves as the text that they are."""
    with database.admin() as conn:
        return {
            f"{schema}.{table}": sorted(text for (text,) in conn.execute(_as_text(schema, table)))
            for schema, table in conn.execute(TABLES).fetchall()
        }


def _as_text(schema: str, table: str) -> sql.Composed:
    readable = {
        "detail": "index || ' ' || convert_from(detail, 'UTF8')",
        "entry": "index || ' ' || convert_from(leaf, 'UTF8')",
    }
    what = readable.get(table, "row_to_json(whole)::text") if schema == "ledger" else "row_to_json(whole)::text"
    return sql.SQL("SELECT {} FROM {} whole").format(sql.SQL(what), sql.Identifier(schema, table))


def _worked_on(operator: Operator) -> tuple[UUID, str]:
    """A child with an alert that somebody looked at and acted on."""
    alert = operator.json("queue", "list", "--as", "caseworker.pem")["items"][0]
    operator.run("queue", "show", alert["alert"], "--as", "caseworker.pem")
    operator.run("queue", "act", alert["alert"], "watch", "--reason", "AWAITING_DATA", "--as", "caseworker.pem")
    return UUID(alert["child_id"]), alert["alert"]


def _known_by(database: Database, child: UUID) -> tuple[list[int], list[str], list[str]]:
    """Keys, numbers and names of a child."""
    with database.admin() as conn:
        keys = [
            key for (key,) in _rows(conn, "SELECT DISTINCT person_key FROM linkage.link WHERE child_id = %s", child)
        ]
        numbers = [number for _, number in _rows(conn, NUMBERS, keys)]
        named = _rows(
            conn, "SELECT DISTINCT name_kanji, name_kana FROM identity.resident_name WHERE person_key = ANY (%s)", keys
        )
        elsewhere = "SELECT name_kanji FROM identity.resident_name WHERE person_key <> ALL (%s) UNION SELECT name_kana FROM identity.resident_name WHERE person_key <> ALL (%s)"
        others = {name for (name,) in _rows(conn, elsewhere, keys, keys)}
    return keys, numbers, [name for names in named for name in names if name not in others]


def _erase(operator: Operator, child: UUID, *keys: str, code: int = 0) -> Any:
    signed = [word for key in keys for word in ("--as", f"{key}.pem")]
    return operator.json("erase", "--child", str(child), "--reason", "request", *signed, code=code)


def _told_of(left: list[str], everything: dict[str, list[str]]) -> set[tuple[str, str]]:
    """Tables that still hold one of these words; a short number counts where it stands alone."""
    return {
        (table, word)
        for table, rows in everything.items()
        for row in rows
        for word in left
        if f'"{word}"' in row or (len(word) > 7 and word in row)
    }


@pytest.mark.e2e
def test_a_child_is_erased_and_everybody_else_stays(judged: Operator, database: Database, synthetic_city: Path) -> None:
    child, alert = _worked_on(judged)
    keys, numbers, names = _known_by(database, child)
    assert keys and len(numbers) > 1 and names
    before = _everything(database)
    waits = _erase(judged, child, "caseworker", code=4)
    assert "もう一人" in waits["message"]
    assert _erase(judged, child, "caseworker", code=4) == waits  # the same person is no second one
    done = _erase(judged, child, "admin")
    assert not done["already"] and done["facts"] and done["judgements"] == 1 and done["alerts"] and done["details"] >= 3

    after = _everything(database)
    left = [str(child), alert, *map(str, keys), *numbers, *names]
    assert _told_of(left, after) == set()
    gone = {table: set(rows) - set(after[table]) for table, rows in before.items()}
    told = {table for table, rows in gone.items() if rows}
    assert gone["ledger.entry"] == set()
    assert "facts.resident" in told and "judgement.said" in told and "identity.person" in told
    for table, rows in gone.items():  # of others only the link to the child is gone
        for row in rows - {text for text in rows if any(word in text for word in left)}:
            assert table in (
                "gate.decision",
                "ledger.head",
                "ledger.checkpoint",
                "identity.household",
                "identity.record",
                "intake.quarantine",
                "judgement.line",
            ), (table, row)

    with database.connect("analyst") as conn:
        proof = prove_run(conn, _one(database, "SELECT run FROM judgement.run"))
    assert (proof.holds, proof.erased) == (True, 1)
    assert judged.json("log", "fsck")["ok"]
    exported = judged.home.parent / "exported"
    judged.json("log", "export", "--out", exported)
    assert judged.json("log", "verify", exported)["ok"]
    assert judged.json("log", "prove", str(done["entry"]))["index"] == done["entry"]

    with database.admin() as conn:
        erased = [index for (index,) in _rows(conn, "SELECT index FROM rights.erased WHERE entry = %s", done["entry"])]
        assert _rows(conn, "SELECT FROM ledger.detail WHERE index = ANY (%s)", erased) == []
        (entry,) = _rows(conn, "SELECT convert_from(leaf, 'UTF8'), convert_from(detail, 'UTF8') FROM ledger.entry"
                               " JOIN ledger.detail USING (index) WHERE index = %s", done["entry"])  # fmt: skip
    clear, detail = map(json.loads, entry)
    assert (clear["kind"], clear["act"], sorted(detail["entries"])) == ("erased", "erase", sorted(erased))
    assert sorted(detail["persons"]) == ["admin", "caseworker"]

    again = _erase(judged, child, "caseworker", "admin")
    assert again == {"entry": done["entry"], "already": True} | dict.fromkeys(
        ("facts", "unlinked", "judgements", "alerts", "refusals", "details"), 0
    )
    judged.run("judge", "--as-of", "2026-08-31")
    judged.run("queue", "list", "--as", "caseworker.pem")
    _does_not_come_back(judged, database, synthetic_city, left)


def _does_not_come_back(operator: Operator, database: Database, city: Path, left: list[str]) -> None:
    """The files still hold the child; what they hold of others is known already."""
    loaded = operator.json("feed", "load", city / "feeds", "--profile", "demo")["batches"]
    assert sum(batch["loaded"] for batch in loaded) == 0
    assert sum(batch["warnings"].get("erased_person", 0) for batch in loaded) > 10
    operator.run("link")
    assert _told_of(left, _everything(database)) == set()


@pytest.mark.e2e
def test_a_person_is_found_by_a_number_that_no_argument_shows(
    judged: Operator, database: Database, tmp_path: Path
) -> None:
    system, number = "SELECT system, number FROM identity.person p", None
    with database.admin() as conn:
        system, number = _rows(conn, "SELECT system, number FROM identity.person JOIN linkage.link USING (person_key)"
                                     " WHERE system = 'pupil_no' ORDER BY number LIMIT 1")[0]  # fmt: skip
    file = tmp_path / "person"
    file.write_text(f"{system}:{number}\n", "utf-8")
    asked = ("erase", "--person", file, "--reason", "retention", "--as", "caseworker.pem", "--as", "hearer.pem")
    assert judged.json(*asked)["facts"]
    assert judged.json(*asked)["already"]
    file.write_text("atena_no:000000000000000\n", "utf-8")
    unknown = judged.json(*asked, code=2)
    assert "000" not in unknown["message"]


@pytest.mark.e2e
def test_without_an_approval_nobody_is_asked_and_nothing_is_erased(judged: Operator, database: Database) -> None:
    child = _one(database, "SELECT child_id FROM judgement.judgement LIMIT 1")
    judged.run("approval", "revoke", "approval-2", "--reason", "試験", "--as", "drafter.pem")
    before = _everything(database)
    refused = _erase(judged, child, "caseworker", "admin", code=3)
    assert {condition["code"] for condition in refused["conditions"]} == {"APPROVAL_NOT_IN_FORCE"}
    after = _everything(database)
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= {"gate.decision", "ledger.entry", "ledger.detail", "ledger.head", "ledger.checkpoint"}
    _erase(judged, child, "auditor", code=3)


@pytest.mark.e2e
def test_killed_in_the_middle_nothing_is_erased_and_the_next_call_goes_on(judged: Operator, database: Database) -> None:
    child = _one(database, "SELECT child_id FROM judgement.judgement LIMIT 1")
    _erase(judged, child, "caseworker", code=4)
    before = _everything(database)
    with database.admin() as conn:
        conn.execute(
            "LOCK TABLE linkage.household IN ACCESS EXCLUSIVE MODE"
        )  # after facts and judgements, before the entry
        signed = ("--reason", "request", "--as", "admin.pem")
        process = judged.start("erase", "--child", str(child), *signed)
        _until(
            database, "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'linkage.household'::regclass"
        )
        process.kill()
        process.communicate()
    _until(database, "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'mimamori-rights'")
    after = _everything(database)
    changed = {table for table in before if before[table] != after[table]}
    # the second word stands by itself
    assert changed - {"ledger.checkpoint"} == {"rights.request", "ledger.entry", "ledger.detail", "ledger.head"}
    assert _erase(judged, child, "admin")["judgements"] == 1


def _until(database: Database, query: str) -> None:
    """Wait until it is so, for twenty seconds at most."""
    for _ in range(200):
        if _one(database, query):
            return
        time.sleep(0.1)
    raise AssertionError(query)


def test_nothing_is_erased_without_a_permit_of_its_own(database: Database) -> None:
    with pytest.raises(errors.RaiseException, match="no permit to erase"), database.connect("rights") as conn:
        conn.execute("SELECT rights.erase(gen_random_uuid(), gen_random_uuid(), NULL, 'request')")
    for role in ("intake", "analyst", "casework", "publisher", "auditor", "approvals"):
        with pytest.raises(errors.InsufficientPrivilege), database.connect(role) as conn:
            conn.execute("SELECT rights.erase(gen_random_uuid(), gen_random_uuid(), NULL, 'request')")


def test_every_number_of_every_feed_is_either_the_rows_own_or_beside_it(database: Database) -> None:
    body = _one(database, "SELECT prosrc FROM pg_proc WHERE proname = 'erase_facts'")
    own = {(f, c.fact) for f, k in FEEDS.items() for c in k.columns if _numbers_persons(c) and c.name not in BESIDE}
    beside = {(f, c.fact) for f, k in FEEDS.items() for c in k.columns if _numbers_persons(c) and c.name in BESIDE}
    assert all(
        f"('{feed}', '{column}')" in body for feed, column in own | beside - {("shien_sochi", "co_applicant_keys")}
    )
    assert body.count("_key')") == len(own | beside) - 1  # the list of co-applicants apart


def _numbers_persons(column: Any) -> bool:
    return column.about.system is not None and column.about.system.of_person


@pytest.mark.e2e
def test_a_judgement_that_was_changed_by_hand_is_named_by_its_position(judged: Operator, database: Database) -> None:
    run = _one(database, "SELECT run FROM judgement.run")
    with database.connect("analyst") as conn:
        assert prove_run(conn, run).holds
    with database.admin() as conn:
        conn.execute(
            "UPDATE judgement.said SET economic = 'E9' WHERE judgement = (SELECT judgement FROM judgement.line WHERE position = 7)"
        )
        conn.execute("DELETE FROM judgement.line WHERE position = 9")
    with database.connect("analyst") as conn:
        proof = prove_run(conn, run)
    assert (proof.holds, proof.altered) == (False, (7, 9))
    found = judged.json("log", "fsck", code=1)["errors"]
    assert [(fault["kind"], fault["id"]) for fault in found if fault["kind"] == "RUN_ALTERED"] == [("RUN_ALTERED", run)]


def test_leaf_hashes_are_those_of_the_log() -> None:
    assert leaf_hashes(["a"]) == [merkle.leaf_hash(b"a")]
