"""The rows that bear on some households as the kernel's frames: every feed in one exchange with the database."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import polars as pl
from psycopg import Connection, sql

from models.judgement.versions import current
from schemas.feeds import FEEDS
from services.judgement.columns import (
    as_frame,
    kernel_columns,
    person_columns,
    persons_of,
    select,
    types,
    version_columns,
)
from services.judgement.reach import ALWAYS, Reach
from services.judgement.snapshot import READ
from services.platform.arrays import query_arrays
from services.platform.bulk import fetch_frame
from services.platform.queries import queries

MANY = 600  # numbers, from which on whole columns cost less than rows
TWO = 2  # rows, before there is a tie
ORDER = {"feed": pl.String(), "record_key": pl.Int64(), "tie": pl.Int64()}
Frames = dict[str, pl.DataFrame]


def frames_of(conn: Connection[Any], reach: Reach) -> Frames:
    """The current rows of records that in any version name somebody in reach; feeds without any are left out."""
    seen = {"seal": reach.seal, "known_at": ALWAYS, "keys": list(reach.keys), "households": list(reach.households)}
    found = _by_column(conn, seen) if len(reach.keys) > MANY else _by_row(conn, seen)
    rows = {feed: current(versions) for feed, versions in found if not versions.is_empty()}
    order = _order(conn, rows)
    return {feed: as_frame(feed, _tied(feed, each, order), reach.links) for feed, each in rows.items()}


def _by_row(conn: Connection[Any], seen: Mapping[str, Any]) -> Iterable[tuple[str, pl.DataFrame]]:
    """Feed and versions, all asked before the first is answered."""
    with conn.pipeline():
        cursors = [(feed, conn.execute(_query(feed).as_bytes(), seen)) for feed in READ]
        answers = [(feed, cursor.fetchall()) for feed, cursor in cursors]
    return ((feed, pl.DataFrame(rows, schema=_types(feed), orient="row")) for feed, rows in answers if rows)


def _by_column(conn: Connection[Any], seen: Mapping[str, Any]) -> Iterable[tuple[str, pl.DataFrame]]:
    return ((feed, query_arrays(conn, _query(feed), seen, _types(feed))) for feed in READ)


@cache
def _query(feed: str) -> sql.Composed:
    """Every version of the feed's records that name one of the keys, or of a household's own one of the households."""
    condition = sql.SQL("f.record_key IN (SELECT f.record_key FROM facts.{} f WHERE {})").format(
        sql.Identifier(feed), _touching(feed)
    )
    return select(feed, version_columns() | kernel_columns(feed), condition)


@cache
def _types(feed: str) -> dict[str, pl.DataType]:
    return types(version_columns() | kernel_columns(feed))


def _touching(feed: str) -> sql.Composed:
    named = {column for name in persons_of(feed) for column in person_columns(feed, name)}
    asked = [(column, "keys") for column in sorted(named)]
    if feed == "tax_class":
        asked.append(("setai_key", "households"))
    conditions = [
        sql.SQL("f.{} = ANY ({})").format(sql.Identifier(column), sql.Placeholder(keys)) for column, keys in asked
    ]
    return sql.SQL(" OR ").join(conditions)


def _order(conn: Connection[Any], rows: Frames) -> pl.DataFrame:
    """feed, record_key, tie: the order of the records among themselves, of feeds that settle ties by it and may have one."""
    tied = [(feed, each) for feed, each in rows.items() if FEEDS[feed].ties and each.height >= TWO]
    asked = {
        "feeds": [feed for feed, each in tied for _ in range(each.height)],
        "keys": [key for _, each in tied for key in each["record_key"]],
    }
    if not tied:
        return pl.DataFrame(schema=ORDER)
    return fetch_frame(conn, queries("services.judgement")["record_order"], asked, ORDER)


def _tied(feed: str, rows: pl.DataFrame, order: pl.DataFrame) -> pl.DataFrame:
    if not FEEDS[feed].ties or rows.height < TWO:
        return rows
    ranks = order.filter(pl.col("feed") == feed).select("record_key", "tie")
    return rows.join(ranks, on="record_key", how="left", maintain_order="left")
