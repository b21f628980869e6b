"""Bulk transfer: what goes in through COPY comes out the same."""

from datetime import UTC, date, datetime

import polars as pl
from polars.testing import assert_frame_equal
from psycopg import sql

from services.platform.arrays import NULL, SEPARATOR, query_arrays
from services.platform.bulk import TIMESTAMP, copy_in, query_frame
from services.platform.database import Database

SCHEMA = pl.Schema(
    {
        "number": pl.Int64(),
        "word": pl.String(),
        "day": pl.Date(),
        "moment": TIMESTAMP,
        "flag": pl.Boolean(),
        "codes": pl.List(pl.String()),
        "answers": pl.List(pl.Int16()),
    }
)
COLUMNS = "number bigint, word text, day date, moment timestamptz, flag boolean, codes text[], answers smallint[]"
MOMENT = datetime(2026, 8, 31, 15, 0, 0, 123456, tzinfo=UTC)
ROWS = [
    (1, "見守り「髙」", date(2026, 8, 31), MOMENT, True, ["A1", 'q"', "b\\s", "x,y", ""], [1, None, 4]),
    (-(2**62), "", date(1900, 1, 1), MOMENT.replace(microsecond=0), False, [], []),
    (None, None, None, None, None, None, None),
    (4, 'he said "no",\r\nthen\nleft', None, MOMENT.replace(microsecond=500000), None, [None, "NULL"], None),
    (5, "\\.", None, None, None, ["\\.", "{", "}", "改\n行"], [-1]),
    (6, "  spaces kept\t", None, None, None, None, None),
]


def test_rows_come_back_as_they_went_in(database: Database) -> None:
    frame = pl.DataFrame(ROWS, schema=SCHEMA, orient="row")
    with database.connect("intake") as conn:
        conn.execute(
            sql.SQL("CREATE TEMP TABLE t (line int GENERATED ALWAYS AS IDENTITY, {})").format(sql.SQL(COLUMNS))
        )
        copy_in(conn, frame, sql.Identifier("pg_temp", "t"), frame.columns)
        nulls = conn.execute("SELECT count(*) FROM t WHERE word IS NULL").fetchone()
        empty = conn.execute("SELECT count(*) FROM t WHERE word = ''").fetchone()
        back = query_frame(conn, "SELECT * FROM t ORDER BY line", None, SCHEMA)
        arrays = query_arrays(conn, sql.SQL("SELECT * FROM t"), {}, SCHEMA)
        none = query_arrays(conn, sql.SQL("SELECT * FROM t WHERE number = %(n)s"), {"n": 0}, SCHEMA)
    assert_frame_equal(back, frame)
    assert_frame_equal(arrays, frame)  # in the order of a table that was only appended to
    assert_frame_equal(none, frame.clear())
    assert (nulls, empty) == ((1,), (1,))


def test_texts_that_look_like_what_parts_them_come_back_as_they_are(database: Database) -> None:
    for word in (SEPARATOR, NULL, f"{NULL}{SEPARATOR}"):
        frame = pl.DataFrame({"word": ["a", word, None]})
        query = sql.SQL("SELECT * FROM unnest(%(words)s::text[]) AS word")
        with database.connect("intake") as conn:
            assert_frame_equal(query_arrays(conn, query, {"words": frame["word"].to_list()}, frame.schema), frame)


def test_one_column_keeps_its_nulls_and_empty_texts(database: Database) -> None:
    frame = pl.DataFrame({"word": [None, "", "\\.", None, "末", None]})
    with database.connect("intake") as conn:
        conn.execute("CREATE TEMP TABLE t (line int GENERATED ALWAYS AS IDENTITY, word text)")
        copy_in(conn, frame, sql.Identifier("t"), ["word"])
        back = query_frame(conn, "SELECT word FROM t ORDER BY line", None, frame.schema)
    assert_frame_equal(back, frame)


def test_parameters_reach_the_query_and_an_empty_answer_has_the_columns(database: Database) -> None:
    schema = {"n": pl.Int64(), "s": pl.String()}
    query = "SELECT n, %(word)s AS s, 'unasked' AS x FROM generate_series(1, %(end)s) AS n WHERE 'a%%b' LIKE 'a%%'"
    with database.connect("auditor") as conn:
        three = query_frame(conn, query, {"word": "it's", "end": 3}, schema)
        none = query_frame(conn, query, {"word": "it's", "end": 0}, schema)
    assert three.rows() == [(1, "it's"), (2, "it's"), (3, "it's")]
    assert none.schema == pl.Schema(schema)
    assert none.height == 0


def test_a_long_answer_is_joined_from_its_chunks(database: Database) -> None:
    # 60,000 rows of a kilobyte are more than one chunk.
    query = "SELECT n, repeat('あ', 350) AS s FROM generate_series(1, 60000) AS n"
    with database.connect("auditor") as conn:
        frame = query_frame(conn, query, None, {"n": pl.Int64(), "s": pl.String()})
    assert frame["n"].to_list() == list(range(1, 60001))
    assert frame["s"].unique().to_list() == ["あ" * 350]
