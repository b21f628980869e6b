"""Split good rows: what names or finds a person goes to identity, the rest by random keys to the facts."""

from typing import Any

import polars as pl
from psycopg import Connection, sql

from schemas.feeds.column import System
from schemas.feeds.contract import Column, Contract
from services.intake.keyring import KEY, NUMBER, RIGHT, Keyring
from services.intake.reading import LINE
from services.intake.sheet import ANSWER, ITEM, is_sheet
from services.intake.versions import CONTENT, FIRST, RECORD, REVISES
from services.platform.bulk import copy_in


def with_keys(
    conn: Connection[Any], rows: pl.DataFrame, contract: Contract, keyring: Keyring
) -> tuple[pl.DataFrame, int]:
    """Every number column replaced by its key under the fact's name; and how many 宛名番号 have a wrong check digit."""
    wrong = 0
    for column in contract.columns:
        system = column.about.system
        if system is None:
            continue
        if column.kind.sql == "text[]":
            rows = _list_of_keys(conn, rows, column, system, keyring)
            continue
        keys = keyring.of(conn, system, rows[column.name])
        rows = rows.join(keys, left_on=column.name, right_on=NUMBER, how="left", maintain_order="left")
        wrong += int((~rows[RIGHT]).sum() or 0)
        rows = rows.drop(RIGHT, column.name).rename({KEY: column.fact})
    return rows, wrong


def write_rows(conn: Connection[Any], rows: pl.DataFrame, contract: Contract, batch: int) -> None:
    """Append new versions, numbers already replaced, to facts and names to identity."""
    rows = rows.with_columns(pl.lit(batch).alias("batch")).rename({LINE: "line"})
    if is_sheet(contract):
        rows = rows.rename({ITEM: "item_codes", ANSWER: "answers"})
    names = [column.name for column in contract.columns if column.about.name and column.name in rows.columns]
    if names:
        _copy(conn, rows.select("batch", "line", "person_key", *names), "identity", f"{contract.feed}_name")
    if contract.ties:
        _write_record_ids(conn, rows, contract.feed)
    own = {"batch": "batch", "line": "line", CONTENT: CONTENT}
    own |= {} if contract.reference else {RECORD: RECORD, REVISES: REVISES}
    own |= {"item_codes": "item_codes", "answers": "answers"} if is_sheet(contract) else {}
    own |= {_column_of(c): c.fact for c in _facts(contract) if _column_of(c) in rows.columns}
    _copy(conn, rows.select(pl.col(name).alias(fact) for name, fact in own.items()), "facts", contract.feed)


def write_tombstones(conn: Connection[Any], contract: Contract, vanished: pl.DataFrame, batch: int, after: int) -> None:
    """For each last version (batch, line) a row with op D that repeats it. Lines go on after the file's last line, `after`."""
    facts = [column.fact for column in _facts(contract) if column.name not in ("op", "event_time")]
    facts += ["item_codes", "answers"] if is_sheet(contract) else []
    columns = sql.SQL(", ").join(map(sql.Identifier, [RECORD, *facts]))
    copied = sql.SQL(", ").join(sql.SQL("f.{}").format(sql.Identifier(name)) for name in [RECORD, *facts])
    conn.execute(
        sql.SQL(
            "INSERT INTO {table} (batch, line, op, event_time, content_hash, revises, {columns})"
            " SELECT %(batch)s, %(after)s + row_number() OVER (ORDER BY f.batch, f.line), 'D', platform.now(),"
            " md5(f.content_hash::text || %(batch)s::text)::uuid, true, {copied}"
            " FROM {table} f JOIN unnest(%(batches)s::bigint[], %(lines)s::int[]) AS gone (batch, line) USING (batch, line)"
        ).format(table=sql.Identifier("facts", contract.feed), columns=columns, copied=copied),
        {"batch": batch, "after": after, "batches": vanished["batch"].to_list(), "lines": vanished["line"].to_list()},
    )


def _facts(contract: Contract) -> list[Column]:
    """Columns that stand in the feed's table under Column.fact; a sheet's two lists have names of their own."""
    apart = {"source_record_id", *((ITEM, ANSWER) if is_sheet(contract) else ())}
    return [column for column in contract.columns if not column.about.name and column.name not in apart]


def _column_of(column: Column) -> str:
    """Name in the frame: numbers stand under their fact's name already."""
    return column.fact if column.about.system else column.name


def _list_of_keys(
    conn: Connection[Any], rows: pl.DataFrame, column: Column, system: System, keyring: Keyring
) -> pl.DataFrame:
    long = rows.select(LINE, column.name).explode(column.name, empty_as_null=True)
    keys = keyring.of(conn, system, long[column.name]).select(NUMBER, KEY)
    found = long.drop_nulls().join(keys, left_on=column.name, right_on=NUMBER, how="left", maintain_order="left")
    lists = found.group_by(LINE, maintain_order=True).agg(pl.col(KEY).alias(column.fact))
    return rows.drop(column.name).join(lists, on=LINE, how="left", maintain_order="left")


def _write_record_ids(conn: Connection[Any], rows: pl.DataFrame, feed: str) -> None:
    """Ids of records that have no row yet; a record keeps its id for ever."""
    new = rows.filter(FIRST).select(pl.lit(feed).alias("feed"), RECORD, "source_record_id")
    copy_in(conn, new, sql.Identifier("identity", "record"), new.columns)


def _copy(conn: Connection[Any], rows: pl.DataFrame, schema: str, table: str) -> None:
    """Columns without any value are left out: their default is null, and COPY is faster without them."""
    filled = [column.name for column in rows if column.null_count() < rows.height]
    if rows.height:
        copy_in(conn, rows, sql.Identifier(schema, table), filled)
