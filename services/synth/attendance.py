"""Monthly attendance. A few pupils stay away for weeks on end, the others miss a day now and then."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from services.synth.chance import Bools, Floats, Ints, dates, day_number, recorded, stream
from services.synth.families import Town
from services.synth.params import NONATTENDANCE
from services.synth.pupils import Taught, Traits

MONTHS = np.array([4, 5, 6, 7, 9, 10, 11, 12, 1, 2, 3])  # August has no school day
SCHOOL_DAYS = np.array([17, 20, 22, 14, 20, 22, 20, 17, 17, 19, 16])
CLOSED_MONTHS = ((2020, 4), (2020, 5), (2019, 3))  # fiscal year and month without school
REGISTER_CLOSED = (1, 6)  # days after a month's end: the register is closed
LONG_ABSENCE = 30  # days in twelve months
GRADE_LEANING = np.array([-0.45, -0.35, -0.25, -0.1, 0.0, 0.1, 0.4, 0.6, 0.65])  # older pupils stay away more often
DAYS_MISSED_A_MONTH = 0.42  # of the others, on average; gamma-distributed between pupils
SEARCH_STEPS = 22


@dataclass(frozen=True)
class Attendance:
    """One row a row of Taught (`row`) and month: school days and the days away by kind."""

    row: Ints
    month: Ints
    first_day: Ints
    school_days: Ints
    sick: Ints
    other: Ints
    unknown: Ints

    @property
    def absent(self) -> Ints:
        """Days that count as absence."""
        return self.sick + self.other + self.unknown


def make_attendance(town: Town, taught: Taught, traits: Traits, judged: Bools, seed: int) -> Attendance:
    """Attendance of all years, as many pupils with long absence in the last twelve months as asked.

    judged: rows of Taught whose pupil is among those counted at the end
    """
    rng = stream(seed, "attendance")
    row, month, first_day = _months(town, taught)
    fiscal = taught.fy[row]
    school_days = SCHOOL_DAYS[month].copy()
    for fy, closed in CLOSED_MONTHS:
        school_days[(fiscal == fy) & (MONTHS[month] == closed)] = 0
    rate = rng.gamma(0.9, DAYS_MISSED_A_MONTH / 0.9, len(taught.fy)) * np.where(traits.absence > 1.2, 1.6, 1.0)
    usual = np.minimum(rng.poisson(rate[row]), np.minimum(school_days, 6))
    away = np.rint(school_days * np.clip(rng.beta(2.2, 1.6, len(row)), 0, 1)).astype(np.int64)
    leaning = traits.absence + GRADE_LEANING[taught.grade - 1]
    starts = rng.integers(0, 6, len(taught.fy))  # months into the year before the long absence begins
    begun = month >= np.where(taught.grade == 1, starts + 1, starts)[row]
    window = _in_last_year(town, first_day) & judged[row]
    cut = _find_cut(taught, row, leaning, begun, usual, away, window)
    absent = np.where((leaning > cut)[row] & begun, np.maximum(away, usual), usual)
    return _by_kind(rng, row, month, first_day, school_days, absent, (leaning > cut)[row])


def _months(town: Town, taught: Taught) -> tuple[Ints, Ints, Ints]:
    """Row of Taught, month index and first day (days since 1970) of every month that is closed and had the pupil here."""
    row = np.repeat(np.arange(len(taught.fy)), len(MONTHS))
    month = np.tile(np.arange(len(MONTHS)), len(taught.fy))
    starts, ends = _month_edges(int(taught.fy.min()), int(taught.fy.max()))
    index = (taught.fy - taught.fy.min())[row]
    first = taught.table["first"].cast(pl.Int32).to_numpy()[row]
    last = taught.table["last"].cast(pl.Int32).to_numpy()[row]
    here = (
        (first <= ends[index, month] - 10)
        & (last >= starts[index, month] + 10)
        & (ends[index, month] + REGISTER_CLOSED[1] <= day_number(town.until))
    )
    return row[here], month[here], starts[index, month][here]


def _month_edges(first_year: int, last_year: int) -> tuple[Ints, Ints]:
    years = range(first_year, last_year + 1)
    starts = [[date(year + (month < 4), month, 1) for month in MONTHS.tolist()] for year in years]
    ends = [[date(day.year + day.month // 12, day.month % 12 + 1, 1) for day in months] for months in starts]
    number = np.vectorize(day_number, otypes=[np.int64])
    return number(np.array(starts)), number(np.array(ends)) - 1


def _in_last_year(town: Town, first_day: Ints) -> Bools:
    """Whether a month is one of the last twelve that are over at the story's end."""
    next_day = date.fromordinal(town.until.toordinal() + 1)
    year_before = date(next_day.year - 1, next_day.month, 1)
    return np.asarray(first_day >= day_number(year_before))


def _find_cut(
    taught: Taught, row: Ints, leaning: Floats, begun: Bools, usual: Ints, away: Ints, window: Bools
) -> float:
    """Bisection for the leaning above which a pupil stays away."""
    row, begun, usual, away = row[window], begun[window], usual[window], away[window]
    pupil = taught.pupil[row]
    pupils = len(np.unique(pupil))
    low, high = 0.0, 6.0
    for _ in range(SEARCH_STEPS):
        cut = (low + high) / 2
        absent = np.where((leaning > cut)[row] & begun, np.maximum(away, usual), usual)
        long = int((np.bincount(pupil, weights=absent) >= LONG_ABSENCE).sum())
        low, high = (cut, high) if 100 * long > NONATTENDANCE * pupils else (low, cut)
    return (low + high) / 2


def _by_kind(
    rng: np.random.Generator, row: Ints, month: Ints, first_day: Ints, school_days: Ints, absent: Ints, long: Bools
) -> Attendance:
    """Most days away are sickness; of long absences most are not."""
    sick = rng.binomial(absent, np.where(long, 0.25, 0.85))
    unknown = rng.binomial(absent - sick, 0.25)
    return Attendance(row, month, first_day, school_days, sick, absent - sick - unknown, unknown)


def absent_days(town: Town, taught: Taught, attendance: Attendance) -> pl.DataFrame:
    """Days absent in the last twelve months of each pupil with a row there: pid, absence."""
    window = _in_last_year(town, attendance.first_day)
    pid = taught.table["pid"].gather(attendance.row[window])
    return pl.DataFrame({"pid": pid, "absence": attendance.absent[window]}).group_by("pid", maintain_order=True).sum()


def attendance_feed(taught: Taught, attendance: Attendance, fy: int, seed: int) -> pl.DataFrame:
    """Feed 9 of one fiscal year: one row a pupil and month, closed in the first days of the next."""
    rng = stream(seed, f"attendance feed {fy}")
    here = np.flatnonzero(taught.fy[attendance.row] == fy)
    row, month = attendance.row[here], attendance.month[here]
    n = len(here)
    days = attendance.school_days[here]
    first = dates("", attendance.first_day[here])
    closed = first.dt.month_end()
    return pl.DataFrame({
        "pupil_no": taught.table["pupil_no"].gather(row),
        "ym": first.dt.strftime("%Y%m"),
        "effective_from": closed,
        "school_days": days,
        "absent_sick": attendance.sick[here],
        "absent_other": attendance.other[here],
        "absent_unknown": attendance.unknown[here],
        "suspended": np.where((rng.random(n) < 0.006) & (month >= 7) & (days > 0), rng.integers(1, 5, n), 0),
        "mourning": np.where(rng.random(n) < 0.004, 1, 0),
        "late": np.minimum(rng.poisson(0.25, n), days),
        "early": np.minimum(rng.poisson(0.12, n), days),
        "nurse_room": rng.poisson(0.3, n),
    }).with_columns(recorded(rng, closed, *REGISTER_CLOSED))  # fmt: skip
