"""Which rows are new versions: keyed hashes of records and contents, against what is stored and what the file had before."""

import secrets
from hashlib import blake2b
from typing import Any

import polars as pl
from psycopg import Connection, sql

from schemas.feeds.contract import Contract
from services.intake.checks import SHEET_COLUMNS
from services.intake.sheet import is_sheet, joined
from services.platform.bulk import query_frame

RECORD, CONTENT = "record_key", "content_hash"
REVISES, FIRST = "revises", "_first"
SEPARATOR = "\x1f"  # no file that is read contains it
_KNOWN: dict[str, pl.DataType] = {
    RECORD: pl.Int64(), CONTENT: pl.String(), "op": pl.String(), "batch": pl.Int64(), "line": pl.Int32(),
}  # fmt: skip


def pepper(conn: Connection[Any]) -> bytes:
    """The home's key of hashes; made at the first load."""
    conn.execute("INSERT INTO identity.pepper (key) VALUES (%s) ON CONFLICT DO NOTHING", (secrets.token_bytes(32),))
    row = conn.execute("SELECT key FROM identity.pepper").fetchone()
    assert row is not None
    return bytes(row[0])


def record_keys(block: pl.DataFrame, contract: Contract, key: bytes) -> pl.Series:
    """63 bits of feed, source_system and source_record_id, keyed; null where one of them is empty."""
    names = contract.key or ("source_system", "source_record_id")
    texts = block.select(pl.concat_str([pl.lit(contract.feed), *names], separator=SEPARATOR)).to_series()
    hashed = [
        None if text is None else int.from_bytes(blake2b(text.encode(), digest_size=8, key=key).digest()) >> 1
        for text in texts.to_list()
    ]
    return pl.Series(RECORD, hashed, pl.Int64())


def content_hashes(block: pl.DataFrame, contract: Contract, key: bytes) -> pl.Series:
    """128 bits of every text of the row but batch_id, keyed, as hexadecimal digits; a dropped column counts as empty."""
    names = [name for name in contract.by_name if name != "batch_id"]
    columns = [joined(n) if is_sheet(contract) and n in SHEET_COLUMNS else pl.col(n).fill_null("") for n in names]
    texts = block.select(pl.concat_str(columns, separator=SEPARATOR)).to_series()
    hashed = [blake2b(text.encode(), digest_size=16, key=key).hexdigest() for text in texts.to_list()]
    return pl.Series(CONTENT, hashed, pl.String())


class Versions:
    """What is stored of a feed when its file is loaded, and what the file has brought so far.

    latest_only: a row is unchanged only if it equals the record's last version (snapshots, reference files), and not
                 if it equals any version (deltas, a file that is loaded again)
    """

    def __init__(self, conn: Connection[Any], contract: Contract, *, latest_only: bool) -> None:
        stored = _stored(conn, contract)
        self.latest = stored.unique(RECORD, keep="last", maintain_order=True) if not contract.reference else stored
        self._records = self.latest[RECORD]
        counting = self.latest.filter(pl.col("op") != "D") if latest_only else stored
        self._contents = counting[CONTENT]
        self._seen: list[pl.DataFrame] = []
        self._present: list[pl.Series] = []

    def new_only(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Of rows with RECORD, CONTENT and op those that are new versions, with REVISES and FIRST (of its record)."""
        fresh = rows.filter(pl.col(CONTENT).is_first_distinct())
        if len(self._contents):
            fresh = fresh.filter(~pl.col(CONTENT).is_in(self._contents.implode()))
        seen = pl.concat(self._seen) if self._seen else fresh.select(RECORD, CONTENT).clear()
        again = fresh[RECORD].is_in(seen[RECORD].implode())
        if again.any():
            fresh = fresh.filter(~(again & fresh[CONTENT].is_in(seen[CONTENT].implode())))
        before = pl.col(RECORD).is_in(self._records.implode()) | pl.col(RECORD).is_in(seen[RECORD].implode())
        first = ~before & pl.col(RECORD).is_first_distinct()
        fresh = fresh.with_columns(first.alias(FIRST), (~first | (pl.col("op") == "D")).alias(REVISES))
        self._seen.append(fresh.select(RECORD, CONTENT))
        return fresh

    def saw(self, records: pl.Series) -> None:
        """The file holds these records, be their rows good or refused."""
        self._present.append(records.drop_nulls().unique())

    def vanished(self) -> pl.DataFrame:
        """Last versions of records that are stored and not deleted, and that the file did not hold."""
        present = pl.concat(self._present) if self._present else pl.Series(RECORD, [], pl.Int64())
        standing = self.latest.filter(pl.col("op") != "D")
        return standing.filter(~pl.col(RECORD).is_in(present.implode()))

    @property
    def standing(self) -> int:
        """How many records are stored and not deleted."""
        return self.latest.filter(pl.col("op") != "D").height


def _stored(conn: Connection[Any], contract: Contract) -> pl.DataFrame:
    """Every version of a feed in the order of loading; of a reference file the newest row of each key."""
    table = sql.Identifier("facts", contract.feed)
    hashed = sql.SQL("replace(content_hash::text, '-', '') AS content_hash")
    if contract.reference:
        key = sql.SQL(", ").join(map(sql.Identifier, contract.key))
        query = sql.SQL(
            "SELECT DISTINCT ON ({}) 0 AS record_key, {}, 'I' AS op, batch, line FROM {} ORDER BY {}, batch DESC, line DESC"
        ).format(key, hashed, table, key)
    else:
        query = sql.SQL("SELECT record_key, {}, op, batch, line FROM {} ORDER BY batch, line").format(hashed, table)
    return query_frame(conn, query, None, _KNOWN)
