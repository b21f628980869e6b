"""The rows that a run may see, as the kernel's frames: seal ≤ its own, known-at ≤ T, newest versions, persons for numbers."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from queue import Empty, SimpleQueue
from typing import Any

import polars as pl
from psycopg import Connection, sql

from models.judgement.facts import SCHEMAS, Facts
from models.judgement.versions import current
from schemas.feeds import FEEDS
from schemas.rules import RuleSet
from services.judgement.columns import (
    Columns,
    kernel_columns,
    listed,
    select,
    shaped,
    types,
    version_columns,
    with_persons,
)
from services.judgement.links import links_at
from services.judgement.ties import with_ties
from services.judgement.windows import windows_of
from services.platform.arrays import query_arrays
from services.platform.bulk import query_frame
from services.platform.queries import queries

REFERENCES = frozenset({"instrument_key", "instrument_norm"})
LONG = ("life_answer", "academic", "attendance")  # to read
PIECE_PAGES = 8192  # of a table, read at once: 64 MiB
READ = tuple(feed for feed in SCHEMAS if feed in FEEDS and feed not in REFERENCES)  # by person


@dataclass(frozen=True)
class Snapshot:
    """What one run sees.

    children:      person, child_id of every linked child, in scope or not
    links_digest:  SHA-256 over the links, hexadecimal
    suspended:     child_id of those who were left out, in order (services.judgement.suspended)
    """

    facts: Facts
    children: pl.DataFrame
    links_digest: str
    suspended: tuple[str, ...] = ()


def take_snapshot(
    conn: Connection[Any],
    *,
    as_of: date,
    seal: int,
    known_at: datetime,
    rules: RuleSet,
    beside: Connection[Any] | None = None,
) -> Snapshot:
    """Read all that judging `as_of` by `rules` may look at, as known at `known_at`, of what was sealed up to `seal`.

    beside: a second connection that sees the same; the feeds are then read over both at once
    """
    kept = [key for (key,) in conn.execute(queries("services.judgement")["birth_unknown"])]
    windows = windows_of(conn, as_of=as_of, rules=rules)

    def read_links(reader: Connection[Any]) -> pl.DataFrame:
        return links_at(reader, seal=seal, known_at=known_at)

    def read(reader: Connection[Any], feed: str) -> pl.DataFrame:
        seen = {"seal": seal, "known_at": known_at, "kept": kept}
        return _rows(reader, feed, seen, windows.get(feed, sql.SQL("true")))

    links, frames = _read_all([conn, beside] if beside else [conn], read_links, read)
    facts = Facts(frames | references(conn, seal), missing(conn, seal=seal, known_at=known_at))
    written = links.sort("person_key").write_csv().encode()
    return Snapshot(facts, links.select("person", "child_id").unique(), hashlib.sha256(written).hexdigest())


def _read_all(
    conns: Sequence[Connection[Any]],
    read_links: Callable[[Connection[Any]], pl.DataFrame],
    read: Callable[[Connection[Any], str], pl.DataFrame],
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """The links and the frame of every feed, each read by whichever connection is free; those that take longest first."""
    waiting: SimpleQueue[str] = SimpleQueue()
    for feed in sorted(READ, key=lambda feed: feed not in LONG):
        waiting.put(feed)
    frames: dict[str, pl.DataFrame] = {}

    with ThreadPoolExecutor(len(conns)) as threads:
        links = threads.submit(read_links, conns[0])

        def work(conn: Connection[Any]) -> None:
            with suppress(Empty):
                while True:
                    feed = waiting.get_nowait()
                    rows = with_persons(feed, read(conn, feed), links.result())
                    frames[feed] = shaped(feed, with_ties(conn, feed, rows))

        list(threads.map(work, reversed(conns)))  # the first connection's turn comes once it has read the links
    return links.result(), frames


def references(conn: Connection[Any], seal: int) -> dict[str, pl.DataFrame]:
    """The reference files: known at every T; of rows with the same key the newest counts."""
    return {feed: _reference(conn, feed, seal) for feed in sorted(REFERENCES)}


def missing(conn: Connection[Any], *, seal: int, known_at: datetime) -> frozenset[str]:
    """Feeds of which no batch, not even an empty one, had been loaded (reading 5)."""
    seen = {"seal": seal, "known_at": known_at}
    loaded = {row[0] for row in conn.execute(queries("services.judgement")["loaded_feeds"], seen)}
    return frozenset({feed for feed, contract in FEEDS.items() if contract.awaited} - loaded)


def _rows(conn: Connection[Any], feed: str, seen: dict[str, Any], window: sql.Composable) -> pl.DataFrame:
    """One feed's current rows: `kernel_columns` and record_key."""
    columns = kernel_columns(feed) | {"record_key": (sql.SQL("f.record_key"), pl.Int64())}
    # Most records have one version: only the others bring along what settles which version counts.
    revised = sql.SQL("f.record_key IN (SELECT record_key FROM facts.{} WHERE revises)").format(sql.Identifier(feed))
    plain = _piecewise(conn, feed, columns, sql.SQL("NOT {} AND ({})").format(revised, window), seen)
    versioned = columns | version_columns()
    versions = query_frame(conn, select(feed, versioned, revised), seen, types(versioned))
    return pl.concat([plain, current(versions).select(plain.columns)])


def _piecewise(
    conn: Connection[Any], feed: str, columns: Columns, condition: sql.Composable, seen: dict[str, Any]
) -> pl.DataFrame:
    """The feed's rows for which `condition` holds, read so that no answer grows with the city's history."""
    row = conn.execute(queries("services.judgement")["pages"], {"table": f"facts.{feed}"}).fetchone()
    assert row is not None
    parts = []
    for first in range(0, max(row[0], 1), PIECE_PAGES):
        here = sql.SQL("f.ctid >= {} AND f.ctid < {} AND {}").format(
            _page(first), _page(first + PIECE_PAGES), condition
        )
        parts.append(query_arrays(conn, select(feed, columns, here), seen, types(columns)))
    return pl.concat(parts)


def _page(number: int) -> sql.Composed:
    """Where a page of a table begins."""
    return sql.SQL("{}::tid").format(sql.Literal(f"({number},0)"))


def _reference(conn: Connection[Any], feed: str, seal: int) -> pl.DataFrame:
    columns = kernel_columns(feed)
    key = sql.SQL(", ").join(map(sql.Identifier, FEEDS[feed].key))
    query = sql.SQL(
        "SELECT DISTINCT ON ({key}) {columns} FROM facts.{feed} f JOIN facts.batch b USING (batch)"
        " WHERE b.seal <= %(seal)s ORDER BY {key}, b.seal DESC, f.line DESC"
    ).format(key=key, columns=listed(columns), feed=sql.Identifier(feed))
    return query_frame(conn, query, {"seal": seal}, types(columns))
