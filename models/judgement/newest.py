"""Which of several rows of one key counts."""

from collections.abc import Sequence

import polars as pl

FEW = 1000  # rows, up to which sorting costs less than to look whether it must be


def newest(
    rows: pl.DataFrame, key: Sequence[str], by: Sequence[str], *, descending: Sequence[bool] | bool = False
) -> pl.DataFrame:
    """Of several rows of one key the last in order of `by` (null first); a row that is alone stays. In no order.

    In a city nearly all are alone: to look for the others takes a tenth of the time that sorting all takes.
    """
    if rows.height <= 1:
        return rows
    if rows.height <= FEW:
        return _last(rows, key, by, descending)
    keys = rows.select(key)
    if keys.hash_rows().n_unique() == rows.height:  # as many hashes as rows: no key comes twice
        return rows
    repeated = keys.is_duplicated()
    return pl.concat([rows.filter(~repeated), _last(rows.filter(repeated), key, by, descending)])


def _last(rows: pl.DataFrame, key: Sequence[str], by: Sequence[str], descending: Sequence[bool] | bool) -> pl.DataFrame:
    return rows.sort(by, descending=descending).unique(key, keep="last", maintain_order=True)
