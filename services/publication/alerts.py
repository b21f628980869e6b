"""Alerts under their permits, and the events that leave the service of them: a chunk at a time, a statement each."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from models.judgement.alerting import Signal
from services.gate import Decision
from services.platform.queries import queries
from services.publication.event import alert_event


@dataclass(frozen=True)
class Run:
    """The run that is published. rules: version of its rule set."""

    name: str
    as_of: date
    rules: str


@dataclass(frozen=True)
class Candidate:
    """One child for whom a run or 速報 calls. judgement: what it says of this child."""

    child: UUID
    judgement: int
    signal: Signal


@dataclass(frozen=True)
class Provisional:
    """The 速報 that is published. seal: its own; rules: version of its rule set."""

    seal: int
    as_of: date
    rules: str


Permitted = Sequence[tuple[Candidate, Decision]]


def add_alerts(conn: Connection[Any], run: Run, permitted: Permitted, *, office: str | None, now: datetime) -> None:
    """Add alert and outbox row of each, in order; the database refuses what its permit does not cover."""
    alerts, events = _rows(permitted, now)
    sql = queries("services.publication")
    said = {"alerts": Jsonb(alerts), "recipient": office, "run": run.name, "as_of": run.as_of}
    conn.execute(sql["add_alerts"], said)
    conn.execute(sql["add_outbox"], {"events": joined(events)})


def add_alerts_of_event(
    conn: Connection[Any], provisional: Provisional, permitted: Permitted, *, office: str | None, now: datetime
) -> None:
    """The same for a 速報; the queue has them at once."""
    alerts, events = _rows(permitted, now)
    sql = queries("services.publication")
    said = {"alerts": Jsonb(alerts), "recipient": office, "seal": provisional.seal, "as_of": provisional.as_of}
    conn.execute(sql["add_alerts_of_event"], said)
    conn.execute(sql["hand_on_at_once"], {"events": joined(events), "unlinked": False})


def new_handle() -> str:
    """A random handle; it never begins with "-", for operators type it as an argument."""
    return secrets.token_hex(12)


def joined(events: Sequence[str]) -> str:
    """A JSON array of JSON texts."""
    return f"[{','.join(events)}]"


def _rows(permitted: Permitted, now: datetime) -> tuple[list[dict[str, Any]], list[str]]:
    alerts, events = [], []
    for candidate, decision in permitted:
        alert = new_handle()
        alerts.append({
            "alert": alert, "decision": str(decision.id), "child": str(candidate.child), "judgement": candidate.judgement,
            "entry": decision.entry, "category": candidate.signal.category, "data_check": candidate.signal.data_check,
            "codes": sorted(candidate.signal.codes),
        })  # fmt: skip
        events.append(alert_event(alert, decision, now=now))
    return alerts, events
