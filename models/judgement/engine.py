"""Which of Polars' engines a plan runs on: streaming keeps the memory of a city's rows small and costs a household a millisecond."""

from typing import Literal

import polars as pl

MANY = 50_000  # rows, from which on streaming pays


def engine_of(rows: pl.DataFrame) -> Literal["streaming", "in-memory"]:
    """The engine for a plan over these rows; the answer is the same."""
    return "streaming" if rows.height >= MANY else "in-memory"
