"""Refused rows and answers: kept with their reason and the approved columns' texts for 90 days, shown masked."""

from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import polars as pl
from psycopg import Connection, sql
from psycopg.rows import class_row

from schemas.feeds.kinds import MEND
from services.intake.checks import COLUMN, RULE
from services.intake.reading import LINE
from services.intake.versions import RECORD
from services.platform.bulk import copy_in, fetch_frame, query_frame
from services.platform.queries import queries

RAW = "_raw"
_COLUMNS = ("feed", "file", "line", "batch", "column_name", "rule", "mend", "raw", "record_key", "fingerprint")


@dataclass(frozen=True)
class Refusal:
    """One quarantine row as it is shown: where, why and how to mend; of the texts only which columns were filled."""

    quarantine: int
    feed: str
    file: str
    line: int
    batch: int
    column: str | None
    rule: str
    mend: str
    filled: list[str]
    quarantined_at: datetime
    expires_at: datetime
    mended: bool

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {
            "quarantined_at": self.quarantined_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
        }


def with_raw(refused: pl.DataFrame, texts: pl.DataFrame, kept: list[str]) -> pl.DataFrame:
    """Refused rows (LINE, RULE, COLUMN) with RECORD and RAW: the row's approved texts as JSON. texts: the block."""
    filled = texts.select(LINE, RECORD, pl.struct(kept).struct.json_encode().alias(RAW))
    return refused.join(filled, on=LINE, how="left", maintain_order="left")


def write_refusals(
    conn: Connection[Any], refused: pl.DataFrame, *, feed: str, file: str, batch: int, key: bytes
) -> int:
    """Keep refusals (LINE, RULE, COLUMN, RECORD, RAW) that are not kept yet; how many were new."""
    if refused.is_empty():
        return 0
    names = zip(refused[RULE].to_list(), refused[COLUMN].to_list(), refused[RAW].to_list(), strict=True)
    prints = [blake2b(repr((feed, *each)).encode(), digest_size=16, key=key).hexdigest() for each in names]
    rows = refused.select(
        pl.lit(feed).alias("feed"),
        pl.lit(file).alias("file"),
        pl.col(LINE).alias("line"),
        pl.lit(batch).alias("batch"),
        pl.col(COLUMN).alias("column_name"),
        pl.col(RULE).alias("rule"),
        pl.col(RULE).replace_strict(MEND).alias("mend"),
        pl.col(RAW).alias("raw"),
        pl.col(RECORD).alias("record_key"),
        pl.Series("fingerprint", prints, pl.String()),
    )
    found = queries("services.intake")
    conn.execute(found["refusals_table"])
    copy_in(conn, rows, sql.Identifier("pg_temp", "refusal"), _COLUMNS)
    added = conn.execute(found["add_refusals"]).rowcount
    conn.execute("TRUNCATE pg_temp.refusal")
    return added


class Mending:
    """Refusals of a feed that waited before this load, and which of them it mends.

    Matched here and not by a join in SQL: fresh rows have no statistics, and the planner would compare each with each.
    """

    def __init__(self, conn: Connection[Any], feed: str, records: pl.Series | None = None) -> None:
        """records: only refusals of these records (RECORD) are looked at; None = all."""
        self._conn = conn
        asked, schema = {"feed": feed}, {"quarantine": pl.Int64(), RECORD: pl.Int64()}
        waiting = queries("services.intake")["unmended"]
        if records is None:
            self._waiting = query_frame(conn, waiting, asked, schema)
        else:
            some = waiting + sql.SQL(" AND record_key = ANY (%(records)s)")
            self._waiting = fetch_frame(conn, some, asked | {"records": records.drop_nulls().to_list()}, schema)
        self._mended: set[int] = set()

    def saw(self, good: pl.DataFrame) -> None:
        """New versions (RECORD, op) that were taken; one that takes its record back mends nothing."""
        taken = good.filter(pl.col("op") != "D")
        self._mended |= set(self._waiting.join(taken, on=RECORD, how="semi")["quarantine"].to_list())

    def mark(self) -> None:
        """Mark what was mended."""
        if not self._mended:
            return
        self._conn.execute(queries("services.intake")["mark_mended"], {"refusals": sorted(self._mended)})


def read_refusals(conn: Connection[Any], feed: str | None, *, everything: bool) -> list[Refusal]:
    """Refusals, the newest batch first, of one feed or all; mended ones only with `everything`."""
    with conn.cursor(row_factory=class_row(Refusal)) as cursor:
        cursor.execute(queries("services.intake")["refusals"], {"feed": feed, "everything": everything})
        return cursor.fetchall()
