"""Which rows are new versions: keyed hashes of records and contents, against what is stored and what the file had before."""

import secrets
from collections.abc import Collection
from hashlib import blake2b
from typing import Any

import numpy as np
import polars as pl
from psycopg import Connection, sql

from schemas.feeds.contract import Contract
from services.intake.checks import SHEET_COLUMNS
from services.intake.reading import LINE
from services.intake.sheet import is_sheet, joined
from services.platform.bulk import fetch_frame, query_frame

RECORD, CONTENT = "record_key", "content_hash"
SHORT = "_content"  # the first 64 bits of CONTENT: with RECORD beside it enough to tell versions apart in memory
REVISES, FIRST = "revises", "_first"
SEPARATOR = "\x1f"  # no file that is read contains it
STORED: dict[str, pl.DataType] = {
    RECORD: pl.Int64(), SHORT: pl.Int64(), "op": pl.String(), "batch": pl.Int64(), "line": pl.Int32(),
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
    digests = _digests(texts.fill_null(""), 8, key)
    keys = pl.Series(RECORD, (np.frombuffer(b"".join(digests), ">u8") >> np.uint64(1)).astype(np.int64))
    return keys.set(texts.is_null(), None) if texts.null_count() else keys


def content_hashes(block: pl.DataFrame, contract: Contract, key: bytes) -> tuple[pl.Series, pl.Series]:
    """CONTENT and SHORT: 128 bits of every text of the row but batch_id, keyed; a dropped column counts as empty."""
    names = [name for name in contract.by_name if name != "batch_id"]
    columns = [joined(n) if is_sheet(contract) and n in SHEET_COLUMNS else pl.col(n).fill_null("") for n in names]
    texts = block.select(pl.concat_str(columns, separator=SEPARATOR)).to_series()
    digests = _digests(texts, 16, key)
    short = np.frombuffer(b"".join(digests), ">i8")[::2].astype(np.int64)
    return pl.Series(CONTENT, digests, pl.Binary()).bin.encode("hex"), pl.Series(SHORT, short)


def _digests(texts: pl.Series, size: int, key: bytes) -> list[bytes]:
    return [blake2b(text.encode(), digest_size=size, key=key).digest() for text in texts.to_list()]


class Versions:
    """What is stored of a feed when its file is loaded, and what the file has brought so far.

    stored:      STORED of every version, in the order of loading
    latest_only: a row is unchanged only if it equals the record's last version (snapshots, reference files), and not
                 if it equals any version (deltas, a file that is loaded again)
    by_events:   batches that events brought. A snapshot may have been written before them: of a record whose last version is
                 an event's, no earlier one comes back, and it has not vanished; what an event brought an event takes back
    """

    def __init__(
        self, stored: pl.DataFrame, contract: Contract, *, latest_only: bool, by_events: Collection[int] = ()
    ) -> None:
        self._stored, self._by_events = stored, list(by_events)
        self._reference = contract.reference
        self._same = (
            [SHORT] if contract.reference else [RECORD, SHORT]
        )  # a reference file's rows are stored without RECORD
        self._unchanged = (self._standing_for_snapshots() if latest_only else stored).select(RECORD, SHORT)
        self._seen: list[pl.DataFrame] = []
        self._present: list[pl.Series] = []

    @property
    def latest(self) -> pl.DataFrame:
        """The last version of each record; of a reference file, of which no more is read, all."""
        return self._stored if self._reference else self._stored.unique(RECORD, keep="last", maintain_order=True)

    def new_only(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Of rows with RECORD, SHORT and op those that are new versions, with REVISES and FIRST (of its record)."""
        fresh = rows.filter(pl.col(SHORT).is_first_distinct())
        if self._unchanged.height:
            fresh = fresh.join(self._unchanged, on=self._same, how="anti", maintain_order="left")
        seen = pl.concat(self._seen) if self._seen else fresh.select(RECORD, SHORT).clear()
        again = fresh[RECORD].is_in(seen[RECORD].implode())
        if again.any():
            fresh = fresh.filter(~(again & fresh[SHORT].is_in(seen[SHORT].implode())))
        before = fresh[RECORD].is_in(seen[RECORD].implode()) | fresh[RECORD].is_in(self._stored[RECORD].implode())
        first = ~before & fresh[RECORD].is_first_distinct()
        fresh = fresh.with_columns(first.alias(FIRST), (~first | (fresh["op"] == "D")).alias(REVISES))
        self._seen.append(fresh.select(RECORD, SHORT, "op", pl.col(LINE).alias("line")))
        return fresh

    def saw(self, records: pl.Series) -> None:
        """The file holds these records, be their rows good or refused."""
        self._present.append(records.drop_nulls().unique())

    def vanished(self) -> pl.DataFrame:
        """Last versions of records that are stored and not deleted, and that the file did not hold."""
        present = pl.concat(self._present) if self._present else pl.Series(RECORD, [], pl.Int64())
        return self.standing.filter(~pl.col(RECORD).is_in(present.implode()) & ~pl.col("batch").is_in(self._by_events))

    @property
    def standing(self) -> pl.DataFrame:
        """Last versions of records that are stored and not deleted."""
        return self.latest.filter(pl.col("op") != "D")

    def _standing_for_snapshots(self) -> pl.DataFrame:
        """Versions that a row of a snapshot may equal without being new."""
        if not self._by_events:
            return self.standing
        sent = self.latest.filter(pl.col("batch").is_in(self._by_events))
        return pl.concat([self.standing, self._stored.join(sent, on=RECORD, how="semi")])

    def with_new(self, batch: int) -> pl.DataFrame:
        """STORED once the file is: what was stored and what it brought, tombstones apart."""
        brought = [
            part.select(RECORD, SHORT, "op", pl.lit(batch, pl.Int64()).alias("batch"), "line") for part in self._seen
        ]
        return pl.concat([self._stored, *brought])


def read_stored(conn: Connection[Any], contract: Contract, records: pl.Series | None = None) -> pl.DataFrame:
    """STORED of every version of a feed in the order of loading; of a reference file the newest row of each key.

    records: only the versions of these records (RECORD), which a reference file does not have; None = all
    """
    table = sql.Identifier("facts", contract.feed)
    short = sql.SQL("('x' || left(replace(content_hash::text, '-', ''), 16))::bit(64)::bigint AS _content")
    if contract.reference:
        key = sql.SQL(", ").join(map(sql.Identifier, contract.key))
        query = sql.SQL(
            "SELECT DISTINCT ON ({}) 0 AS record_key, {}, 'I' AS op, batch, line FROM {} ORDER BY {}, batch DESC, line DESC"
        ).format(key, short, table, key)
    else:
        query = sql.SQL("SELECT record_key, {}, op, batch, line FROM {}").format(short, table)
        if records is not None:
            some = query + sql.SQL(" WHERE record_key = ANY (%(records)s) ORDER BY batch, line")
            return fetch_frame(conn, some, {"records": records.drop_nulls().unique().to_list()}, STORED)
        query += sql.SQL(" ORDER BY batch, line")
    return query_frame(conn, query, None, STORED)
