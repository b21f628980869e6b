"""Which of several rows of one key counts."""

from collections.abc import Sequence

import polars as pl


def newest(
    rows: pl.DataFrame, key: Sequence[str], by: Sequence[str], *, descending: Sequence[bool] | bool = False
) -> pl.DataFrame:
    """Of several rows of one key the last in order of `by` (null first); a row that is alone stays. In no order.

    Nearly all are alone: to look for the others takes a tenth of the time that sorting all takes.
    """
    keys = rows.select(key)
    if keys.hash_rows().n_unique() == rows.height:  # as many hashes as rows: no key comes twice
        return rows
    repeated = keys.is_duplicated()
    ordered = rows.filter(repeated).sort(by, descending=descending)
    return pl.concat([rows.filter(~repeated), ordered.unique(key, keep="last", maintain_order=True)])
