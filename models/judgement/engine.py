"""When a plan runs on Polars' streaming engine: it keeps the memory of a city's rows small and costs a household a millisecond."""

from typing import TypeVar

import polars as pl

MANY = 50_000  # rows, from which on streaming pays; the answer is the same
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)  # of a step that is stated once for both
