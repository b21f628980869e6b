"""Bulk transfer between Polars and PostgreSQL through COPY: no Python object a row."""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, LiteralString

import polars as pl
import psycopg
from psycopg import sql

BATCH_ROWS = 100_000  # rows turned into CSV at once
CHUNK_BYTES = 1 << 25  # of CSV parsed at once, so that a long answer is never held twice as text

TIMESTAMP = pl.Datetime("us", "UTC")


def copy_in(conn: psycopg.Connection, frame: pl.DataFrame, table: sql.Composable, columns: Sequence[str]) -> None:
    """Append the named columns of `frame` to `table`, in the caller's transaction. Null stays null, "" stays "".

    table:   an sql.Identifier, with its schema
    columns: names in the frame and in the table alike; a list column becomes an array
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(table, names)
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in frame.select(columns).iter_slices(BATCH_ROWS):
            written = batch.with_columns(_array_literal(name) for name in _list_columns(batch.schema))
            # Text always in quotes: a bare \. would end the data on servers before PostgreSQL 18.
            copy.write(written.write_csv(include_header=False, quote_style="non_numeric").encode())


def query_frame(
    conn: psycopg.Connection,
    query: LiteralString | sql.Composable,
    params: Mapping[str, Any] | Sequence[Any] | None,
    schema: Mapping[str, pl.DataType],
) -> pl.DataFrame:
    """The answer of `query` as a frame with the columns of `schema`, in the order of the query's rows.

    schema: name → type of the columns wanted; the query may have more. Whole numbers, String, Boolean, Date,
            Datetime (microseconds, UTC), List of String or of whole numbers; other types can be asked for as String
    """
    wanted = pl.Schema(schema)
    inner = sql.SQL(query) if isinstance(query, str) else query
    columns = sql.SQL(", ").join(_output(name, kind) for name, kind in wanted.items())
    statement = sql.SQL("COPY (SELECT {} FROM ({}) AS answer) TO STDOUT (FORMAT csv)").format(columns, inner)
    with conn.cursor() as cursor, cursor.copy(statement, params) as copy:
        parts = [_parse(chunk, wanted) for chunk in _chunks(copy)]
    return pl.concat(parts) if parts else pl.DataFrame(schema=wanted)


def fetch_frame(
    conn: psycopg.Connection,
    query: LiteralString | bytes | sql.SQL | sql.Composed,
    params: Mapping[str, Any] | Sequence[Any] | None,
    schema: Mapping[str, pl.DataType],
) -> pl.DataFrame:
    """The same for a few rows, without CSV. The query has just these columns; what is asked often is prepared by the connection."""
    rows = conn.execute(query, params).fetchall()
    return pl.DataFrame(rows, schema=schema, orient="row")


def _output(name: str, kind: pl.DataType) -> sql.Composable:
    """A column as it is sent: an array as JSON, whose quoting Polars can read; the rest as PostgreSQL writes it."""
    form = "array_to_json({})" if isinstance(kind, pl.List) else "{}"
    return sql.SQL(form).format(sql.Identifier(name))


def _chunks(copy: psycopg.Copy) -> Iterator[bytearray]:
    """Whole rows of CSV, about CHUNK_BYTES at a time: PostgreSQL sends one row a message.

    Copied out at once: a list of half a million messages costs three times as much, in garbage collection.
    """
    rows = bytearray()
    while row := copy.read():
        rows += row
        if len(rows) >= CHUNK_BYTES:
            yield rows
            rows = bytearray()
    if rows:
        yield rows


def _parse(text: bytearray, schema: pl.Schema) -> pl.DataFrame:
    raw = pl.Schema({name: _raw_type(kind) for name, kind in schema.items()})
    frame = pl.read_csv(BytesIO(text), has_header=False, schema=raw)
    return frame.with_columns(_finished(name, kind) for name, kind in schema.items() if raw[name] != kind)


def _raw_type(kind: pl.DataType) -> pl.DataType:
    """The type read from CSV; what CSV readers spell otherwise than PostgreSQL is read as text first."""
    return kind if kind.is_integer() or kind.is_float() or kind == pl.Date() else pl.String()


def _finished(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Boolean():
        return column == "t"
    if kind == TIMESTAMP:  # connections are in UTC, so the offset is always +00
        return (
            column.str.strip_suffix("+00")
            .str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
            .dt.replace_time_zone("UTC")
        )
    if isinstance(kind, pl.List):
        return column.str.json_decode(kind)
    return column.cast(kind)


def _list_columns(schema: pl.Schema) -> list[str]:
    return [name for name, kind in schema.items() if isinstance(kind, pl.List)]


def _array_literal(name: str) -> pl.Expr:
    """A list as PostgreSQL's array literal, for instance {"a","b\\"c",NULL}; a null list stays null."""
    element = pl.element().cast(pl.String())
    quoted = pl.lit('"') + element.str.replace_all(r'(["\\])', r"\$1") + pl.lit('"')
    elements = pl.col(name).list.eval(quoted.fill_null("NULL"))
    return (pl.lit("{") + elements.list.join(",") + pl.lit("}")).alias(name)
