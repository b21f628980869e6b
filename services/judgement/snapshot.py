"""The rows that a run may see, as the kernel's frames: seal ≤ its own, known-at ≤ T, newest versions, persons for numbers."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

import polars as pl
from psycopg import Connection, sql

from models.judgement.facts import SCHEMAS, Facts
from models.judgement.versions import current
from schemas.feeds import FEEDS
from schemas.rules import RuleSet
from services.judgement.links import links_at
from services.judgement.windows import BY_EITHER, BY_PUPIL, windows_of
from services.platform.bulk import query_frame
from services.platform.queries import queries

TIME = pl.Datetime("us", "UTC")
VERSION: dict[str, pl.DataType] = {
    "record_key": pl.Int64(), "op": pl.String(), "known_at": TIME, "seal": pl.Int64(), "source_batch_id": pl.String(),
    "event_time": TIME, "content_hash": pl.String(), "revises": pl.Boolean(),
}  # fmt: skip
Columns = dict[str, tuple[sql.Composable, pl.DataType]]  # column of the answer → SQL expression, type
PERSONS = ("person", "child", "guardian", "member", "mother", "recipient", "guardian_of")
KEYS = {"setai": "setai_key", "case": "case_key"}
MILLIONTHS = frozenset({"raw", "score", "value", "mean", "sd", "max"})
TENTHS = frozenset({"dev", "total_dev"})
REFERENCES = frozenset({"instrument_key", "instrument_norm"})


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


def take_snapshot(conn: Connection[Any], *, as_of: date, seal: int, known_at: datetime, rules: RuleSet) -> Snapshot:
    """Read all that judging `as_of` by `rules` may look at, as known at `known_at`, of what was sealed up to `seal`."""
    links = links_at(conn, seal=seal, known_at=known_at)
    seen = {"seal": seal, "known_at": known_at}
    resident = _frame(conn, "resident", links, seen, sql.SQL("true"))
    nameless = resident.filter(pl.col("birth").is_null())["person"]  # whose scope hangs on rows of any age (reading 26)
    keys = links.filter(pl.col("person").is_in(nameless.implode()))["person_key"].to_list()
    windows = windows_of(conn, as_of=as_of, rules=rules)
    frames = {
        feed: _frame(conn, feed, links, seen | {"kept": keys}, windows.get(feed, sql.SQL("true")))
        for feed in SCHEMAS
        if feed in FEEDS and feed not in REFERENCES and feed != "resident"
    }
    references = {feed: _reference(conn, feed, seal) for feed in REFERENCES}
    loaded = {row[0] for row in conn.execute(queries("services.judgement")["loaded_feeds"], seen)}
    expected = {feed for feed, contract in FEEDS.items() if contract.awaited}
    facts = Facts({"resident": resident, **frames, **references}, frozenset(expected - loaded))
    written = links.sort("person_key").write_csv().encode()
    return Snapshot(facts, links.select("person", "child_id").unique(), hashlib.sha256(written).hexdigest())


def _frame(
    conn: Connection[Any], feed: str, links: pl.DataFrame, seen: dict[str, Any], window: sql.Composable
) -> pl.DataFrame:
    """One feed's current rows with the columns of the kernel."""
    schema = SCHEMAS[feed]
    columns = _columns(feed, schema)
    # Most records have one version: only the others bring along what settles which version counts.
    revised = sql.SQL("f.record_key IN (SELECT record_key FROM facts.{} WHERE revises)").format(sql.Identifier(feed))
    plain = _rows(conn, feed, columns, sql.SQL("NOT {} AND ({})").format(revised, window), seen)
    versions = {name: (_version(name), kind) for name, kind in VERSION.items()}
    settled = current(_rows(conn, feed, versions | columns, revised, seen)).select(plain.columns)
    return _one_row_an_item(_with_persons(feed, pl.concat([plain, settled]), links)).select(list(schema))


def _rows(
    conn: Connection[Any], feed: str, columns: Columns, condition: sql.Composable, seen: dict[str, Any]
) -> pl.DataFrame:
    """The feed's rows that the run may see and for which `condition` holds."""
    query = sql.SQL(
        "SELECT {columns} FROM facts.{feed} f JOIN facts.batch b USING (batch){ties}"
        " WHERE b.seal <= %(seal)s AND {known_at} <= %(known_at)s AND {condition}"
    ).format(
        columns=sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(expression, sql.Identifier(name)) for name, (expression, _) in columns.items()
        ),
        feed=sql.Identifier(feed),
        ties=_ties(feed),
        known_at=_version("known_at"),
        condition=condition,
    )
    return query_frame(conn, query, seen, {name: kind for name, (_, kind) in columns.items()})


def _one_row_an_item(rows: pl.DataFrame) -> pl.DataFrame:
    """An answer sheet becomes one row an item; any other feed's rows stay."""
    if "item_codes" not in rows.columns:
        return rows
    return rows.explode("item_codes", "answers").rename({"item_codes": "item_code", "answers": "answer"})


def _columns(feed: str, schema: dict[str, pl.DataType]) -> Columns:
    """The kernel's columns, with numbers for persons and lists for the answers of a sheet."""
    found: Columns = {}
    for name, kind in schema.items():
        found |= _expressions(feed, name, kind)
    return found


def _version(name: str) -> sql.Composable:
    special: dict[str, LiteralString] = {
        "known_at": "CASE WHEN b.initial THEN f.event_time ELSE b.sealed_at END",
        "seal": "b.seal",
        "source_batch_id": "coalesce(f.source_batch_id, '')",
    }
    return sql.SQL(special[name]) if name in special else sql.SQL("f.{}").format(sql.Identifier(name))


def _expressions(feed: str, name: str, kind: pl.DataType) -> Columns:
    field = sql.SQL("f.{}").format(sql.Identifier(name))
    if name in PERSONS and kind == pl.Int64():
        return {
            column: (sql.SQL("f.{}").format(sql.Identifier(column)), kind) for column in _person_columns(feed, name)
        }
    if name in KEYS:
        return {name: (sql.SQL("f.{}").format(sql.Identifier(KEYS[name])), kind)}
    if name in MILLIONTHS:
        return {name: (sql.SQL("({} * 1000000)::bigint").format(field), kind)}
    if name in TENTHS:
        return {name: (sql.SQL("({} * 10)::int").format(field), kind)}
    if feed == "life_answer" and name == "item_code":
        return {"item_codes": (sql.SQL("f.item_codes"), pl.List(pl.String()))}
    if feed == "life_answer" and name == "answer":
        return {"answers": (sql.SQL("f.answers"), pl.List(pl.Int16()))}
    if name == "known_at":
        return {name: (_version(name), kind)}
    if name == "source":
        return {name: (sql.SQL("(f.batch << 32) | f.line"), kind)}
    if name == "event_day":
        return {name: (sql.SQL("(f.event_time AT TIME ZONE 'Asia/Tokyo')::date"), kind)}
    if name == "tie":
        return {name: (sql.SQL("coalesce(o.rank, 0)") if FEEDS[feed].ties else sql.SQL("0::bigint"), kind)}
    return {name: (field, kind)}


def _ties(feed: str) -> sql.Composable:
    """Where a tie is settled by source_record_id, its rank; the text itself stays with intake."""
    if not FEEDS[feed].ties:
        return sql.SQL("")
    return sql.SQL(" LEFT JOIN facts.record_order o ON o.feed = {} AND o.record_key = f.record_key").format(
        sql.Literal(feed)
    )


def _person_columns(feed: str, name: str) -> list[str]:
    if feed in BY_PUPIL:
        return ["pupil_key"]
    if feed in BY_EITHER:
        return ["pupil_key", "person_key"]
    if feed == "shugaku_enjo" and name == "child":
        return ["person_key"]
    return [f"{name}_key"]


def _with_persons(feed: str, rows: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Each number's person: the child it is linked to, else, for a 宛名番号, itself; a pupil's number without a link is nobody."""
    for name in (name for name, kind in SCHEMAS[feed].items() if name in PERSONS and kind == pl.Int64()):
        found = []
        for column in _person_columns(feed, name):
            linked = links.select(pl.col("person_key").alias(column), pl.col("person").alias(f"{column}_linked"))
            rows = rows.join(linked, on=column, how="left", maintain_order="left")
            found += [f"{column}_linked"] if column == "pupil_key" else [f"{column}_linked", column]
        rows = rows.with_columns(pl.coalesce(found).alias(name))
    return rows.drop_nulls("person") if feed in BY_PUPIL | BY_EITHER else rows


def _reference(conn: Connection[Any], feed: str, seal: int) -> pl.DataFrame:
    """A reference file: known at every T; of rows with the same key the newest counts."""
    schema = SCHEMAS[feed]
    key = sql.SQL(", ").join(map(sql.Identifier, FEEDS[feed].key))
    query = sql.SQL(
        "SELECT DISTINCT ON ({key}) {columns} FROM facts.{feed} f JOIN facts.batch b USING (batch)"
        " WHERE b.seal <= %(seal)s ORDER BY {key}, b.seal DESC, f.line DESC"
    ).format(
        key=key,
        columns=sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(_expressions(feed, name, kind)[name][0], sql.Identifier(name))
            for name, kind in schema.items()
        ),
        feed=sql.Identifier(feed),
    )
    return query_frame(conn, query, {"seal": seal}, schema)
