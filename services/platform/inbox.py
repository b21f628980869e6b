"""The inbox of events as workers see it: what waits, whose share it is, what became of it. The bodies are facts already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import class_row

from services.platform.queries import queries

PARTS = 32  # shares of the inbox: an event belongs to one by its household
LEASE_SECONDS = 30


@dataclass(frozen=True)
class Waiting:
    """One event that waits to be judged.

    batch, line: the fact it became; line None: nothing new, or in quarantine, so there is nothing to judge
    """

    id: int
    feed: str
    batch: int
    line: int | None
    urgent: bool
    taken_at: datetime


@dataclass(frozen=True)
class Standing:
    """How the inbox stands.

    waiting, urgent: events that wait to be judged, and those of them that cannot wait
    oldest_seconds:  since when, by the service's clock, the oldest of them waits; None = none waits
    failed:          class of error → events that could not be judged
    dead_letters:    reason → messages that were not taken in, and not later either
    urgent_quarantined: rows in quarantine that came with events that cannot wait, not mended since
    workers, parts:  workers that are there, and shares that they have
    """

    waiting: int
    urgent: int
    oldest_seconds: float | None
    failed: dict[str, int]
    dead_letters: dict[str, int]
    urgent_quarantined: int
    workers: int
    parts: int


def standing(conn: Connection[Any]) -> Standing:
    """How the inbox stands now; for the role auditor."""
    with conn.cursor(row_factory=class_row(Standing)) as cursor:
        cursor.execute(_sql("inbox_standing"))
        found = cursor.fetchone()
    assert found is not None
    return found


def waiting(conn: Connection[Any], parts: Sequence[int], *, limit: int = 500) -> list[Waiting]:
    """At most `limit` events: urgent ones first, of all parts, then those of these parts as they came. Locked until the end of the
    transaction; events that another transaction holds are left out.
    """
    with conn.cursor(row_factory=class_row(Waiting)) as cursor:
        cursor.execute(_sql("inbox_waiting"), {"parts": list(parts), "limit": limit})
        return cursor.fetchall()


def done(conn: Connection[Any], ids: Sequence[int], seal: int | None) -> None:
    """These events are judged, by the 速報 of this seal; None: there was nothing to judge."""
    conn.execute(_sql("inbox_done"), {"ids": list(ids), "seal": seal})


def failed(conn: Connection[Any], event: int, why: str) -> None:
    """This event cannot be judged even alone. why: class of the error, never what it says."""
    conn.execute(_sql("inbox_failed"), {"id": event, "why": why})


def lease(conn: Connection[Any], holder: str, *, seconds: float = LEASE_SECONDS) -> list[int]:
    """Renew this worker's share for `seconds` more and return its parts; in a short transaction of its own.

    The parts are shared evenly among the workers that are there: who has too many gives some up here, who has too few takes
    what is free, so after each has called twice all parts are held. A share that is not renewed is free when its time is over.
    """
    asked = {"holder": holder, "seconds": seconds}
    for name in ("lease_lock", "lease_gone", "lease_present", "lease_give_up", "lease_take"):
        conn.execute(_sql(name), asked)
    return [part for (part,) in conn.execute(_sql("lease_mine"), asked)]


def release(conn: Connection[Any], holder: str) -> None:
    """This worker goes; its parts are free at once."""
    conn.execute(_sql("lease_lock"))
    conn.execute(_sql("lease_release"), {"holder": holder})


def announce(conn: Connection[Any]) -> None:
    """Tell who listens, once this transaction commits, that events came."""
    conn.execute("NOTIFY mimamori_inbox")


def listen(conn: Connection[Any]) -> None:
    """Hear of events that come from now on; conn: in autocommit mode, kept for this."""
    conn.execute("LISTEN mimamori_inbox")


def heard(conn: Connection[Any], *, seconds: float) -> bool:
    """Whether events came since this was last asked, or come within `seconds`; conn: one that listens."""
    return any(True for _ in conn.notifies(timeout=seconds, stop_after=1))


def _sql(name: str) -> sql.SQL:
    return queries("services.platform")[name]
