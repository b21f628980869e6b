"""利用停止: decided, it bars every act on the child from its entry on; requested, it holds what would be published."""

import subprocess
import sys
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from schemas.errors import RefusedError
from schemas.rules import load_default
from services.approvals.demo import set_up_demo
from services.gate import Decision, Request, decide
from services.gate.people import Person, authenticate
from services.gate.suspended import Suspension
from services.gate.suspension import suspend
from services.platform.database import Database
from services.publication.main import CLASSES, publish_run
from tests.conftest import City
from tests.run_rows import say

CHILD, OTHER = UUID(int=1), UUID(int=2)
LOOK = Request(
    act="look", items=("judgement.category",), classes=CLASSES, role="analyst", child=CHILD, person="auditor"
)


@pytest.fixture
def city_at_work(database: Database) -> Database:
    """The demo's persons and approvals, and one run that calls for alerts of two children."""
    set_up_demo(database)
    with database.connect("analyst") as conn:
        request = Request(
            act="judge", items=("judgement.category",), classes=CLASSES, rules=load_default().version, role="analyst"
        )
        decision = decide(conn, [request], today=database.clock.today())[0]
        conn.execute(
            "INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)"
            " VALUES ('run-1', '2026-08-31', now(), platform.give_seal('run'), %s, 'official', '', sha256(''), 2, '{}', '{}', %s)",
            (load_default().version, decision.id),
        )
        say(conn, "run-1", [UUID(int=1), UUID(int=2)])
    return database


def _person(database: Database, name: str) -> Person:
    return authenticate(database, database.settings.home / "people" / f"{name}.pem")


def _look(database: Database) -> Decision:
    with database.connect("analyst") as conn:
        return decide(conn, [LOOK], today=database.clock.today())[0]


def _codes(decision: Decision) -> list[str]:
    return [code for code, _ in decision.failed]


def test_a_decided_one_bars_every_act_on_the_child_and_on_nobody_else(city_at_work: Database) -> None:
    assert _look(city_at_work).outcome == "permit"
    suspend(city_at_work, CHILD, Suspension.DECIDED, _person(city_at_work, "drafter"), reason="請求による")
    assert _codes(_look(city_at_work)) == ["PERSON_SUSPENDED"]
    report = publish_run(city_at_work)
    assert (report.published, report.refused) == (1, 1)
    assert [code for code, _ in report.conditions] == ["PERSON_SUSPENDED"]


def test_a_requested_one_holds_publication_and_nothing_else(city_at_work: Database) -> None:
    suspend(city_at_work, CHILD, Suspension.REQUESTED, _person(city_at_work, "drafter"), reason="請求")
    assert _look(city_at_work).outcome == "permit"
    report = publish_run(city_at_work)
    assert (report.published, [code for code, _ in report.conditions]) == (1, ["PERSON_HELD"])


def test_publishing_with_somebody_held_ends_with_the_code_for_waiting(city_at_work: Database, city: City) -> None:
    suspend(city_at_work, CHILD, Suspension.REQUESTED, _person(city_at_work, "drafter"), reason="請求")
    command = [sys.executable, "-m", "services.cli.main", "publish"]
    assert subprocess.run(command, env=city.environ, capture_output=True, check=False).returncode == 4


def test_the_database_bars_it_by_itself(city_at_work: Database) -> None:
    suspend(city_at_work, CHILD, Suspension.DECIDED, _person(city_at_work, "drafter"), reason="請求による")
    payload = {
        "act": "look", "outcome": "permit", "failed": [], "clause": "appi/61-1", "approval": "approval-2", "version": 1,
        "items": ["judgement.category"], "acting": "analyst", "person": "auditor", "classes": list(CLASSES), "child": str(CHILD),
    }  # fmt: skip
    with city_at_work.connect("analyst") as conn:
        row = conn.execute("SELECT outcome, failed FROM gate.decide(%s)", (Jsonb([payload]),)).fetchone()
    assert row == ("refuse", ["PERSON_SUSPENDED"])


def test_what_was_lifted_goes_on_and_another_person_lifts(city_at_work: Database) -> None:
    drafter, hearer = _person(city_at_work, "drafter"), _person(city_at_work, "hearer")
    assert suspend(city_at_work, CHILD, Suspension.DECIDED, drafter, reason="請求による")
    assert not suspend(city_at_work, CHILD, Suspension.DECIDED, hearer, reason="二度目")
    with pytest.raises(RefusedError):
        suspend(city_at_work, CHILD, Suspension.LIFTED, drafter, reason="試験")
    suspend(city_at_work, CHILD, Suspension.LIFTED, hearer, reason="請求の取下げ")
    assert _look(city_at_work).outcome == "permit"


def test_a_caseworker_suspends_nobody(city_at_work: Database) -> None:
    with pytest.raises(RefusedError):
        suspend(city_at_work, OTHER, Suspension.DECIDED, _person(city_at_work, "caseworker"), reason="試験")
