"""Messages as they come: which can be taken in, which are here already, which are dead letters. One frame for all of them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import polars as pl
from psycopg import Connection

from schemas.events.envelope import Event, check_origin, read_event
from schemas.events.kinds import is_urgent
from schemas.events.reasons import NotTakenError, Reason
from services.platform.bulk import fetch_frame
from services.platform.queries import queries

Topics = Mapping[str, AbstractSet[str]]  # topic → feeds that it may bring

# Of the frame: where the message stands in the call, the event's own words, and its place among those of its record.
AT, TURN = "_at", "_turn"
_KNOWN = {"source": pl.String(), "event_id": pl.String(), "digest": pl.Binary()}
_FRAME: dict[str, pl.DataType] = {
    AT: pl.Int32(),
    "source": pl.String(),
    "event_id": pl.String(),
    "digest": pl.Binary(),
    "feed": pl.String(),
    "topic": pl.String(),
    "record": pl.String(),
    "urgent": pl.Boolean(),
}


@dataclass(frozen=True)
class Received:
    """One message. position: its offset in the partition of a topic, or its line in a file; key: None = it has none."""

    topic: str
    partition: int
    position: int
    value: bytes
    key: bytes | None = None


@dataclass(frozen=True)
class Dead:
    """One message that was not taken in. digest: keyed, of the whole message; detail: see NotTakenError."""

    topic: str
    partition: int
    position: int
    digest: bytes
    reason: Reason
    detail: str | None


@dataclass(frozen=True)
class Sifted:
    """What a call brought.

    events:   one row an event to be taken in: AT, source, event_id, digest, feed, topic, record, urgent, and TURN: how many
              earlier ones of this call are of the same record
    rows:     the events' rows by AT
    repeated: how many were here already
    """

    events: pl.DataFrame
    rows: Mapping[int, Mapping[str, str]]
    dead: list[Dead]
    repeated: int


def sift(
    conn: Connection[Any], records: Sequence[Received], *, now: datetime, topics: Topics | None, key: bytes
) -> Sifted:
    """Read the messages and compare them with what the inbox knows. key: of keyed hashes; topics: see take_in."""
    read: dict[int, Event] = {}
    dead: dict[int, tuple[Reason, str | None]] = {}
    for at, record in enumerate(records):
        try:
            read[at] = _read(record, now, topics)
        except NotTakenError as error:
            dead[at] = (error.reason, error.detail)
    found = _frame(records, read, key)
    _hold(conn, found)
    events, reused = _new(conn, found)
    dead |= dict.fromkeys(reused, (Reason.ID_REUSED, None))
    letters = [_letter(records[at], *why, key) for at, why in sorted(dead.items())]
    turns = events.with_columns(pl.int_range(pl.len()).over("feed", "record").alias(TURN))
    kept = {at: read[at].row for at in events[AT]}
    return Sifted(turns, kept, letters, len(records) - len(dead) - events.height)


def _hold(conn: Connection[Any], found: pl.DataFrame) -> None:
    """Hold the feeds before the inbox is asked: who sends the same events at the same time waits until they are there."""
    for feed in sorted(set(found["feed"])):
        conn.execute(queries("services.intake")["hold_feed"], {"feed": feed})


def _read(record: Received, now: datetime, topics: Topics | None) -> Event:
    event = read_event(record.value, now=now)
    if topics is not None:
        check_origin(event, key=record.key, feeds=topics.get(record.topic, frozenset()))
    return event


def _letter(record: Received, reason: Reason, detail: str | None, key: bytes) -> Dead:
    return Dead(record.topic, record.partition, record.position, keyed_digest(record.value, key), reason, detail)


def keyed_digest(text: bytes, key: bytes) -> bytes:
    """By which a message is known again without its body. key: services.intake.versions.pepper."""
    return blake2b(text, digest_size=32, key=key).digest()


def _frame(records: Sequence[Received], read: Mapping[int, Event], key: bytes) -> pl.DataFrame:
    rows = [
        (
            at,
            e.source,
            e.id,
            keyed_digest(e.content, key),
            e.feed,
            records[at].topic,
            e.record,
            is_urgent(e.feed, e.row),
        )
        for at, e in read.items()
    ]
    return pl.DataFrame(rows, schema=_FRAME, orient="row")


def _new(conn: Connection[Any], found: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
    """Events that are not in the inbox, each once; and where an id stands with another content than it was first seen with."""
    asked = {"sources": found["source"].to_list(), "ids": found["event_id"].to_list()}
    known = fetch_frame(conn, queries("services.intake")["known_events"], asked, _KNOWN)
    seen = pl.concat([known, found.select(_KNOWN.keys())]).unique(["source", "event_id"], keep="first")
    first = found.join(seen.rename({"digest": "_first"}), on=["source", "event_id"], how="left", maintain_order="left")
    reused = first.filter(pl.col("digest") != pl.col("_first"))[AT].to_list()
    same = found.filter(~pl.col(AT).is_in(reused)).unique(["source", "event_id"], keep="first", maintain_order=True)
    return same.join(known, on=["source", "event_id"], how="anti", maintain_order="left"), reused
