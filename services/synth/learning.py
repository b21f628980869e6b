"""Academic survey: four or five subjects a pupil and year, correlated as the default rules' own simulation assumes."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from services.synth.chance import Bools, Floats, Ints, dates, flags, recorded, stream
from services.synth.families import Town
from services.synth.params import GAP_SHARE_BY_LEVEL, KOKUGO_GAP, SUBJECT_CORRELATION, TOP_GRADE, YEAR_CORRELATION
from services.synth.pupils import Taught, Traits, at_school, survey_days, trait
from services.synth.schooling import GRADES

SUBJECTS = ("国", "算数", "理", "社", "英")
FIRST_GRADE = np.array([1, 1, 3, 3, 7])  # of each subject
SURVEY = "STEPUP-G"
FULL_MARKS = np.array([100, 100, 50, 50, 100])
MEAN_SHARE, SD_SHARE = 0.64, 0.16  # of the full marks
ABSENT = 0.012
ABSENT_INCLINED = 0.45  # of pupils far out on the absence trait
YEARS_WITHOUT_SCORE = (2016,)  # the vendor then gave marks alone
DELIVERED = (40, 47)  # days after the survey: the vendor marks for six weeks
GAP_PASSES = 3


@dataclass(frozen=True)
class Scores:
    """Of each row of Taught and subject: deviation score in tenths, marks, row or none, absent or not; the day."""

    dev: Ints
    raw: Ints
    sat: Bools
    absent: Bools
    day: Ints


def make_scores(town: Town, taught: Taught, traits: Traits, seed: int) -> Scores:
    """Scores of all years, the gap between levels as asked (of 国 exactly so, pooled over the years)."""
    rng = stream(seed, "learning")
    own = trait(rng, taught, YEAR_CORRELATION, (len(SUBJECTS),))
    free = np.sqrt(SUBJECT_CORRELATION) * traits.ability[:, None] + np.sqrt(1 - SUBJECT_CORRELATION) * own
    day = survey_days(rng, taught, 4, 14, 24)
    sat = (taught.grade[:, None] >= FIRST_GRADE) & at_school(taught, day, town, delivered_after=DELIVERED[1])[:, None]
    inclined = traits.absence > 2.2
    absent = flags(rng, len(day), np.where(inclined, ABSENT_INCLINED, ABSENT))[:, None] & sat
    scored = sat & ~absent
    shift = -np.array(KOKUGO_GAP)[taught.grade - 1] * np.array(GAP_SHARE_BY_LEVEL)[taught.level] / 10
    for _ in range(GAP_PASSES):
        dev = _deviation(taught, free + shift[:, None], scored)
        shift = shift + _correction(taught, dev[:, 0], scored[:, 0])
    dev = _deviation(taught, free + shift[:, None], scored)
    raw = np.clip(np.rint((MEAN_SHARE + SD_SHARE * (dev - 50) / 10) * FULL_MARKS), 0, FULL_MARKS).astype(np.int64)
    return Scores(np.floor(dev * 10 + 0.5).astype(np.int64), raw, sat, absent, day)


def _groups(taught: Taught) -> tuple[Ints, int]:
    """Year and grade of each row as one number, and how many there are."""
    group = (taught.fy - taught.fy.min()) * TOP_GRADE + taught.grade - 1
    return group, int(group.max()) + 1


def _deviation(taught: Taught, value: Floats, scored: Bools) -> Floats:
    """50 + 10 z within year × grade × subject over those who sat it, to 0.1."""
    group, groups = _groups(taught)
    dev = np.empty_like(value)
    for subject in range(value.shape[1]):
        column, counts = value[:, subject], scored[:, subject]
        n = np.maximum(np.bincount(group, weights=counts, minlength=groups), 1)
        mean = np.bincount(group, weights=column * counts, minlength=groups) / n
        square = np.bincount(group, weights=column**2 * counts, minlength=groups) / n
        spread = np.sqrt(np.maximum(square - mean**2, 0.25))
        dev[:, subject] = 50 + 10 * (column - mean[group]) / spread[group]
    return np.clip(np.floor(dev * 10 + 0.5) / 10, 10.0, 90.0)


def kokugo_gaps(taught: Taught, dev: Floats, scored: Bools) -> Floats:
    """By grade, how far the mean of level 3 lies below that of all others; 0 where one of the groups is empty."""
    gaps = np.zeros(TOP_GRADE)
    for grade in range(1, TOP_GRADE + 1):
        here = scored & (taught.grade == grade)
        poor, others = here & (taught.level == 3), here & (taught.level < 3)
        if poor.any() and others.any():
            gaps[grade - 1] = dev[others].mean() - dev[poor].mean()
    return gaps


def _correction(taught: Taught, dev: Floats, scored: Bools) -> Floats:
    """What still has to be taken from level 3 for the gap asked for."""
    missing = np.array(KOKUGO_GAP) - kokugo_gaps(taught, dev, scored)
    return np.where(taught.level == 3, -missing[taught.grade - 1] / 10, 0.0)


def academic_feed(taught: Taught, scores: Scores, seed: int) -> pl.DataFrame:
    """Feed 6: one row a pupil, subject and year. Junior schools call 算数 数学, which the profile undoes."""
    rng = stream(seed, "academic feed")
    row, subject = np.nonzero(scores.sat)
    absent, dev = scores.absent[row, subject], scores.dev[row, subject]
    no_score = absent | np.isin(taught.fy[row], YEARS_WITHOUT_SCORE)
    day = dates("date", scores.day[row])
    raw = pl.Series(scores.raw[row, subject])
    table = pl.DataFrame({
        "pupil_no": taught.table["pupil_no"].gather(row),
        "fy": taught.fy[row],
        "date": day,
        "grade": pl.Series(GRADES).gather(taught.grade[row] - 1),
        "subject": pl.Series(SUBJECTS).gather(subject),
        "absent": absent,
        "raw": raw,
        "rate": (raw * 1000 / FULL_MARKS[subject]).round(0) / 10,
        "dev": dev / 10,
        "no_score": no_score,
    })  # fmt: skip
    table = table.with_columns(
        recorded(rng, day, *DELIVERED).dt.truncate("1d") + pl.duration(hours=10),
        raw=pl.when(~pl.col("absent")).then("raw"),
        rate=pl.when(~pl.col("absent")).then("rate"),
        dev=pl.when(~pl.col("no_score")).then("dev"),
    )
    at_junior = pl.col("grade").str.starts_with("J") & (pl.col("subject") == "算数")
    table = table.with_columns(subject=pl.when(at_junior).then(pl.lit("数学")).otherwise("subject"))
    return table.select(
        "event_time", "pupil_no", pl.lit(SURVEY).alias("survey_id"), "fy", "date", "grade", "subject",
        "raw", "rate", "dev", "absent", pl.format("CITY-{}", "fy").alias("norm_id"),
    )  # fmt: skip


def survey_max(taught: Taught) -> pl.DataFrame:
    """The reference file of full marks."""
    rows = [
        (SURVEY, fy, grade, subject, int(full))
        for fy in range(int(taught.fy.min()), int(taught.fy.max()) + 1)
        for number, grade in enumerate(GRADES, 1)
        for subject, first, full in zip(SUBJECTS, FIRST_GRADE, FULL_MARKS, strict=True)
        if number >= first
    ]
    return pl.DataFrame(rows, schema=["survey_id", "fy", "grade", "subject", "max"], orient="row")
