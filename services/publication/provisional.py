"""速報 before the caseworkers: alerts of whom events touched, each under its own permit, in the transaction that judged them.

A refusal is logged in that transaction too: a second one would wait for the log's head, which the first holds.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from models.judgement.alerting import Earlier, Signal, told_at_once
from services.gate import Decision, Request, check, decide, receiving_office
from services.platform.database import Database
from services.platform.queries import queries
from services.publication.alerts import Candidate, Provisional, add_alerts_of_event, joined, new_handle
from services.publication.event import alert_event
from services.publication.main import CHUNK, CLASSES, ITEMS

REPORT_ITEMS = ("alert.category", "alert.reasons")  # of a number that no child has yet: that it was reported


@dataclass(frozen=True)
class Unlinked:
    """An urgent event about a number that no child has yet, or a child out of scope. event: its id in the inbox."""

    person_key: int
    event: int


@dataclass(frozen=True)
class Published:
    """What became of a 速報, or of reports about numbers without a child.

    unchanged:   children whose alert stands as it is, or who have none and need none
    conditions:  what the gate refused for, as (code, sentence)
    """

    published: int = 0
    unchanged: int = 0
    refused: int = 0
    conditions: tuple[tuple[str, str], ...] = ()


def publish_events(
    conn: Connection[Any],
    database: Database,
    provisional: Provisional,
    *,
    urgent: Collection[UUID] = (),
    reported: Collection[UUID] = (),
) -> Published:
    """Publish what a 速報 calls for, in the caller's transaction as role `worker`, in which it was judged and stored.

    urgent, reported:  children whom an urgent event names, and of them those whom one names that was not there before, as
                       models.judgement.alerting.told_at_once has it
    """
    calling, others = _candidates(conn, provisional, urgent, reported)
    office = _office(conn, database)
    asked = _request(provisional.rules, office, ITEMS)
    requests = [replace(asked, child=each.child, judgement=each.judgement) for each in calling]
    decisions, conditions = _decided(conn, database, asked, requests)
    permitted = [(each, made) for each, made in zip(calling, decisions, strict=False) if not made.failed]
    if permitted:
        add_alerts_of_event(conn, provisional, permitted, office=office, now=database.clock.now())
    return Published(len(permitted), others, len(calling) - len(permitted), conditions)


def report_unlinked(conn: Connection[Any], database: Database, reports: Sequence[Unlinked], *, rules: str) -> Published:
    """Put urgent events about numbers without a child before the caseworkers, in the caller's transaction as role `worker`.

    rules:  version of the rule set in force
    """
    office = _office(conn, database)
    asked = _request(rules, office, REPORT_ITEMS)
    requests = [replace(asked, person_key=each.person_key, event=each.event) for each in reports]
    decisions, conditions = _decided(conn, database, asked, requests)
    permitted = [(each, made) for each, made in zip(reports, decisions, strict=False) if not made.failed]
    if permitted:
        _add_reports(conn, database, permitted, office)
    return Published(len(permitted), 0, len(reports) - len(permitted), conditions)


def _candidates(
    conn: Connection[Any], provisional: Provisional, urgent: Collection[UUID], reported: Collection[UUID]
) -> tuple[list[Candidate], int]:
    """Children with a new alert, and how many have none."""
    rows = conn.execute(queries("services.publication")["signals_of_event"], {"seal": provisional.seal}).fetchall()
    calling = []
    for child, judgement, category, data_check, codes, *last in rows:
        signal = Signal(category, data_check, frozenset(codes))
        earlier = (
            None if last[0] is None else Earlier(Signal(last[0], last[1], frozenset(last[2])), last[3] == "dismiss")
        )
        if told_at_once(signal, earlier, urgent=child in urgent, reported=child in reported):
            calling.append(Candidate(child, judgement, signal))
    return calling, len(rows) - len(calling)


def _office(conn: Connection[Any], database: Database) -> str | None:
    return receiving_office(conn, act="publish_event", role="publisher", today=database.clock.today())


def _request(rules: str, office: str | None, items: tuple[str, ...]) -> Request:
    return Request(act="publish_event", items=items, classes=CLASSES, recipient=office, role="publisher", rules=rules)


def _decided(
    conn: Connection[Any], database: Database, at_all: Request, requests: Sequence[Request]
) -> tuple[list[Decision], tuple[tuple[str, str], ...]]:
    """A decision each, and what was refused for. Where nothing at all may be published, one refusal is logged and none decided."""
    if not requests:
        return [], ()
    today = database.clock.today()
    conditions = check(conn, at_all, today=today)
    if conditions:
        decide(conn, [at_all], today=today)
        return [], tuple(conditions)
    chunks = (requests[start : start + CHUNK] for start in range(0, len(requests), CHUNK))
    decisions = [decision for chunk in chunks for decision in decide(conn, chunk, today=today)]
    return decisions, tuple(sorted({condition for decision in decisions for condition in decision.failed}))


def _add_reports(
    conn: Connection[Any], database: Database, permitted: Sequence[tuple[Unlinked, Decision]], office: str | None
) -> None:
    now, reports, events = database.clock.now(), [], []
    for unlinked, decision in permitted:
        report = new_handle()
        reports.append({
            "report": report, "decision": str(decision.id), "person": unlinked.person_key, "event": unlinked.event,
            "entry": decision.entry,
        })  # fmt: skip
        events.append(alert_event(report, decision, now=now))
    sql = queries("services.publication")
    conn.execute(sql["add_reports"], {"reports": Jsonb(reports), "recipient": office})
    conn.execute(sql["hand_on_at_once"], {"events": joined(events), "unlinked": True})
