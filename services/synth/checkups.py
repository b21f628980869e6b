"""The yearly health check at school (feed 10)."""

import numpy as np
import polars as pl

from services.synth.chance import Floats, Ints, dates, flags, recorded, stream
from services.synth.families import Town
from services.synth.pupils import Taught, at_school, survey_days, trait

DELIVERED = (10, 40)  # days until the results are entered
ABSENT = 0.02  # of pupils, ours
HEIGHT_AT_P1, HEIGHT_A_GRADE, HEIGHT_SD = 116.5, 5.6, 5.5  # cm; near the national survey's means
OVERWEIGHT_SD = 12.0  # points of 肥満度
EYESIGHT = ("A", "B", "C", "D")
EYESIGHT_BELOW_A = 0.33
CARIES_A_LEVEL = (0.25, 0.5, 0.8, 1.0)  # untreated teeth of a pupil by economic level; ours
REFERRED_WITH = 1  # untreated teeth
UNVISITED = 0.3


def health_check_feed(town: Town, taught: Taught, seed: int) -> pl.DataFrame:
    """Feed 10: one row a pupil and fiscal year."""
    rng = stream(seed, "health check")
    height = HEIGHT_AT_P1 + HEIGHT_A_GRADE * (taught.grade - 1) + HEIGHT_SD * trait(rng, taught, 0.97)
    overweight = OVERWEIGHT_SD * trait(rng, taught, 0.9)
    day = survey_days(rng, taught, 4, 14, 30)
    there = at_school(taught, day, town, delivered_after=DELIVERED[1]) & ~flags(rng, len(day), ABSENT)
    rows = np.flatnonzero(there)
    caries = rng.poisson(np.array(CARIES_A_LEVEL)[taught.level[rows]])
    unvisited = pl.Series(flags(rng, len(rows), UNVISITED))
    table = pl.DataFrame({
        "pupil_no": taught.table["pupil_no"].gather(rows),
        "fy": taught.fy[rows],
        "height": np.round(height[rows], 1),
        "weight": np.round(_standard_weight(height[rows]) * (1 + overweight[rows] / 100), 1),
        "obesity_pct": np.round(overweight[rows], 1),
        "eyesight_r": _eyesight(rng, len(rows)),
        "eyesight_l": _eyesight(rng, len(rows)),
        "caries_untreated": caries,
        "effective_from": dates("", day[rows]),
    })  # fmt: skip
    return table.with_columns(
        recorded(rng, dates("", day[rows]), *DELIVERED),
        referral_unvisited=pl.when(pl.Series(caries >= REFERRED_WITH)).then(unvisited),
    )


def _standard_weight(height: Floats) -> Floats:
    """Kilograms for a height in cm: body mass index 17."""
    return 17 * (height / 100) ** 2


def _eyesight(rng: np.random.Generator, n: int) -> pl.Series:
    below: Ints = np.where(flags(rng, n, EYESIGHT_BELOW_A), rng.integers(1, len(EYESIGHT), n), 0)
    return pl.Series(EYESIGHT).gather(below)
