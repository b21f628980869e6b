"""Random streams: one a part of the city, so that a change in one part leaves the others' draws alone."""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NEVER = date(2200, 1, 1)  # stands for "has not happened", so that dates compare without nulls
EPOCH = date(1970, 1, 1)


def stream(seed: int, part: str) -> np.random.Generator:
    """A generator of its own for `part` of the city made from `seed`."""
    return np.random.Generator(np.random.PCG64([seed, *part.encode()]))


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def dates(name: str, days: npt.NDArray[np.generic]) -> pl.Series:
    """Days since 1970-01-01 as a column of dates."""
    return pl.Series(name, days.astype(np.int32)).cast(pl.Date)


def days_of(column: pl.Series) -> Ints:
    """A column of dates as days since 1970-01-01; no nulls."""
    return column.cast(pl.Int32).to_numpy().astype(np.int64)


def recorded(rng: np.random.Generator, column: pl.Series, least: int, most: int) -> pl.Series:
    """When an office records what happened on `column`: `least` to `most` days later, ends included.

    Between 8:30 and 17:14, Japan time.
    """
    days = days_of(column) + rng.integers(least, most + 1, len(column))
    seconds = rng.integers(8 * 3600 + 1800, 17 * 3600 + 900, len(column))
    micros = (days * 86_400 + seconds) * 1_000_000
    return pl.Series("event_time", micros).cast(pl.Datetime("us"))


def flags(rng: np.random.Generator, n: int, chance: float | Floats) -> Bools:
    """`n` independent yes/no draws with `chance` of yes (one number or one a draw)."""
    return np.asarray(rng.random(n) < chance)
