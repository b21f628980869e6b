"""A query's answer sent column by column, each as one array: half the work of COPY, where all of it fits into one row.

COPY sends a message a row, and text for every number. Here each column is one value of one row: PostgreSQL's binary array, in
which nothing is null (the least value of the type stands for null, which no fact has), or texts between separators.
"""

from collections.abc import Mapping
from typing import Any, LiteralString

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

from services.platform.bulk import query_frame

HEADER_BYTES = 20  # of an array of one dimension: dimensions, flags, type, length, lower bound
LENGTH_BYTES = 4  # before each element
EPOCH_DAYS = 10_957  # PostgreSQL counts from 2000, Polars from 1970
EPOCH_MICROSECONDS = EPOCH_DAYS * 86_400 * 1_000_000
SEPARATOR, NULL = "\x1f", "\x1e"
TIMESTAMP = pl.Datetime("us", "UTC")

# type → SQL type of the elements, the one that stands for null, type of the numbers
_NUMBERS: dict[pl.DataType, tuple[LiteralString, LiteralString, str]] = {
    pl.Int64(): ("bigint", "-9223372036854775808", ">i8"),
    pl.Int32(): ("integer", "-2147483648", ">i4"),
    pl.Int16(): ("smallint", "-32768", ">i2"),
    pl.Boolean(): ("integer", "-2147483648", ">i4"),
    pl.Date(): ("date", "-infinity", ">i4"),
    TIMESTAMP: ("timestamptz", "-infinity", ">i8"),
}


def query_arrays(
    conn: psycopg.Connection,
    query: sql.Composable,
    params: Mapping[str, Any],
    schema: Mapping[str, pl.DataType],
) -> pl.DataFrame:
    """The same as `services.platform.bulk.query_frame`, in no particular order of rows.

    query: its answer is held by the server and by the client as a whole: some hundred thousand rows, not a city's history
    """
    texts = [name for name, kind in schema.items() if kind not in _NUMBERS]
    given = sql.SQL(" + ").join([sql.SQL("0"), *(sql.SQL("count({})").format(sql.Identifier(name)) for name in texts)])
    columns = sql.SQL(", ").join(_sent(name, kind) for name, kind in schema.items())
    statement = sql.SQL("SELECT count(*), {}, {} FROM ({}) AS answer").format(given, columns, query)
    with conn.cursor(binary=True) as cursor:
        result = cursor.execute(statement, params).pgresult
        assert result is not None
        rows, filled, *values = (result.get_value(0, column) or b"" for column in range(result.nfields))
    if not int.from_bytes(rows, "big"):
        return pl.DataFrame(schema=schema)
    columns_read = [_received(value, name, kind) for value, (name, kind) in zip(values, schema.items(), strict=True)]
    if {column.len() for column in columns_read} == {int.from_bytes(rows, "big")}:
        frame = pl.DataFrame(columns_read)
        if sum(frame[name].count() for name in texts) == int.from_bytes(filled, "big"):
            return frame
    return query_frame(conn, query, params, schema)  # a text holds the separator, or is what stands for null


def _sent(name: str, kind: pl.DataType) -> sql.Composed:
    column = sql.Identifier(name)
    if kind in _NUMBERS:
        element, null, _ = _NUMBERS[kind]
        return sql.SQL("array_agg(coalesce({}::{}, {}))").format(column, sql.SQL(element), sql.Literal(null))
    text = "array_to_json({})::text" if isinstance(kind, pl.List) else "{}::text"
    return sql.SQL("string_agg(coalesce({}, {}), {})").format(
        sql.SQL(text).format(column), sql.Literal(NULL), sql.Literal(SEPARATOR)
    )


def _received(value: bytes, name: str, kind: pl.DataType) -> pl.Series:
    if kind in _NUMBERS:
        return _numbers(value, kind).alias(name)
    texts = pl.Series(name, [value.decode()]).str.split(SEPARATOR).explode().replace(NULL, None)
    return _lists(texts, kind) if isinstance(kind, pl.List) else texts


def _numbers(value: bytes, kind: pl.DataType) -> pl.Series:
    number = np.dtype(_NUMBERS[kind][2])
    element = np.dtype([("length", f">i{LENGTH_BYTES}"), ("value", number)])
    elements = np.frombuffer(value, element, offset=HEADER_BYTES)["value"]
    column = pl.Series(elements.astype(number.newbyteorder("=")))
    least = np.iinfo(number).min
    if bool((elements == least).any()):
        column = column.set(column == least, None)
    if kind == pl.Date():
        return (column + EPOCH_DAYS).cast(kind)
    if kind == TIMESTAMP:
        return (column + EPOCH_MICROSECONDS).cast(kind)
    return column.cast(kind)


def _lists(texts: pl.Series, kind: pl.DataType) -> pl.Series:
    """Each different text is read once: the codes of a form's items are the same on every sheet."""
    different = texts.unique().to_frame().with_columns(read=pl.col(texts.name).str.json_decode(kind))
    joined = texts.to_frame().join(different, on=texts.name, how="left", nulls_equal=True, maintain_order="left")
    return joined["read"].alias(texts.name)
