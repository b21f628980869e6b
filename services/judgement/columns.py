"""The kernel's columns as SQL expressions on `facts.FEED f JOIN facts.batch b`, and the persons that its numbers stand for."""

from typing import LiteralString

import polars as pl
from psycopg import sql

from models.judgement.facts import SCHEMAS
from services.judgement.windows import BY_EITHER, BY_PUPIL

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


def select(feed: str, columns: Columns, condition: sql.Composable) -> sql.Composed:
    """The feed's rows that a run may see (parameters seal, known_at) and for which `condition` holds."""
    return sql.SQL(
        "SELECT {columns} FROM facts.{feed} f JOIN facts.batch b USING (batch)"
        " WHERE b.seal <= %(seal)s AND {known_at} <= %(known_at)s AND {condition}"
    ).format(
        columns=listed(columns),
        feed=sql.Identifier(feed),
        known_at=_version("known_at"),
        condition=condition,
    )


def listed(columns: Columns) -> sql.Composed:
    """The columns of a SELECT."""
    named = (sql.SQL("{} AS {}").format(expression, sql.Identifier(name)) for name, (expression, _) in columns.items())
    return sql.SQL(", ").join(named)


def types(columns: Columns) -> dict[str, pl.DataType]:
    """name → type, in order."""
    return {name: kind for name, (_, kind) in columns.items()}


def kernel_columns(feed: str) -> Columns:
    """The kernel's columns but `tie`, with numbers for persons and lists for the answers of a sheet."""
    found: Columns = {}
    for name, kind in SCHEMAS[feed].items():
        found |= {} if name == "tie" else _expressions(feed, name, kind)
    return found


def version_columns() -> Columns:
    """What settles which version of a record counts."""
    return {name: (_version(name), kind) for name, kind in VERSION.items()}


def person_columns(feed: str, name: str) -> list[str]:
    """The key columns of the feed that a person column of the kernel comes from; the first that is linked counts."""
    if feed in BY_PUPIL:
        return ["pupil_key"]
    if feed in BY_EITHER:
        return ["pupil_key", "person_key"]
    if feed == "shugaku_enjo" and name == "child":
        return ["person_key"]
    return [f"{name}_key"]


def persons_of(feed: str) -> list[str]:
    """The kernel's person columns of a feed."""
    return [name for name, kind in SCHEMAS[feed].items() if name in PERSONS and kind == pl.Int64()]


def as_frame(feed: str, rows: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Rows with the columns of `kernel_columns`, and `tie` where the feed settles ties by it, as the kernel's frame."""
    tied = rows if "tie" in rows.columns else rows.with_columns(tie=pl.lit(0, pl.Int64))
    return shaped(feed, with_persons(feed, tied, links))


def shaped(feed: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with persons and `tie` as the kernel's frame: an answer sheet becomes one row an item."""
    return _one_row_an_item(rows).select(list(SCHEMAS[feed]))


def _one_row_an_item(rows: pl.DataFrame) -> pl.DataFrame:
    if "item_codes" not in rows.columns:
        return rows
    return rows.explode("item_codes", "answers").rename({"item_codes": "item_code", "answers": "answer"})


def with_persons(feed: str, rows: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The kernel's person columns for those of `kernel_columns`.

    Each number becomes its person: the child it is linked to, else, for a 宛名番号, itself; a pupil's number without a link is
    nobody, and the row is left out.
    """

    def person_of(column: str) -> pl.Expr:
        linked = pl.col(column).replace_strict(
            links["person_key"], links["person"], default=None, return_dtype=pl.Int64()
        )
        return linked if column == "pupil_key" else pl.coalesce(linked, column)

    rows = rows.with_columns(
        pl.coalesce(person_of(column) for column in person_columns(feed, name)).alias(name) for name in persons_of(feed)
    )
    return rows.drop_nulls("person") if feed in BY_PUPIL | BY_EITHER else rows


def _version(name: str) -> sql.Composable:
    special: dict[str, LiteralString] = {
        "known_at": "CASE WHEN b.initial THEN f.event_time ELSE b.sealed_at END",
        "seal": "b.seal",
        "source_batch_id": "coalesce(f.source_batch_id, '')",
        "op": "f.op::text",
        "content_hash": "f.content_hash::text",
    }
    return sql.SQL(special[name]) if name in special else sql.SQL("f.{}").format(sql.Identifier(name))


def _expressions(feed: str, name: str, kind: pl.DataType) -> Columns:
    field = sql.SQL("f.{}").format(sql.Identifier(name))
    if name in PERSONS and kind == pl.Int64():
        return {column: (sql.SQL("f.{}").format(sql.Identifier(column)), kind) for column in person_columns(feed, name)}
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
    return {name: (field, kind)}
