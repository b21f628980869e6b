"""Which of several rows of one key counts."""

from collections.abc import Sequence

import polars as pl


def newest(
    rows: pl.DataFrame, key: Sequence[str], by: Sequence[str], *, descending: Sequence[bool] | bool = False
) -> pl.DataFrame:
    """Of several rows of one key the last in order of `by` (null first); a row that is alone stays. In no order.

    Nearly all are alone: to look for the others takes a tenth of the time that sorting all takes.
    """
    repeated = rows.select(pl.struct(key).is_duplicated()).to_series()
    if not repeated.any():
        return rows
    ordered = rows.filter(repeated).sort(by, descending=descending)
    return pl.concat([rows.filter(~repeated), ordered.unique(key, keep="last", maintain_order=True)])
