"""The bench's work in DuckDB: all dates at once, a table after the other."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from infra.bench.judgement_city import Frames
from infra.bench.judgement_day import RANKS, REASONS, Answer, Asked
from schemas.rules import RuleSet
from schemas.rules.names import CHANGES

THREADS = 2
LOWEST, HIGHEST = -1_000_000, 1_000_000  # below and above every score
STEPS = {
    "kids": """
        SELECT as_of, person, day.fy - (year(birth - 1) - CAST(month(birth - 1) < 4 AS INT)) - 6 BETWEEN 1 AND 9 AS pupil
        FROM day JOIN resident ON birth BETWEEN first_birth AND as_of AND effective_from <= as_of""",
    "means": """
        SELECT person, fy, max(date) AS date, (2 * sum(dev) + count(*)) // (2 * count(*)) AS t
        FROM academic WHERE NOT absent GROUP BY person, fy HAVING count(*) >= (SELECT min_subjects FROM numbers)""",
    "latest": """
        SELECT as_of, person, arg_max(means.fy, date) AS fy, arg_max(t, date) AS t
        FROM day JOIN means ON date BETWEEN first_survey AND as_of
        JOIN kids USING (as_of, person) WHERE pupil GROUP BY as_of, person""",
    "compared": """
        SELECT n.as_of, n.person, n.fy, n.t, n.t - b1.t AS d1, n.t - b2.t AS d2
        FROM latest n LEFT JOIN means b1 ON b1.person = n.person AND b1.fy = n.fy - 1
                      LEFT JOIN means b2 ON b2.person = n.person AND b2.fy = n.fy - 2""",
    "changed": """
        SELECT compared.*, CASE WHEN d1 IS NULL THEN 'unknown' WHEN d1 <= fall_d1 OR (d2 <= fall_d2 AND d1 < 0) THEN 'fall'
                                WHEN d1 <= decline_d1 THEN 'decline' ELSE 'flat' END AS change
        FROM compared, numbers""",
    "learned": """
        SELECT changed.*, band.code AS band, band.rank AS learning
        FROM changed JOIN band ON t >= least_t AND t < below AND band.change = changed.change""",
    "found": """
        SELECT as_of, setai AS person, 'E3_HOGO' AS code, source FROM day JOIN seikatsu_hogo
        ON start_date <= as_of AND (end_date IS NULL OR end_date >= as_of)
        UNION ALL
        SELECT as_of, setai, 'E1_HOGO_ENDED', source FROM day JOIN seikatsu_hogo ON end_date >= first_ended AND end_date < as_of
        UNION ALL
        SELECT as_of, child, CASE status WHEN '全部支給' THEN 'E2_TEATE' ELSE 'E1_TEATE' END, source
        FROM (SELECT as_of, child, arg_max(status, from_month) AS status, arg_max(source, from_month) AS source
              FROM day JOIN jido_fuyo_teate ON from_month <= month AND (to_month IS NULL OR to_month >= month)
              GROUP BY as_of, child) WHERE status <> '全部停止'
        UNION ALL
        SELECT as_of, setai, CASE class WHEN '非課税' THEN 'E2_TAX' ELSE 'E1_TAX' END, source
        FROM day JOIN tax_class ON tax_class.fy = tax_year AND effective_from <= as_of AND class IN ('非課税', '均等割のみ')
        UNION ALL
        SELECT as_of, child, CASE WHEN received >= first_recent_abuse THEN 'N3_ABUSE_12M' ELSE 'N2_ABUSE_36M' END, source
        FROM day JOIN soudan ON kind = '虐待通告' AND received BETWEEN first_past_abuse AND as_of
        UNION ALL
        SELECT as_of, child, CASE kind WHEN '要保護' THEN 'N3_YOHOGO' WHEN '要支援' THEN 'N2_YOSHIEN' ELSE 'N1_KATEI_SODAN' END, source
        FROM day JOIN soudan ON kind <> '虐待通告' AND received <= as_of AND (closed IS NULL OR closed >= as_of)""",
    "taxed": """
        SELECT as_of, setai AS person FROM day JOIN tax_class
        ON tax_class.fy = tax_year AND effective_from <= as_of AND class = '課税'""",
    "levels": """
        SELECT as_of, person, max(code[1:2]) FILTER (code[1] = 'E') AS e, max(code[1:2]) FILTER (code[1] = 'N') AS n
        FROM found GROUP BY as_of, person""",
    "named": """
        SELECT as_of, person, pupil, coalesce(e, CASE WHEN taxed.person IS NULL THEN 'EX' ELSE 'E0' END) AS economic,
               coalesce(n, 'N0') AS nurturing
        FROM kids LEFT JOIN levels USING (as_of, person) LEFT JOIN taxed USING (as_of, person)""",
    "ranks": """
        SELECT as_of, person, economic, nurturing, rank AS poverty, t, d1, d2, change, coalesce(learning, 'X') AS learning
        FROM named JOIN poverty_rank USING (economic, nurturing) LEFT JOIN learned USING (as_of, person)""",
    "reasons": """
        SELECT as_of, person, code, source FROM found JOIN kids USING (as_of, person)
        UNION ALL SELECT as_of, person, 'EX_NO_TAX', NULL FROM named WHERE economic = 'EX'
        UNION ALL SELECT as_of, person, 'TX_NO_SCORE', NULL FROM named LEFT JOIN learned USING (as_of, person) WHERE pupil AND t IS NULL
        UNION ALL SELECT as_of, person, 'CHANGE_UNKNOWN', NULL FROM learned WHERE d1 IS NULL
        UNION ALL SELECT as_of, l.person, band, source FROM learned l JOIN academic a ON a.person = l.person AND a.fy = l.fy AND NOT absent
        UNION ALL SELECT as_of, l.person, 'CHANGE_' || upper(change), source FROM learned l JOIN academic a
                  ON a.person = l.person AND NOT absent AND (a.fy IN (l.fy, l.fy - 1) OR (a.fy = l.fy - 2 AND d2 IS NOT NULL))
                  WHERE d1 IS NOT NULL""",
}


def prepare(frames: Frames) -> duckdb.DuckDBPyConnection:
    """The frames as tables of its own."""
    conn = duckdb.connect()
    conn.execute(f"SET threads = {THREADS}")
    for feed, frame in frames.items():
        _table(conn, feed, frame)
    return conn


def work(conn: duckdb.DuckDBPyConnection, days: Sequence[Asked], rules: RuleSet) -> Iterator[duckdb.DuckDBPyConnection]:
    """All dates at once."""
    poverty = [(e, n, rank) for e, row in rules.poverty.items() for n, rank in row.items()]
    _table(conn, "poverty_rank", pl.DataFrame(poverty, schema=["economic", "nurturing", "rank"], orient="row"))
    _table(conn, "band", _bands(rules))
    _table(conn, "day", pl.DataFrame([asdict(day) for day in days]))
    numbers = ("min_subjects", "fall_d1", "fall_d2", "decline_d1")
    _table(conn, "numbers", pl.DataFrame({name: [getattr(rules.learning, name)] for name in numbers}))
    for name, query in STEPS.items():
        conn.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
    yield conn


def _table(conn: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """By way of a Parquet file: the direct way needs pyarrow."""
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        frame.write_parquet(file.name, compression="uncompressed")
        conn.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM read_parquet('{file.name}')")


def _bands(rules: RuleSet) -> pl.DataFrame:
    bands = rules.learning.bands
    cuts = [LOWEST, *(band.below for band in bands[:-1]), HIGHEST]
    rows = [
        (band.code, cuts[place], cuts[place + 1], change, getattr(band, change))
        for place, band in enumerate(bands)
        for change in CHANGES
    ]
    return pl.DataFrame(rows, schema=["code", "least_t", "below", "change", "rank"], orient="row")


def answer_of(conn: duckdb.DuckDBPyConnection) -> Answer:
    """As Polars frames."""
    return Answer(_frame(conn, "ranks", RANKS), _frame(conn, "reasons", REASONS))


def _frame(conn: duckdb.DuckDBPyConnection, table: str, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    found = conn.execute(f"SELECT {', '.join(schema)} FROM {table}").fetchnumpy()
    return pl.DataFrame([_series(found[name], kind).alias(name) for name, kind in schema.items()])


def _series(column: npt.NDArray[np.generic], kind: pl.DataType) -> pl.Series:
    values, known = np.ma.getdata(column), ~np.ma.getmaskarray(column)
    series = pl.Series(values.tolist(), dtype=kind) if kind == pl.String() else pl.Series(values.astype(np.int64))
    return pl.select(pl.when(pl.Series(known)).then(series)).to_series().cast(kind)
