"""Families and their lives: arrivals, births, moves, divorces, remarriages, departures."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from services.synth.chance import NEVER, Floats, Ints, dates, day_number, flags, stream
from services.synth.names import FAMILY_OF_COUNTRY

YEAR = 365.25  # days
CHILDREN_CHANCES = (0.40, 0.43, 0.14, 0.03)  # one to four children
OLDER_SIBLINGS = 5  # years above the scope in which a family's first child may be born

# Shares of families, ours.
OUTSIDE = 0.004  # live in the next city, their children go to a public school here (区域外就学)
MOVED_IN = 0.30  # came after the birth of their first child
MOVED_OUT = 0.07
MOVED_WITHIN = 0.28
LONE = 0.045  # a lone mother from the beginning
DIVORCED = 0.115
REMARRIED = 0.22  # of the divorced
GRANDPARENT = 0.06
FOREIGN = 0.025
CERTIFICATE = 0.7  # bring their tax certificate when they come after 1 January
TWINS = 0.011  # of births


@dataclass(frozen=True)
class Town:
    """All families and children; `until` is the last day of the city's story, included.

    families: fam; first_birth, arrived, left, move1, move2, divorced, remarried (dates; NEVER where not); lone,
              mother_leaves, reverts, father_stays, grandparent, outside, certificate; country (null: Japanese);
              hardship (standard normal; higher is poorer)
    children: child, fam, born, sex ("1" male, "2"), twin, present (in scope and resident at `until`)
    """

    families: pl.DataFrame
    children: pl.DataFrame
    until: date


def scope_start(until: date) -> date:
    """Birthday of the oldest child in scope, which ends with the 31 March on or after attaining 18."""
    school_year = until.year - (until.month < 4)
    return date(school_year - 18, 4, 2)


def make_town(*, children: int, until: date, seed: int) -> Town:
    """Families until exactly `children` children in scope live in the city on `until`."""
    rng = stream(seed, "families")
    families = _draw_families(rng, children + 40, until)
    born = _draw_children(rng, families, until)
    kept = _cut(born, children)
    families = families.filter(pl.col("fam") <= kept["fam"].max())
    return Town(families, kept.with_columns(child=pl.int_range(pl.len())), until)


def _draw_families(rng: np.random.Generator, n: int, until: date) -> pl.DataFrame:
    end = day_number(until)
    first = rng.integers(day_number(scope_start(until)) - round(OLDER_SIBLINGS * YEAR), end + 1, n)
    never = day_number(NEVER)

    def some(share: float | Floats, earliest: Ints, mean_years: float) -> Ints:
        """A day 60 days or more after `earliest` for a share of families; NEVER for the rest and for the future."""
        day = earliest + 60 + rng.exponential(mean_years * YEAR, n).astype(np.int64)
        return np.where(flags(rng, n, share) & (day <= end), day, never)

    outside = flags(rng, n, OUTSIDE)
    late = flags(rng, n, MOVED_IN)
    before = first - rng.integers(100, round(9 * YEAR), n)
    after = first + (rng.random(n) * (end - first)).astype(np.int64)
    arrived = np.where(outside, never, np.where(late, after, before))
    settled = np.maximum(np.minimum(arrived, end), first)
    lone = flags(rng, n, LONE)
    divorced = np.where(lone, never, some(DIVORCED * 1.35, first, 8.0))
    divorced = np.where(
        divorced <= np.minimum(arrived, end), never, divorced
    )  # what happened elsewhere is not on record
    remarried = np.where(divorced < never, some(REMARRIED * 1.5, np.minimum(divorced, end), 4.0), never)
    left = np.where(outside, never, some(MOVED_OUT * 1.3, settled + 300, 7.0))
    move1 = some(MOVED_WITHIN, settled, 6.0)
    move2 = np.where(move1 < never, some(0.3, np.minimum(move1, end), 5.0), never)
    country = np.array([*FAMILY_OF_COUNTRY])[rng.integers(0, len(FAMILY_OF_COUNTRY), n)]
    return pl.DataFrame({
        "fam": np.arange(n),
        "first_birth": dates("", first),
        "arrived": dates("", arrived),
        "left": dates("", left),
        "move1": dates("", move1),
        "move2": dates("", move2),
        "divorced": dates("", divorced),
        "remarried": dates("", remarried),
        "lone": lone,
        "mother_leaves": flags(rng, n, 0.45),
        "reverts": flags(rng, n, 0.6),
        "father_stays": flags(rng, n, 0.35),
        "grandparent": flags(rng, n, GRANDPARENT),
        "outside": outside,
        "certificate": flags(rng, n, CERTIFICATE),
        "country": pl.Series(np.where(flags(rng, n, FOREIGN), country, "")).replace("", None),
        "hardship": rng.standard_normal(n),
    })  # fmt: skip


def _draw_children(rng: np.random.Generator, families: pl.DataFrame, until: date) -> pl.DataFrame:
    """Every child born by `until`, siblings 1.5 to 5 years apart, twins on one day."""
    count = 1 + rng.choice(4, families.height, p=CHILDREN_CHANCES)
    fam = np.repeat(np.arange(families.height), count)
    order = np.arange(len(fam)) - np.repeat(np.cumsum(count) - count, count)
    gap = rng.integers(round(1.5 * YEAR), round(5 * YEAR), len(fam))
    twin = flags(rng, len(fam), TWINS) & (order > 0)
    gap = np.where(order == 0, 0, np.where(twin, 0, gap))
    since_start = np.cumsum(gap)
    first_of_family = np.repeat(since_start[np.cumsum(count) - count], count)
    table = pl.DataFrame({
        "fam": fam,
        "after": since_start - first_of_family,
        "sex": np.where(flags(rng, len(fam), 0.512), "1", "2"),
        "twin": twin,
    })  # fmt: skip
    table = table.join(
        families.select("fam", "first_birth", "arrived", "left"), on="fam", how="left", maintain_order="left"
    )
    table = table.with_columns(
        born=(pl.col("first_birth").cast(pl.Int32) + pl.col("after").cast(pl.Int32)).cast(pl.Date)
    )
    return table.filter((pl.col("born") <= until) & (pl.col("born") < pl.col("left"))).select(
        "fam",
        "born",
        "sex",
        "twin",
        present=pl.col("born").ge(scope_start(until)) & (pl.col("arrived") <= until) & (pl.col("left") > until),
    )


def _cut(born: pl.DataFrame, children: int) -> pl.DataFrame:
    """The first families that hold `children` present children together; of the last, no more than needed."""
    counted = born.with_columns(so_far=pl.col("present").cast(pl.Int64).cum_sum())
    return counted.filter((pl.col("so_far") < children) | ((pl.col("so_far") == children) & pl.col("present"))).drop(
        "so_far"
    )
