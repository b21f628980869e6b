"""How poor each family is in each fiscal year (economic level 0–3), set so that the city's shares come out as asked."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from services.synth.chance import Bools, Floats, Ints, day_number, days_of, stream
from services.synth.families import Town
from services.synth.params import FIRST_SCHOOL_YEAR, POVERTY_A, POVERTY_B, POVERTY_C
from services.synth.schooling import fiscal_year

PERSISTENCE = 0.94  # of hardship from one year to the next
LONE_PARENT = 1.35  # standard deviations by which a lone parent is worse off
SEARCH_STEPS = 40


@dataclass(frozen=True)
class Hardship:
    """By family (rows) and fiscal year (columns, from first_year).

    levels: economic level, 0–3
    lone:   whether a lone parent heads the family on 1 June
    """

    first_year: int
    levels: Ints
    lone: Bools

    def level_of(self, families: pl.Series, years: pl.Series) -> Ints:
        """Level of each (family, fiscal year)."""
        found: Ints = self.levels[families.to_numpy(), years.to_numpy() - self.first_year]
        return found

    def table(self) -> pl.DataFrame:
        """One row a family and fiscal year: fam, fy, level, lone."""
        families, years = self.levels.shape
        return pl.DataFrame({
            "fam": np.repeat(np.arange(families), years),
            "fy": np.tile(np.arange(self.first_year, self.first_year + years, dtype=np.int32), families),
            "level": self.levels.ravel(),
            "lone": self.lone.ravel(),
        })  # fmt: skip


def make_hardship(town: Town, nurturing: Ints, has_pupil: Bools, seed: int) -> Hardship:
    """Levels of all years, cut where the poverty ranks of the children present at the end have the shares asked for.

    nurturing: nurturing level 0–3 of each child at the end (all children of the town, in order)
    has_pupil: whether the family has a pupil at a public school at the end
    """
    years = np.arange(FIRST_SCHOOL_YEAR, fiscal_year(town.until) + 1)
    lone = _lone(town, years)
    latent = _latent(stream(seed, "hardship"), town, len(years)) + LONE_PARENT * lone
    reachable = _reachable(town, lone[:, -1], has_pupil)
    present = town.children["present"].to_numpy()
    family = town.children["fam"].to_numpy()[present]
    cuts = _find_cuts(latent, reachable, family, nurturing[present])
    return Hardship(FIRST_SCHOOL_YEAR, _levels(latent, cuts, reachable), lone)


def poverty_rank(economic: Ints, nurturing: Ints) -> Ints:
    """Rank by the default rules: 3 A, 2 B, 1 C, 0 D (missing data aside)."""
    a = (economic == 3) | (nurturing == 3) | ((economic == 2) & (nurturing == 2))
    b = (economic == 2) | (nurturing == 2) | ((economic == 1) & (nurturing == 1))
    c = (economic == 1) | (nurturing == 1)
    return np.where(a, 3, np.where(b, 2, np.where(c, 1, 0)))


def _lone(town: Town, years: Ints) -> Bools:
    june = np.array(
        [
            day_number(day)
            for day in pl.date_range(pl.date(int(years[0]), 6, 1), pl.date(int(years[-1]), 6, 1), "1y", eager=True)
        ]
    )
    families = town.families
    divorced, remarried = days_of(families["divorced"])[:, None], days_of(families["remarried"])[:, None]
    always = families["lone"].to_numpy()[:, None]
    return (always | (divorced <= june)) & (remarried > june)


def _latent(rng: np.random.Generator, town: Town, years: int) -> Floats:
    """Standard normal hardship of each family and year; that of the last year is the family's own figure."""
    latent = np.empty((town.families.height, years))
    latent[:, -1] = town.families["hardship"].to_numpy()
    for year in range(years - 2, -1, -1):
        noise = rng.standard_normal(town.families.height)
        latent[:, year] = PERSISTENCE * latent[:, year + 1] + np.sqrt(1 - PERSISTENCE**2) * noise
    return latent


def _reachable(town: Town, lone: Bools, has_pupil: Bools) -> Ints:
    """The highest level below 3 that some office could know of.

    Who came after 1 January without a certificate is in no tax file.
    """
    new_year = day_number(town.until.replace(month=1, day=1))
    known = (days_of(town.families["arrived"]) < new_year) | town.families["certificate"].to_numpy()
    return np.where(known | lone, 2, np.where(has_pupil, 2, 0))


def _levels(latent: Floats, cuts: Floats, reachable: Ints) -> Ints:
    """Levels of all years for cuts of level 1, 2 and 3.

    Who got 就学援助 or 生活保護 last year and nothing now is still level 1 by the rules, so such a family is made level 1.
    """
    levels = np.searchsorted(cuts, latent, side="right").astype(np.int64)
    last = levels[:, -1]
    if levels.shape[1] > 1:
        last = np.where((last == 0) & (levels[:, -2] >= 2), 1, last)
    unknown = (last < 3) & (last > 0) & (reachable == 0)
    levels[:, -1] = np.where(unknown, 0, last)
    return levels


def _find_cuts(latent: Floats, reachable: Ints, family: Ints, nurturing: Ints) -> Floats:
    """Bisection for one cut after the other, twice over, since rank A also looks at level 2."""
    cuts = np.array([1.3, 1.6, 2.4])
    asked = {2: POVERTY_A, 1: POVERTY_A + POVERTY_B, 0: POVERTY_A + POVERTY_B + POVERTY_C}
    for _ in range(3):
        for which, share in asked.items():
            low, high = -1.0, 6.0
            for _ in range(SEARCH_STEPS):
                cuts[which] = (low + high) / 2
                levels = _levels(latent[:, -2:], np.maximum.accumulate(cuts), reachable)[:, -1]
                made = 100 * float(np.mean(poverty_rank(levels[family], nurturing) >= which + 1))
                low, high = (cuts[which], high) if made > share else (low, cuts[which])
    return np.maximum.accumulate(cuts)
