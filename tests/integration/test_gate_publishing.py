"""Publishing beside what happens at the same time: a revocation, a narrower version, a run that nobody may publish.

No permit has a higher index in the log than the revocation of its approval, whoever comes first.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from schemas.rules import load_default
from services.approvals.demo import DOCUMENTS, set_up_demo
from services.approvals.main import narrow, revoke
from services.gate import Decision, Request, decide
from services.platform.database import Database
from services.publication import main as publication
from services.publication.main import CLASSES, ITEMS, publish_run
from tests.factories_casework import person
from tests.run_rows import say

OFFICE = "子ども成長見守り室"
CHILDREN = 60
SOON = 60  # seconds
OpenAt = Callable[[str], Database]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def city(database: Database) -> Database:
    """The demo's persons and approvals, and an official run that calls for alerts of CHILDREN children."""
    set_up_demo(database)
    _judge(database, "run-1", "official")
    return database


@pytest.fixture
def at_once() -> Iterator[ThreadPoolExecutor]:
    """Runs things beside the test; waited for at its end."""
    with ThreadPoolExecutor(3) as pool:
        yield pool


def _judge(database: Database, run: str, status: str) -> None:
    with database.connect("analyst") as conn:
        request = Request(
            act="simulate" if status == "trial" else "judge", items=("judgement.category",), classes=CLASSES,
            rules=None if status == "trial" else load_default().version, role="analyst",
        )  # fmt: skip
        decision = decide(conn, [request], today=database.clock.today())[0]
        assert decision.outcome == "permit"
        conn.execute(
            "INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)"
            " VALUES (%s, '2026-08-31', now(), platform.give_seal('run'), %s, %s, '', sha256(''), 2, '{}', '{}', %s)",
            (run, load_default().version, status, decision.id),
        )
        say(conn, run, [UUID(int=number) for number in range(1, CHILDREN + 1)])


def _request(judgement: int, child: int) -> Request:
    return Request(
        act="publish", items=ITEMS, classes=CLASSES, recipient=OFFICE, role="publisher", rules=load_default().version,
        child=UUID(int=child), judgement=judgement,
    )  # fmt: skip


def _decided(database: Database, conn: psycopg.Connection[Any]) -> Decision:
    return decide(conn, [_request(1, 1)], today=database.clock.today())[0]


def _log(database: Database) -> list[tuple[str, str | None, str | None]]:
    """(kind, act, decision) of each entry, by index."""
    with database.connect("auditor") as conn:
        rows = conn.execute("SELECT convert_from(leaf, 'UTF8') FROM ledger.entry ORDER BY index").fetchall()
    leaves = [json.loads(leaf) for (leaf,) in rows]
    return [(leaf["kind"], leaf.get("act"), leaf.get("decision")) for leaf in leaves]


def _after_revocation(database: Database) -> set[tuple[str, str | None, str | None]]:
    entries = _log(database)
    return set(entries[entries.index(("approval.revoke", None, None)) + 1 :])


def _alerts(database: Database) -> int:
    with database.connect("auditor") as conn:
        return int(conn.execute("SELECT count(*) FROM publication.alert").fetchall()[0][0])


def _wait_for_an_alert(database: Database, publishing: Future[Any]) -> None:
    while _alerts(database) == 0:
        assert not publishing.done()


def _wait_until_somebody_waits(database: Database) -> None:
    with database.admin() as conn:
        conn.autocommit = True  # within one transaction pg_stat_activity stays what it was at first
        for _ in range(500):
            if conn.execute(WAITING).fetchall()[0][0]:
                return
            conn.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("nobody waits for a lock")


def test_the_permit_was_first_and_the_revocation_waits_for_it(city: Database, at_once: ThreadPoolExecutor) -> None:
    hearer = person(city, "hearer")
    with city.connect("publisher") as conn:
        permit = _decided(city, conn)
        revoking = at_once.submit(revoke, city, "approval-2", hearer, reason="試験")
        _wait_until_somebody_waits(city)
    revoking.result(SOON)
    assert permit.outcome == "permit"
    assert _log(city)[-2:] == [("decision", "publish", "permit"), ("approval.revoke", None, None)]


def test_the_revocation_was_first_and_the_permit_becomes_a_refusal(city: Database, at_once: ThreadPoolExecutor) -> None:
    """The second opinion waits for the revocation and sees it, though the first one had permitted before."""
    with city.connect("approvals") as conn:
        conn.execute("SELECT FROM gate.approval WHERE approval = 'approval-2' FOR UPDATE")
        deciding = at_once.submit(_in_own_transaction, city)
        _wait_until_somebody_waits(city)
        conn.execute("UPDATE gate.approval SET state = 'revoked', revoked_at = now() WHERE approval = 'approval-2'")
        conn.execute(
            "SELECT ledger.append('approval.revoke', %s, '{}')",
            (Jsonb({"approval": "ab" * 32, "clause": "appi/61-1"}),),
        )
    assert deciding.result(SOON).outcome == "refuse"
    assert _log(city)[-2:] == [("approval.revoke", None, None), ("decision", "publish", "refuse")]


def _in_own_transaction(database: Database) -> Decision:
    with database.connect("publisher") as conn:
        return _decided(database, conn)


@pytest.mark.parametrize("chunk", [1, 7])
def test_a_revocation_while_a_run_is_published_ends_it_between_two_chunks(
    city: Database, at_once: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(publication, "CHUNK", chunk)
    hearer = person(city, "hearer")
    publishing = at_once.submit(publish_run, city, run="run-1")
    _wait_for_an_alert(city, publishing)
    revoke(city, "approval-2", hearer, reason="試験")
    report = publishing.result(SOON)
    assert _after_revocation(city) == {("decision", "publish", "refuse")}
    assert 0 < report.published < CHILDREN
    assert report.published + report.refused == CHILDREN
    assert _alerts(city) == report.published
    assert "APPROVAL_NOT_IN_FORCE" in {code for code, _ in report.conditions}


@pytest.mark.parametrize("pause", [0.0, 0.01, 0.03, 0.1])
def test_however_they_meet_no_permit_stands_behind_the_revocation(
    city: Database, at_once: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    monkeypatch.setattr(publication, "CHUNK", 5)
    hearer = person(city, "hearer")
    deciding = [at_once.submit(_many_in_turn, city) for _ in range(2)]
    time.sleep(pause)
    revoke(city, "approval-2", hearer, reason="試験")
    outcomes = [outcome for each in deciding for outcome in each.result(SOON)]
    assert set(outcomes) <= {"permit", "refuse"}
    assert ("decision", "publish", "permit") not in _after_revocation(city)


def _many_in_turn(database: Database) -> list[str]:
    """Permits one by one beside whatever else runs, each in its own transaction."""
    return [_in_own_transaction(database).outcome for _ in range(20)]


def test_a_narrower_version_while_a_run_is_published_counts_from_its_entry_on(
    city: Database, at_once: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The publisher no longer receives reasons: the next chunk is refused."""
    text = (DOCUMENTS / "approval-2.toml").read_text("utf-8").replace("version = 1", "version = 2")
    narrower = tmp_path / "narrower.toml"
    assert '"judgement.*", "alert.*"' in text
    narrower.write_text(text.replace('"judgement.*", "alert.*"', '"judgement.category", "alert.*"'), "utf-8")
    monkeypatch.setattr(publication, "CHUNK", 3)
    drafter = person(city, "drafter")
    publishing = at_once.submit(publish_run, city, run="run-1")
    _wait_for_an_alert(city, publishing)
    narrow(city, narrower, drafter, reason="理由は要らない")
    report = publishing.result(SOON)
    entries = _log(city)
    assert set(entries[entries.index(("approval.narrow", None, None)) + 1 :]) == {("decision", "publish", "refuse")}
    assert 0 < report.published < CHILDREN


def test_what_was_revoked_between_judging_and_publishing_is_not_published(city: Database) -> None:
    revoke(city, "approval-2", person(city, "hearer"), reason="試験")
    assert (publish_run(city).published, _alerts(city)) == (0, 0)


def test_what_expired_between_judging_and_publishing_is_not_published(city: Database, open_at: OpenAt) -> None:
    report = publish_run(open_at("2031-04-01T00:00+09:00"))
    assert (report.published, _alerts(city)) == (0, 0)
    assert "OUTSIDE_PERIOD" in {code for code, _ in report.conditions}


@pytest.mark.parametrize("status", ["trial", "held"])
def test_the_gate_itself_publishes_no_trial_and_nothing_held(city: Database, status: str) -> None:
    """The service refuses before; here it is out of the way."""
    _judge(city, "run-2", status)
    with city.connect("publisher") as conn:
        decision = decide(conn, [_request(CHILDREN + 1, 1)], today=city.clock.today())[0]
    assert [code for code, _ in decision.failed] == ["RUN_NOT_OFFICIAL"]


@pytest.mark.parametrize(("people", "outcome"), [(("hearer",), "refuse"), (("hearer", "auditor"), "permit")])
def test_what_the_guard_held_takes_two_persons(city: Database, people: tuple[str, ...], outcome: str) -> None:
    _judge(city, "run-2", "held")
    with city.connect("analyst") as conn:
        for person in people:
            conn.execute(
                "INSERT INTO judgement.release (run, person, seal, statement, signature, entry)"
                " VALUES ('run-2', %s, platform.give_seal('release'), '', sha512(''), ledger.append('run.release', '{}', '{}'))",
                (person,),
            )
    with city.connect("publisher") as conn:
        decision = decide(conn, [_request(CHILDREN + 1, 1)], today=city.clock.today())[0]
    assert decision.outcome == outcome


def test_a_judgement_that_is_not_there_is_not_published(city: Database) -> None:
    with city.connect("publisher") as conn:
        decision = decide(conn, [_request(10_000, 1)], today=city.clock.today())[0]
    assert [code for code, _ in decision.failed] == ["RUN_NOT_OFFICIAL"]


# -- A number of runs ----------------------------------------------------------------------------------------------------


def _approve_runs(database: Database, number: int) -> None:
    """Let the row say so that the second opinion reads; the first one reads the document, which has no such number."""
    with database.admin() as conn:
        conn.execute(
            "UPDATE gate.approval SET recurrence = '臨時', max_runs = %s WHERE approval = 'approval-2'", (number,)
        )


def _run_decided(database: Database, conn: psycopg.Connection[Any]) -> Decision:
    request = Request(
        act="judge", items=("judgement.category",), classes=CLASSES, rules=load_default().version, role="analyst"
    )
    return decide(conn, [request], today=database.clock.today())[0]


def _run_in_own_transaction(database: Database) -> Decision:
    with database.connect("analyst") as conn:
        return _run_decided(database, conn)


def test_what_the_last_run_found_is_published_and_no_further_one_judged(city: Database) -> None:
    _approve_runs(city, 1)
    assert [code for code, _ in _run_in_own_transaction(city).failed] == ["RUNS_USED_UP"]
    assert _in_own_transaction(city).outcome == "permit"


def test_a_trial_uses_up_no_run_and_never_becomes_official(city: Database) -> None:
    _approve_runs(city, 2)
    for run in ("tried", "tried again"):
        _judge(city, run, "trial")
    assert _run_in_own_transaction(city).outcome == "permit"
    with city.admin() as conn, pytest.raises(psycopg.errors.ForeignKeyViolation):
        conn.execute("UPDATE judgement.run SET status = 'official' WHERE run = 'tried'")


def test_of_two_last_runs_at_once_one_is_permitted(city: Database, at_once: ThreadPoolExecutor) -> None:
    _approve_runs(city, 2)
    with city.connect("analyst") as conn:
        first = _run_decided(city, conn)
        second = at_once.submit(_run_in_own_transaction, city)
        _wait_until_somebody_waits(city)
    assert (first.outcome, second.result(SOON).outcome) == ("permit", "refuse")


@pytest.mark.parametrize(
    "asked", ["[]", '[{"act": "judge"}, {"act": "judge"}]'], ids=["on what stood before", "two runs in one breath"]
)
def test_runs_are_counted_on_what_is_committed_one_by_one(city: Database, asked: str) -> None:
    """An older snapshot would show neither the runs nor the suspensions since."""
    with pytest.raises(psycopg.errors.RaiseException, match="decided"), city.connect("analyst") as conn:
        if asked == "[]":
            conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        conn.execute("SELECT * FROM gate.decide(%s)", (asked,))
