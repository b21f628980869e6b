"""Promise 1 for events: no 速報 and no report about a number without a permit, whatever the worker's own password would write."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from schemas.rules import load_default
from services.gate import Decision, Request, decide
from services.platform.database import Database
from services.publication.main import CLASSES, ITEMS
from services.publication.provisional import REPORT_ITEMS
from tests.run_rows import say

OFFICE = "子ども成長見守り室"
CHILD, OTHER = UUID(int=1), UUID(int=2)
RULES = load_default().version
REPORTED, QUIET = 77, 78  # numbers: one of an urgent event, one of another
Conn = psycopg.Connection[Any]
Write = Callable[[Conn, Decision], None]

FACT = (
    "INSERT INTO facts.soudan (batch, line, record_key, source_system, op, event_time, legal_basis_id, content_hash, revises, child_key,"
    " kind, received) VALUES (1, %s, %s, 'x', 'I', now(), 'x', gen_random_uuid(), false, %s, %s, '2026-08-30')"
)
EVENT = (
    "INSERT INTO bus.inbox (source, event_id, digest, feed, part, urgent, batch, line)"
    " VALUES ('x', %(line)s::text, sha256(''), 'soudan', 0, %(urgent)s, 1, %(line)s)"
)
PROVISIONAL = (
    "INSERT INTO judgement.provisional (seal, as_of, run, rules, read_seal, decision)"
    " SELECT platform.give_seal('event'), as_of, run, %s, seal, %s FROM judgement.run RETURNING seal"
)
ALERT = (
    "INSERT INTO publication.alert (alert, decision, child_id, judgement, recipient, entry, provisional, category, data_check, codes, as_of)"
    " SELECT %s, %s, %s, %s, %s, %s, max(v.seal), '重点支援Ⅰ', false, '{E3_HOGO}', max(v.as_of) FROM judgement.provisional v"
)
REPORT = "INSERT INTO publication.unlinked_report (report, decision, person_key, event, recipient, entry) VALUES (%s, %s, %s, %s, %s, %s)"


@pytest.fixture
def city(city_at_work: Database) -> Database:
    """An official run that says something of two children (judgements 1 and 2), and two events about numbers of nobody."""
    with city_at_work.connect("analyst") as conn:
        decision = _asked(conn, city_at_work, "judge", "analyst", ("judgement.category",))
        conn.execute(
            "INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)"
            " VALUES ('run-1', '2026-08-31', now(), platform.give_seal('run'), %s, 'official', '', sha256(''), 2, '{}', '{}', %s)",
            (RULES, decision.id),
        )
        say(conn, "run-1", [CHILD, OTHER])
    with city_at_work.connect("intake") as conn:
        for line, (number, kind) in enumerate([(REPORTED, "虐待通告"), (QUIET, "養育相談")], start=1):
            conn.execute(FACT, (line, line, number, kind))
            conn.execute(EVENT, {"line": line, "urgent": kind == "虐待通告"})
    return city_at_work


@pytest.fixture
def worker(city: Database) -> Iterator[Conn]:
    """The worker's own transaction, in which the two children were judged by an event (judgements 1 and 2 again)."""
    with city.connect("worker") as conn:
        judge_by_event(conn, city)
        yield conn
        conn.rollback()


def judge_by_event(conn: Conn, city: Database) -> None:
    """A 速報 that says what the run says."""
    decision = _asked(conn, city, "judge_event", "analyst", ("judgement.category",))
    (seal,) = conn.execute(PROVISIONAL, (RULES, decision.id)).fetchall()[0]
    conn.execute("INSERT INTO judgement.provisional_line (seal, judgement) VALUES (%s, 1), (%s, 2)", (seal, seal))


def _asked(conn: Conn, city: Database, act: str, role: str, items: tuple[str, ...], **about: Any) -> Decision:
    request = Request(act=act, items=items, classes=CLASSES, role=role, rules=RULES, **about)
    return decide(conn, [request], today=city.clock.today())[0]


def of_child(conn: Conn, city: Database, child: UUID = CHILD, judgement: int = 1) -> Decision:
    """What the gate says to publishing a child's 速報."""
    return _asked(conn, city, "publish_event", "publisher", ITEMS, recipient=OFFICE, child=child, judgement=judgement)


def of_number(conn: Conn, city: Database, number: int = REPORTED, event: int = 1) -> Decision:
    """What the gate says to reporting a number."""
    about = {"person_key": number, "event": event}
    return _asked(conn, city, "publish_event", "publisher", REPORT_ITEMS, recipient=OFFICE, **about)


def alert(*, child: UUID = CHILD, judgement: int = 1, to: str = OFFICE) -> Write:
    """Writes an alert by a decision."""
    return lambda conn, made: _run(conn, ALERT, (str(uuid4()), made.id, child, judgement, to, made.entry))


def report(*, number: int = REPORTED, event: int = 1, to: str = OFFICE) -> Write:
    """Writes a report by a decision."""
    return lambda conn, made: _run(conn, REPORT, (str(uuid4()), made.id, number, event, to, made.entry))


def _run(conn: Conn, statement: str, values: tuple[Any, ...]) -> None:
    conn.execute(statement.encode(), values)


def test_a_permit_lets_its_own_alert_and_its_own_report_through_once(city: Database, worker: Conn) -> None:
    for made, write in ((of_child(worker, city), alert()), (of_number(worker, city), report())):
        assert made.outcome == "permit"
        write(worker, made)
        with pytest.raises(errors.UniqueViolation), worker.transaction():
            write(worker, made)
    written = "SELECT act FROM publication.alert UNION ALL SELECT act FROM publication.unlinked_report"
    assert worker.execute(written).fetchall() == [("publish_event",)] * 2


@pytest.mark.parametrize(
    ("permit", "write"),
    [
        (of_child, alert(child=OTHER)),
        (of_child, alert(judgement=2)),
        (of_child, alert(child=OTHER, judgement=2)),
        (of_child, alert(to="別の課")),
        (of_child, report()),
        (of_number, report(number=QUIET)),
        (of_number, report(event=2)),
        (of_number, report(to="別の課")),
        (of_number, alert()),
    ],
)
def test_a_permit_fits_nothing_else(
    city: Database, worker: Conn, permit: Callable[[Conn, Database], Decision], write: Write
) -> None:
    made = permit(worker, city)
    assert made.outcome == "permit"
    with pytest.raises(errors.ForeignKeyViolation):
        write(worker, made)


def test_no_permit_is_about_a_child_and_a_number_at_once(city: Database, worker: Conn) -> None:
    """It would serve twice: for an alert and for a report."""
    both = {"child": CHILD, "judgement": 1, "person_key": REPORTED, "event": 1}
    with pytest.raises(errors.CheckViolation):
        _asked(worker, city, "publish_event", "publisher", REPORT_ITEMS, recipient=OFFICE, **both)


@pytest.mark.parametrize("write", [alert(), report()])
def test_no_other_decision_serves(city: Database, worker: Conn, write: Write) -> None:
    refused = of_number(worker, city, QUIET)
    judged = worker.execute("SELECT decision, entry FROM gate.decision WHERE act = 'judge_event'").fetchall()[0]
    others = [Decision(uuid4(), 0, "permit", ()), Decision(judged[0], judged[1], "permit", ()), refused]
    for made in others:
        with pytest.raises(errors.ForeignKeyViolation), worker.transaction():
            write(worker, made)
    with pytest.raises(errors.NotNullViolation), worker.transaction():
        worker.execute(ALERT.encode(), (str(uuid4()), None, CHILD, 1, OFFICE, 0))
    with pytest.raises(errors.NotNullViolation), worker.transaction():
        worker.execute(REPORT.encode(), (str(uuid4()), of_child(worker, city).id, None, None, OFFICE, 0))


@pytest.mark.parametrize(("permit", "write"), [(of_child, alert()), (of_number, report())])
def test_a_permit_of_another_transaction_does_not_fit(
    city: Database, permit: Callable[[Conn, Database], Decision], write: Write
) -> None:
    with city.connect("worker") as conn:
        judge_by_event(conn, city)
        made = permit(conn, city)
        assert made.outcome == "permit"
    with city.connect("worker") as conn:
        judge_by_event(conn, city)
        with pytest.raises(errors.ForeignKeyViolation):
            write(conn, made)
        conn.rollback()


def test_the_gate_refuses_what_no_event_of_this_transaction_says(city: Database) -> None:
    with city.connect("worker") as conn:
        judge_by_event(conn, city)
        assert _codes(of_child(conn, city)) == set()
    with city.connect("worker") as conn:
        assert _codes(of_child(conn, city)) == {"EVENT_NOT_JUDGED"}  # judged before
        assert _codes(of_number(conn, city, QUIET, 2)) == {"EVENT_NOT_URGENT"}
        assert _codes(of_number(conn, city, QUIET, 1)) == {"EVENT_NOT_URGENT"}  # the event is another number's
        assert _codes(of_number(conn, city, event=9)) == {"EVENT_NOT_URGENT"}
        other = _asked(conn, city, "publish", "publisher", ITEMS, recipient=OFFICE, child=CHILD, judgement=1)
        assert _codes(other) == {"ROLE_NOT_ALLOWED"}
    with city.connect("publisher") as conn:
        assert _codes(of_child(conn, city)) == {"EVENT_NOT_JUDGED", "ROLE_NOT_ALLOWED"}


def _codes(decision: Decision) -> set[str]:
    return {code for code, _ in decision.failed}


def test_an_alert_names_a_provisional_of_its_own_transaction(city: Database) -> None:
    """Two 速報 say the same judgement: the one that another transaction committed is not what is published now."""
    with city.connect("worker") as conn:
        judge_by_event(conn, city)
    with city.connect("worker") as conn:
        judge_by_event(conn, city)
        made = of_child(conn, city)
        earlier = ALERT.replace("max(v.seal)", "min(v.seal)")
        with pytest.raises(errors.ForeignKeyViolation, match="official run"):
            conn.execute(earlier.encode(), (str(uuid4()), made.id, CHILD, 1, OFFICE, made.entry))
        conn.rollback()


def test_a_provisional_has_a_permit_of_its_own(city: Database, worker: Conn) -> None:
    made = of_child(worker, city)
    for decision in (uuid4(), made.id):
        with pytest.raises(errors.ForeignKeyViolation), worker.transaction():
            worker.execute(PROVISIONAL.encode(), (RULES, decision))
    used = worker.execute("SELECT decision FROM judgement.provisional").fetchall()[0][0]
    with pytest.raises(errors.UniqueViolation), worker.transaction():
        worker.execute(PROVISIONAL.encode(), (RULES, used))


FORGED = {
    "an alert that says it is a run's": "INSERT INTO publication.alert (alert, run, seal) VALUES ('a', 'run-1', 1)",
    "a transaction by hand": "INSERT INTO publication.alert (alert, xact) VALUES ('a', '1')",
    "a report's transaction by hand": "INSERT INTO publication.unlinked_report (report, xact) VALUES ('a', '1')",
    "an alert moved": "UPDATE publication.alert SET child_id = gen_random_uuid()",
    "a report moved": "UPDATE publication.unlinked_report SET person_key = 1",
    "a report taken out": "DELETE FROM publication.unlinked_report",
    "a 速報 confirmed": "INSERT INTO publication.confirmation (alert, run, confirmed) VALUES ('a', 'run-1', true)",
    "a run": "INSERT INTO judgement.run (run) VALUES ('run-2')",
    "a line of a run": "INSERT INTO judgement.line (seal, position, judgement) VALUES (1, 9, 1)",
    "a judgement altered": "UPDATE judgement.said SET category = '重点支援Ⅰ'",
    "an event sent again": "UPDATE publication.outbox SET handed_on_at = NULL",
    "a caseworker's act": "INSERT INTO casework.action (verb) VALUES ('dismiss')",
    "whose number it is": "SELECT number FROM identity.person",
    "a name": "SELECT gate.reveal(gen_random_uuid())",
    "what people wrote": "SELECT reason FROM casework.action",
}


def test_the_workers_password_writes_and_reads_no_more(worker: Conn) -> None:
    for what, statement in FORGED.items():
        with pytest.raises(errors.InsufficientPrivilege), worker.transaction():
            worker.execute(statement.encode())
            pytest.fail(what)


def test_a_judgement_of_a_childs_own_is_published_of_the_child(city: Database, worker: Conn) -> None:
    made = of_child(worker, city, CHILD, 2)  # judgement 2 is the other child's
    with pytest.raises(errors.ForeignKeyViolation):
        alert(judgement=2)(worker, made)


def test_who_publishes_runs_writes_no_event(city: Database) -> None:
    with city.connect("publisher") as conn, pytest.raises(errors.InsufficientPrivilege):
        conn.execute("INSERT INTO publication.alert (alert, provisional) VALUES ('a', 1)")
    with city.connect("publisher") as conn, pytest.raises(errors.InsufficientPrivilege):
        conn.execute("INSERT INTO publication.unlinked_report (report) VALUES ('a')")
