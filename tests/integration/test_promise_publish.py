"""Promise 1: nothing is published without a permit. As the publishing role, every way round it fails in the database."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from schemas.errors import UsageError
from schemas.rules import load_default
from services.approvals.demo import set_up_demo
from services.approvals.main import revoke
from services.gate import Decision, Request, decide
from services.gate.people import authenticate
from services.platform.database import Database
from services.publication.main import CLASSES, ITEMS, publish_run
from tests.run_rows import say

OFFICE = "子ども成長見守り室"
CHILD, OTHER = UUID(int=1), UUID(int=2)
ADD = (
    "INSERT INTO publication.alert (alert, decision, child_id, judgement, recipient, entry, run, seal, category, data_check, codes, as_of)"
    " SELECT %s, %s, %s, %s, %s, %s, run, seal, '重点支援Ⅰ', false, '{E3_HOGO}', as_of FROM judgement.run WHERE run = 'run-1'"
)


@pytest.fixture
def city(database: Database) -> Database:
    """The demo's persons and approvals, and one run that calls for alerts of two children (judgements 1 and 2)."""
    set_up_demo(database)
    with database.connect("analyst") as conn:
        request = Request(
            act="judge", items=("judgement.category",), classes=CLASSES, rules=load_default().version, role="analyst"
        )
        decision = decide(conn, [request], today=database.clock.today())[0]
        seal = conn.execute("SELECT platform.give_seal('run')").fetchall()[0][0]
        conn.execute(
            "INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)"
            " VALUES ('run-1', '2026-08-31', now(), %s, %s, 'official', '', sha256(''), 2, '{}', '{}', %s)",
            (seal, load_default().version, decision.id),
        )
        say(conn, "run-1", [CHILD, OTHER])
    return database


@pytest.fixture
def publisher(city: Database) -> Iterator[psycopg.Connection[Any]]:
    """The publishing role's own transaction."""
    with city.connect("publisher") as conn:
        yield conn
        conn.rollback()


def permit(conn: psycopg.Connection[Any], database: Database, child: UUID = CHILD, judgement: int = 1) -> Decision:
    request = Request(
        act="publish", items=ITEMS, classes=CLASSES, recipient=OFFICE, role="publisher", rules=load_default().version,
        child=child, judgement=judgement,
    )  # fmt: skip
    decision = decide(conn, [request], today=database.clock.today())[0]
    assert decision.outcome == "permit"
    return decision


def add(
    conn: psycopg.Connection[Any],
    decision: UUID,
    entry: int,
    *,
    child: UUID = CHILD,
    judgement: int = 1,
    to: str = OFFICE,
) -> None:
    conn.execute(ADD, (str(uuid4()), decision, child, judgement, to, entry))


def test_a_permit_lets_its_own_alert_through(city: Database, publisher: psycopg.Connection[Any]) -> None:
    decision = permit(publisher, city)
    add(publisher, decision.id, decision.entry)


def test_a_lone_alert_fails(publisher: psycopg.Connection[Any]) -> None:
    with pytest.raises(errors.ForeignKeyViolation):
        add(publisher, uuid4(), 0)


def test_an_alert_without_a_decision_fails(publisher: psycopg.Connection[Any]) -> None:
    with pytest.raises(errors.NotNullViolation):
        publisher.execute(ADD, (str(uuid4()), None, CHILD, 1, OFFICE, 0))


def test_a_made_up_decision_cannot_be_written(publisher: psycopg.Connection[Any]) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        publisher.execute(
            "INSERT INTO gate.decision (outcome, act, items, failed, entry) VALUES ('permit', 'publish', '{}', '{}', 0)"
        )


def test_a_made_up_entry_cannot_be_written(publisher: psycopg.Connection[Any]) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        publisher.execute("INSERT INTO ledger.entry (index, leaf) VALUES (999, '')")


def test_a_decision_serves_once(city: Database, publisher: psycopg.Connection[Any]) -> None:
    decision = permit(publisher, city)
    add(publisher, decision.id, decision.entry)
    with pytest.raises(errors.UniqueViolation):
        add(publisher, decision.id, decision.entry)


@pytest.mark.parametrize(
    "other", [{"child": OTHER}, {"judgement": 2}, {"to": "別の課"}, {"child": OTHER, "judgement": 2}], ids=str
)
def test_a_permit_fits_no_other_alert(
    city: Database, publisher: psycopg.Connection[Any], other: dict[str, Any]
) -> None:
    decision = permit(publisher, city)
    with pytest.raises(errors.ForeignKeyViolation):
        add(publisher, decision.id, decision.entry, **other)


def test_a_permit_of_another_transaction_does_not_fit(city: Database) -> None:
    with city.connect("publisher") as conn:
        decision = permit(conn, city)
    with pytest.raises(errors.ForeignKeyViolation), city.connect("publisher") as conn:
        add(conn, decision.id, decision.entry)


def test_the_transaction_cannot_be_written_by_hand(publisher: psycopg.Connection[Any]) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        publisher.execute("INSERT INTO publication.alert (alert, xact) VALUES ('a', '1')")


def test_a_refusal_does_not_fit(city: Database) -> None:
    admin = authenticate(city, city.settings.home / "people" / "hearer.pem")
    with city.connect("publisher") as conn:
        permit(conn, city)
    revoke(city, "approval-2", admin, reason="試験")
    with city.connect("publisher") as conn:
        request = Request(
            act="publish", items=ITEMS, classes=CLASSES, recipient=OFFICE, role="publisher", rules=load_default().version,
            child=CHILD, judgement=1,
        )  # fmt: skip
        decision = decide(conn, [request], today=city.clock.today())[0]
        assert decision.outcome == "refuse"
        with pytest.raises(errors.ForeignKeyViolation):
            add(conn, decision.id, decision.entry)
        conn.rollback()


def test_the_database_refuses_by_itself_what_a_careless_service_permits(city: Database) -> None:
    """The second opinion: the service claims a permit for items and an office that the approval does not name."""
    payload = {
        "act": "publish", "outcome": "permit", "failed": [], "clause": "appi/61-1", "approval": "approval-2", "version": 1,
        "items": ["person.name"], "recipient": "別の課", "acting": "publisher", "classes": ["everybody"],
        "rules": "another-rule-set", "child": str(CHILD), "judgement": 1,
    }  # fmt: skip
    with city.connect("publisher") as conn:
        row = conn.execute("SELECT outcome, failed FROM gate.decide(%s)", (Jsonb([payload]),)).fetchall()[0]
    assert row == (
        "refuse",
        ["CLASS_NOT_COVERED", "RECIPIENT_NOT_COVERED", "RULE_SET_NOT_COVERED", "RULE_SET_OF_OTHER_RUN"],
    )


def test_another_services_act_is_refused(city: Database) -> None:
    with city.connect("intake") as conn:
        request = Request(
            act="publish",
            items=ITEMS,
            classes=CLASSES,
            recipient=OFFICE,
            role="publisher",
            rules=load_default().version,
        )
        decision = decide(conn, [request], today=city.clock.today())[0]
    assert [code for code, _ in decision.failed] == ["ROLE_NOT_ALLOWED"]


def test_after_a_revocation_publishing_is_refused_and_the_log_holds_the_refusal(city: Database) -> None:
    hearer = authenticate(city, city.settings.home / "people" / "hearer.pem")
    revoke(city, "approval-2", hearer, reason="試験")
    report = publish_run(city, run="run-1")
    assert (report.published, report.refused) == (0, 2)
    assert "APPROVAL_NOT_IN_FORCE" in {code for code, _ in report.conditions}
    with city.connect("auditor") as conn:
        leaf = conn.execute(
            "SELECT convert_from(leaf, 'UTF8')::jsonb FROM ledger.entry ORDER BY index DESC LIMIT 1"
        ).fetchall()[0][0]
        alerts = conn.execute("SELECT count(*) FROM publication.alert").fetchall()[0][0]
    assert (leaf["act"], leaf["decision"], alerts) == ("publish", "refuse", 0)


def test_publishing_again_adds_nothing(city: Database) -> None:
    assert publish_run(city).published == 2
    again = publish_run(city)
    assert (again.published, again.unchanged, again.refused) == (0, 2, 0)


def test_an_alert_says_what_its_judgement_says(city: Database, publisher: psycopg.Connection[Any]) -> None:
    decision = permit(publisher, city, CHILD, 2)  # judgement 2 is the other child's
    with pytest.raises(errors.ForeignKeyViolation):
        add(publisher, decision.id, decision.entry, judgement=2)


def test_the_decision_of_a_run_serves_no_second_run(city: Database) -> None:
    copied = (
        "INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)"
        " SELECT 'run-2', as_of, known_at, platform.give_seal('run'), rules, status, manifest, root, children, categories, summary, decision"
        " FROM judgement.run"
    )
    with pytest.raises(errors.UniqueViolation), city.connect("analyst") as conn:
        conn.execute(copied)


def test_a_permit_of_another_transaction_makes_no_run(city: Database) -> None:
    with city.connect("analyst") as conn:
        request = Request(
            act="judge", items=("judgement.category",), classes=CLASSES, rules=load_default().version, role="analyst"
        )
        decision = decide(conn, [request], today=city.clock.today())[0]
    with pytest.raises(errors.ForeignKeyViolation), city.connect("analyst") as conn:
        conn.execute(
            "INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)"
            " VALUES ('run-2', '2026-08-31', now(), platform.give_seal('run'), 'r', 'official', '', sha256(''), 0, '{}', '{}', %s)",
            (decision.id,),
        )


def test_a_revocation_refuses_publishing_also_where_nothing_is_new(city: Database) -> None:
    assert publish_run(city).published == 2
    revoke(city, "approval-2", authenticate(city, city.settings.home / "people" / "hearer.pem"), reason="試験")
    report = publish_run(city)
    assert (report.published, report.unchanged) == (0, 2)
    assert "APPROVAL_NOT_IN_FORCE" in {code for code, _ in report.conditions}
    with city.connect("auditor") as conn:
        leaf = conn.execute(
            "SELECT convert_from(leaf, 'UTF8')::jsonb FROM ledger.entry ORDER BY index DESC LIMIT 1"
        ).fetchall()[0][0]
    assert (leaf["act"], leaf["decision"]) == ("publish", "refuse")


def test_an_older_run_is_not_published_after_a_newer_one(city: Database) -> None:
    with city.connect("analyst") as conn:
        request = Request(
            act="judge", items=("judgement.category",), classes=CLASSES, rules=load_default().version, role="analyst"
        )
        conn.execute(
            "INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)"
            " VALUES ('older', '2026-01-31', now(), platform.give_seal('run'), %s, 'official', '', sha256(''), 0, '{}', '{}', %s)",
            (load_default().version, decide(conn, [request], today=city.clock.today())[0].id),
        )
    assert publish_run(city).run == "run-1"  # the newest day, not the run judged last
    with pytest.raises(UsageError, match="より新しい判定"):
        publish_run(city, run="older")
