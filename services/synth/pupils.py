"""The years at public schools as arrays, and the traits behind all measurements, which a pupil keeps over the years."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from services.synth.chance import Bools, Floats, Ints, day_number, stream
from services.synth.families import Town
from services.synth.hardship import Hardship
from services.synth.params import TOP_GRADE, YEAR_CORRELATION

ABSENCE_PERSISTENCE = 0.85  # ours
SCALE_PERSISTENCE = 0.75  # ours
LATE_YEAR = 2020  # schools were closed in spring: surveys in July


@dataclass(frozen=True)
class Taught:
    """One row a pupil and fiscal year at a public school here, in order of pupil and year.

    table:   pid, fam, fy, grade, first, last, school_index, school, pupil_no, mapped, special_class
    pupil:   dense number of the pupil, 0 …
    level:   economic level of the family in that fiscal year
    """

    table: pl.DataFrame
    pupil: Ints
    grade: Ints
    fy: Ints
    level: Ints

    @property
    def pupils(self) -> int:
        """How many pupils there are."""
        return int(self.pupil[-1]) + 1 if len(self.pupil) else 0


def make_taught(school_years: pl.DataFrame, pupils: pl.DataFrame, hardship: Hardship) -> Taught:
    """Join the school years at public schools with pupil numbers and the family's level."""
    table = school_years.filter("public").join(pupils, on="pid", how="left", maintain_order="left")
    pupil = table["pid"].rle_id().to_numpy().astype(np.int64)
    return Taught(
        table=table,
        pupil=pupil,
        grade=table["grade"].to_numpy().astype(np.int64),
        fy=table["fy"].to_numpy().astype(np.int64),
        level=hardship.level_of(table["fam"], table["fy"]),
    )


def trait(rng: np.random.Generator, taught: Taught, persistence: float, shape: tuple[int, ...] = ()) -> Floats:
    """A standard normal trait (or `shape` of them) of each row, correlated `persistence` from one grade to the next."""
    grades = np.empty((taught.pupils, TOP_GRADE, *shape), dtype=np.float32)
    noise = rng.standard_normal(grades.shape, dtype=np.float32)
    grades[:, 0] = noise[:, 0]
    for grade in range(1, TOP_GRADE):
        grades[:, grade] = (
            persistence * grades[:, grade - 1] + np.float32(np.sqrt(1 - persistence**2)) * noise[:, grade]
        )
    return grades[taught.pupil, taught.grade - 1].astype(np.float64)


@dataclass(frozen=True)
class Traits:
    """Of each row of Taught: general ability, and the inclination to stay away from school."""

    ability: Floats
    absence: Floats


def make_traits(taught: Taught, seed: int) -> Traits:
    """Draw the traits that several measurements share."""
    rng = stream(seed, "traits")
    ability = trait(rng, taught, YEAR_CORRELATION)
    absence = 0.92 * trait(rng, taught, ABSENCE_PERSISTENCE) - 0.25 * ability + 0.25 * taught.level
    return Traits(ability, absence)


def survey_days(rng: np.random.Generator, taught: Taught, month: int, first: int, last: int) -> Ints:
    """Each school's survey day of each year, as days since 1970-01-01.

    Between `first` and `last` of the month, three months later in LATE_YEAR.
    """
    school = taught.table["school_index"].to_numpy().astype(np.int64)
    years = np.arange(int(taught.fy.min()), int(taught.fy.max()) + 1)
    starts = np.array(
        [day_number(date(year, month + (3 if year == LATE_YEAR else 0), first)) for year in years.tolist()]
    )
    offsets = rng.integers(0, last - first + 1, (len(years), int(school.max()) + 1))
    index = taught.fy - years[0]
    days: Ints = starts[index] + offsets[index, school]
    return days


def at_school(taught: Taught, days: Ints, town: Town, *, delivered_after: int) -> Bools:
    """Whether the pupil was at the school on a day whose results, so many days later, arrive by the story's end."""
    first = taught.table["first"].cast(pl.Int32).to_numpy()
    last = taught.table["last"].cast(pl.Int32).to_numpy()
    return np.asarray((first <= days) & (days <= last) & (days + delivered_after <= day_number(town.until)))
