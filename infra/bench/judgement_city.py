"""Facts to judge in a bench: a city of so many children with the whole of their lives, drawn in bulk, always the same.

Dates are exact, and a household is one child with one parent: what is timed is judging, not the drawing of a city. The frames
are the kernel's own (models.judgement.facts), with their numbers for persons and sources.
"""

from datetime import date

import numpy as np
import polars as pl

from models import calendar
from models.judgement.facts import SCHEMAS

UNTIL = date(2026, 8, 31)
YEARS = 18  # of two dates each
DATES = tuple(
    sorted(date(UNTIL.year - back, month, 31) for back in range(YEARS) for month in (1, 8))
)  # 31 January and 31 August
SURVEY_DAY = (5, 11)
SUBJECTS = ("国", "算数", "理")
TAX_SHARES = {"非課税": 0.06, "均等割のみ": 0.03, "課税": 0.88, "未申告": 0.03}
SPELLS = 0.03  # of children whose parent had 生活保護
ALLOWANCES = 0.10  # of children with years of 児童扶養手当
CASES = {"虐待通告": 0.02, "要保護": 0.01, "要支援": 0.015, "養育相談": 0.03}
Frames = dict[str, pl.DataFrame]


def make_facts(children: int, *, seed: int = 1) -> Frames:
    """The frames by feed; persons are 1 to `children`, their parents follow; a setai is its child's number."""
    rng = np.random.Generator(np.random.PCG64(seed))
    births = _births(rng, children)
    person = np.arange(1, children + 1)
    frames = {
        "resident": _residents(person, births),
        "academic": _academic(rng, person, births),
        "tax_class": _tax(rng, person, births),
        "seikatsu_hogo": _hogo(rng, person, births),
        "jido_fuyo_teate": _teate(rng, person, births),
        "soudan": _soudan(rng, person, births),
    }
    return {feed: filled(feed, frame) for feed, frame in frames.items()}


def _births(rng: np.random.Generator, n: int) -> pl.Series:
    oldest = calendar.first_birth_in_scope(UNTIL)
    days = rng.integers(0, (UNTIL - oldest).days + 1, n)
    return pl.Series("birth", np.datetime64(oldest) + days).cast(pl.Date)


def _residents(person: np.ndarray, births: pl.Series) -> pl.DataFrame:
    children = pl.DataFrame({"person": person, "setai": person, "birth": births, "effective_from": births})
    parents = children.with_columns(person=pl.col("person") + len(person), birth=date(1985, 1, 1))
    return pl.concat([children, parents]).with_columns(status=pl.lit("住民"), rireki_no=1)


def _academic(rng: np.random.Generator, person: np.ndarray, births: pl.Series) -> pl.DataFrame:
    """Three subjects each May from P1 to J3, correlated over the years; a few are absent."""
    entry = calendar.school_year_of(pl.col("birth")) + calendar.ENTRY_AGE + 1
    pupils = pl.DataFrame({"person": person, "birth": births, "ability": rng.normal(0, 8, len(person))})
    rows = pupils.select("person", "ability", entry=entry).join(pl.DataFrame({"grade": range(9)}), how="cross")
    rows = rows.with_columns(fy=pl.col("entry") + pl.col("grade")).with_columns(date=pl.date("fy", *SURVEY_DAY))
    rows = rows.filter(pl.col("date") <= UNTIL).join(pl.DataFrame({"subject": SUBJECTS}), how="cross")
    noise = pl.Series(rng.normal(0, 6, rows.height))
    return rows.select(
        "person",
        "fy",
        "date",
        "subject",
        survey_id=pl.lit("S"),
        grade=pl.format("P{}", "grade"),
        dev=(500 + (pl.col("ability") + noise) * 10).clip(200, 800).round(),
        absent=pl.Series(rng.random(rows.height) < 0.02),
    )


def _tax(rng: np.random.Generator, person: np.ndarray, births: pl.Series) -> pl.DataFrame:
    """A class of the household each year from the child's birth on; most keep theirs."""
    kinds = list(TAX_SHARES)
    usual = rng.choice(len(kinds), len(person), p=list(TAX_SHARES.values()))
    years = pl.DataFrame({"fy": range(DATES[0].year - 1, UNTIL.year + 1)})
    rows = pl.DataFrame({"setai": person, "birth": births, "usual": usual}).join(years, how="cross")
    rows = rows.filter(pl.col("fy") >= pl.col("birth").dt.year())
    other = rng.choice(len(kinds), rows.height, p=list(TAX_SHARES.values()))
    kept = rng.random(rows.height) < 0.8
    index = pl.Series(np.where(kept, rows["usual"].to_numpy(), other))
    return rows.select("setai", "fy", **{"class": pl.Series(kinds).gather(index)}, effective_from=pl.date("fy", 6, 1))


def _some(rng: np.random.Generator, person: np.ndarray, births: pl.Series, share: float, years: float) -> pl.DataFrame:
    """person, start and end (null: goes on) of a spell some day after birth for a share of the children."""
    chosen = rng.random(len(person)) < share
    born = births.filter(pl.Series(chosen)).cast(pl.Int32).to_numpy()
    last = np.datetime64(UNTIL).astype(int)
    start = born + (rng.random(len(born)) * (last - born)).astype(np.int64)
    end = start + rng.exponential(years * 365, len(born)).astype(np.int64) + 30
    spells = pl.DataFrame({"person": person[chosen], "start": start, "end": end}).cast(
        {"start": pl.Int32, "end": pl.Int32}
    )
    return spells.select(
        "person", pl.col("start").cast(pl.Date), end=pl.when(pl.col("end") <= last).then(pl.col("end").cast(pl.Date))
    )


def _hogo(rng: np.random.Generator, person: np.ndarray, births: pl.Series) -> pl.DataFrame:
    spells = _some(rng, person, births, SPELLS, 4)
    return spells.select(
        setai="person", case="person", member=pl.col("person") + len(person), status=pl.lit("開始"),
        start_date="start", end_date="end",
    )  # fmt: skip


def _teate(rng: np.random.Generator, person: np.ndarray, births: pl.Series) -> pl.DataFrame:
    """A row a year while it lasts, each with a status of its own; all are open, so that the latest counts."""
    spells = _some(rng, person, births, ALLOWANCES, 5)
    rows = spells.join(pl.DataFrame({"year": range(6)}), how="cross").with_columns(
        day=pl.col("start").dt.offset_by(pl.format("{}y", "year"))
    )
    rows = rows.filter(pl.col("day") <= pl.coalesce("end", pl.lit(UNTIL)))
    kinds = pl.Series(["全部支給", "一部支給", "全部停止"]).gather(rng.choice(3, rows.height, p=[0.5, 0.3, 0.2]))
    return rows.select(
        recipient=pl.col("person") + len(person),
        child="person",
        status=kinds,
        from_month=_month(pl.col("day")),
        to_month=_month(pl.col("end")),
    )


def _month(day: pl.Expr) -> pl.Expr:
    return day.dt.year() * 100 + day.dt.month().cast(pl.Int32)


def _soudan(rng: np.random.Generator, person: np.ndarray, births: pl.Series) -> pl.DataFrame:
    kinds = [
        _some(rng, person, births, share, 1.0).select(child="person", kind=pl.lit(kind), received="start", closed="end")
        for kind, share in CASES.items()
    ]
    return pl.concat(kinds)


def filled(feed: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with all of the feed's columns; every row is a source of its own unless it names one, known on the last day."""
    known = pl.lit(UNTIL).cast(pl.Datetime("us", "UTC"))
    source = "source" if "source" in frame.columns else pl.int_range(1, pl.len() + 1)
    given = frame.with_columns(source=source, known_at=known, event_day=pl.lit(UNTIL), tie=pl.int_range(pl.len()))
    return given.select(
        (pl.col(name) if name in given.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in SCHEMAS[feed].items()
    )
