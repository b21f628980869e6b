"""The city's own count of learning and non-cognitive ranks and of categories at its last day (see economy_count)."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from services.synth.chance import Bools, Floats, Ints
from services.synth.feelings import PUBLISHED_MEAN, PUBLISHED_SD, SCALES, Answers
from services.synth.learning import Scores
from services.synth.params import TOP_GRADE
from services.synth.pupils import Taught

UNKNOWN = 0  # rank X
SMALLEST_GROUP = 100  # pupils; a smaller group is measured by the published norms
OLDEST_SURVEY = 456  # days: 15 months
TIE_SCALES = tuple(SCALES.index(scale) for scale in ("family", "school"))
CATEGORIES = {  # poverty rank: category for w = 4, 3, 2, 1, X
    "A": ("重点支援Ⅰ", "重点支援Ⅱ", "見守りⅠ", "見守りⅠ", "見守りⅠ"),
    "B": ("重点支援Ⅱ", "見守りⅠ", "見守りⅡ", "見守りⅡ", "見守りⅡ"),
    "C": ("見守りⅠ", "見守りⅡ", "見守りⅡ", "見守りⅡ", "見守りⅡ"),
    "D": ("見守りⅡ(教育)", "対象外(記録)", "対象外", "対象外", "対象外"),
    "X": ("見守りⅠ", "見守りⅡ", "要データ確認", "要データ確認", "要データ確認"),
}
FOCUS = ("重点支援Ⅰ", "重点支援Ⅱ")


@dataclass(frozen=True)
class SchoolRanks:
    """Of each pupil of Taught (dense number): ranks 1–4 (UNKNOWN = X) and w."""

    learning: Ints
    noncognitive: Ints
    w: Ints


def school_ranks(
    taught: Taught, scores: Scores, answers: Answers, absence: pl.DataFrame, until_day: int
) -> SchoolRanks:
    """Ranks of all pupils from their last surveys."""
    absent = _per_pupil(taught, absence)
    learning = _learning(taught, scores, until_day)
    linked = np.where(
        taught.table["mapped"].to_numpy()[:, None], answers.means, np.nan
    )  # others wait, and count in no norm
    noncognitive = _noncognitive(taught, linked, answers.day, absent, until_day)
    return SchoolRanks(learning, noncognitive, concern(learning, noncognitive))


def _per_pupil(taught: Taught, absence: pl.DataFrame) -> Ints:
    """Days absent by dense pupil number; −1 without any row."""
    numbers = pl.DataFrame({"pid": taught.table["pid"], "pupil": taught.pupil}).unique("pid", maintain_order=True)
    joined = absence.join(numbers, on="pid", how="inner")
    days = np.full(taught.pupils, -1, dtype=np.int64)
    days[joined["pupil"].to_numpy()] = joined["absence"].to_numpy()
    return days


def _grid(taught: Taught, value: Floats) -> Floats:
    """Value of each pupil by fiscal year, NaN where there is none; three empty years in front."""
    years = taught.fy - taught.fy.min() + 3
    grid = np.full((taught.pupils, int(years.max()) + 1), np.nan)
    grid[taught.pupil, years] = value
    return grid


def _last_year(grid: Floats, recent: Bools) -> Ints:
    """Index of each pupil's last year with a recent value; 2 (always empty) if none."""
    usable = ~np.isnan(grid) & recent
    last = grid.shape[1] - 1 - np.argmax(usable[:, ::-1], axis=1)
    return np.where(usable.any(axis=1), last, 2)


def _learning(taught: Taught, scores: Scores, until_day: int) -> Ints:
    scored = scores.sat & ~scores.absent
    n = scored.sum(axis=1)
    total = np.where(scored, scores.dev, 0).sum(axis=1)
    mean = np.where(n >= 2, np.floor(total / np.maximum(n, 1) + 0.5), np.nan)  # tenths
    grid = _grid(taught, mean)
    day = _grid(taught, scores.day.astype(np.float64))
    last = _last_year(grid, until_day - day <= OLDEST_SURVEY)
    at = np.arange(taught.pupils)
    now, one, two = grid[at, last], grid[at, last] - grid[at, last - 1], grid[at, last] - grid[at, last - 2]
    fall = (one <= -50) | ((two <= -50) & (one < 0))
    change = np.where(fall, 2, np.where(one <= -30, 1, 0))
    table = np.array([[1, 1, 2], [1, 2, 3], [2, 3, 4], [3, 3, 4], [4, 4, 4]])
    band = np.select([now < 350, now < 400, now < 450, now < 500], [4, 3, 2, 1], 0)
    return np.where(np.isnan(now), UNKNOWN, table[band, change])


def standardised(taught: Taught, means: Floats) -> Floats:
    """t of each scale mean within year × grade, to 0.1; by the published norms in small groups."""
    group = (taught.fy - taught.fy.min()) * TOP_GRADE + taught.grade - 1
    t = np.full(means.shape, np.nan)
    for scale in range(means.shape[1]):
        valid = ~np.isnan(means[:, scale])
        value = np.where(valid, means[:, scale], 0)
        n = np.bincount(group, weights=valid)
        centre = np.bincount(group, weights=value) / np.maximum(n, 1)
        square = np.bincount(group, weights=value**2) / np.maximum(n, 1)
        spread = np.sqrt(np.maximum(square - centre**2, 1e-9))
        small = n < SMALLEST_GROUP
        centre, spread = np.where(small, PUBLISHED_MEAN, centre), np.where(small, PUBLISHED_SD, spread)
        t[:, scale] = np.floor((50 + 10 * (value - centre[group]) / spread[group]) * 10 + 0.5) / 10
        t[~valid, scale] = np.nan
    return t


def _noncognitive(taught: Taught, means: Floats, days: Ints, absent: Ints, until_day: int) -> Ints:
    t = standardised(taught, means)
    valid = (~np.isnan(t)).any(axis=1)
    day = _grid(taught, np.where(valid, days, np.nan))
    last = _last_year(day, until_day - day <= OLDEST_SURVEY)
    at = np.arange(taught.pupils)
    grids = np.stack([_grid(taught, t[:, scale]) for scale in range(t.shape[1])], axis=2)
    now, before = grids[at, last], grids[at, last - 1]
    lows = (now < 35).sum(axis=1) + (absent >= 15)
    drops = ((before - now >= 9.99) & (now < 45)).sum(axis=1)
    tie = (now[:, TIE_SCALES] < 30).any(axis=1)
    missing = ((~np.isnan(now)).sum(axis=1) < 5) & (absent < 0)
    four = (lows >= 3) | (tie & (lows >= 2))
    three = (lows == 2) | ((lows == 1) & (drops >= 2)) | (absent >= 30)
    two = (lows == 1) | (drops >= 2)
    return np.select([four, three, two, missing], [4, 3, 2, UNKNOWN], 1)


def concern(learning: Ints, noncognitive: Ints) -> Ints:
    """w of the default rules: 1–4, UNKNOWN where both are X."""
    both = (learning >= 3) & (noncognitive >= 3)
    alone = ((learning == 4) & (noncognitive <= 1)) | ((noncognitive == 4) & (learning <= 1))
    return np.where(both, 4, np.where(alone, 3, np.maximum(learning, noncognitive)))


def category(poverty: str, w: int, nurturing: int) -> str:
    """Support category of one child, before any memory of earlier runs."""
    found = CATEGORIES[poverty][4 - w if w else 4]
    return found if nurturing < 3 or found in FOCUS else FOCUS[1]
