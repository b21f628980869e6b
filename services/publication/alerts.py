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
    """One child for whom the run calls. judgement: the run's on this child."""

    child: UUID
    judgement: int
    signal: Signal


def add_alerts(
    conn: Connection[Any],
    run: Run,
    permitted: Sequence[tuple[Candidate, Decision]],
    *,
    office: str | None,
    now: datetime,
) -> None:
    """Add alert and outbox row of each, in order; the database refuses what its permit does not cover."""
    alerts, events = [], []
    for candidate, decision in permitted:
        alert = secrets.token_hex(12)  # never begins with "-": operators type it as an argument
        alerts.append({
            "alert": alert, "decision": str(decision.id), "child": str(candidate.child), "judgement": candidate.judgement,
            "entry": decision.entry, "category": candidate.signal.category, "data_check": candidate.signal.data_check,
            "codes": sorted(candidate.signal.codes),
        })  # fmt: skip
        events.append(alert_event(alert, decision, now=now))
    sql = queries("services.publication")
    said = {"alerts": Jsonb(alerts), "recipient": office, "run": run.name, "as_of": run.as_of}
    conn.execute(sql["add_alerts"], said)
    conn.execute(sql["add_outbox"], {"events": f"[{','.join(events)}]"})
