"""Which version of each record counts (reading 2): the latest known, and none if that one is a tombstone."""

import polars as pl

OPERATIONS = {"I": 0, "U": 1, "D": 2}  # of two versions known at once, the greater goes before
LATEST_LAST = ("known_at", "seal", "_op", "source_batch_id", "event_time", "content_hash")


def current(rows: pl.DataFrame) -> pl.DataFrame:
    """The versions that count, in no particular order.

    rows: all versions seen of one feed: record_key, op and LATEST_LAST's columns, and `revises`: the record had an
          earlier version when the row was loaded, or op = D. Only records with such a row are sorted, for most have one
          version in all.
    """
    if not rows["revises"].any():
        return rows
    revised = rows.filter("revises").select("record_key").unique()
    return pl.concat([rows.join(revised, on="record_key", how="anti"), _latest(rows, revised)])


def _latest(rows: pl.DataFrame, revised: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.join(revised, on="record_key", how="semi")
        .with_columns(_op=pl.col("op").replace_strict(OPERATIONS, return_dtype=pl.Int8))
        .sort(LATEST_LAST)
        .unique("record_key", keep="last", maintain_order=True)
        .filter(pl.col("op") != "D")
        .drop("_op")
    )
