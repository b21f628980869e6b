"""Yearly questionnaire of eight scales, two editions over the years, and the fitness test beside it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from services.synth.chance import Bools, Floats, Ints, dates, flags, recorded, stream
from services.synth.families import Town
from services.synth.params import SCALE_CORRELATION
from services.synth.pupils import LATE_YEAR, SCALE_PERSISTENCE, Taught, Traits, at_school, survey_days, trait

SCALES = ("motivation", "self_control", "sociality", "confidence", "habits", "health", "family", "school")
SURVEY = "STEPUP-L"
SCALE_ONLY_SINCE = 2024  # one school's vendor gives scale means in place of answers …
SCALE_ONLY_EDITION = "S"  # … of an edition of its own, for which nobody has a key
SCALE_ONLY_SCHOOL = 1  # its index
ITEM_LOADING = 0.72
ITEM_CUTS = (-1.55, -0.55, 0.65)  # answers 1|2|3|4; most pupils agree
SCALE_RELIABILITY = 0.88  # of a mean of seven or eight such items
SHIFT_BY_LEVEL = (0.0, -0.10, -0.18, -0.25)  # standard deviations
SCHOOL_TIE_OF_ABSENT = -0.55
WITH_ABILITY = np.array([0.30, 0.20, 0.05, 0.15, 0.30, 0.05, 0.05, 0.10])  # loading on general ability
DELIVERED = (30, 36)  # days after the survey
FITNESS_DELIVERED = (20, 60)
UNANSWERED = 0.012  # of items
HALF_EMPTY = 0.006  # of sheets: given back half filled in
AWAY, AWAY_INCLINED = 0.02, 0.50  # not there on the day
PUBLISHED_MEAN, PUBLISHED_SD = 2.91, 0.62  # the made-up publisher's norms of every scale


@dataclass(frozen=True)
class Form:
    """One edition of the questionnaire: the scales take its items in turn, every `reverse`-th is reversed."""

    version: str
    prefix: str
    items: int
    reverse: int
    first_year: int
    last_year: int

    @property
    def codes(self) -> list[str]:
        """Item codes in the order of the sheet."""
        return [f"{self.prefix}{number:02d}" for number in range(1, self.items + 1)]

    @property
    def scale(self) -> Ints:
        """Scale index of each item."""
        return np.arange(self.items) % len(SCALES)

    @property
    def reversed(self) -> Bools:
        """Which items are worded the other way round."""
        return np.asarray(np.arange(self.items) % self.reverse == self.reverse - 2)


FORMS = (Form("2014", "A", 56, 6, 2014, 2020), Form("2021", "B", 60, 5, 2021, 2100))
REVISED_KEY_SINCE = 2023  # the second edition's key was set right then: key_version 2


@dataclass(frozen=True)
class Answers:
    """Of each row of Taught: scale means (NaN where missing), whether a sheet exists and gives answers, the day."""

    means: Floats
    sheet: Bools
    scale_only: Bools
    day: Ints
    given: dict[str, tuple[Ints, npt.NDArray[np.int8]]]  # by form version: rows of Taught, answers as ticked (0 = none)


def make_answers(town: Town, taught: Taught, traits: Traits, seed: int) -> Answers:
    """All sheets of all years."""
    rng = stream(seed, "feelings")
    scale = _scales(rng, taught, traits)
    day = survey_days(rng, taught, 5, 11, 25)
    inclined = traits.absence > 2.2
    away = flags(rng, len(day), np.where(inclined, AWAY_INCLINED, AWAY))
    sheet = at_school(taught, day, town, delivered_after=DELIVERED[1]) & ~away
    means = np.full(scale.shape, np.nan)
    given = {}
    for form in FORMS:
        rows = np.flatnonzero(sheet & (taught.fy >= form.first_year) & (taught.fy <= form.last_year))
        if len(rows):
            ticked = _tick(rng, form, scale[rows])
            means[rows] = scale_means(form, ticked)
            given[form.version] = (rows, ticked)
    scale_only = (taught.fy >= SCALE_ONLY_SINCE) & (taught.table["school_index"].to_numpy() == SCALE_ONLY_SCHOOL)
    return Answers(means, sheet, np.asarray(scale_only), day, given)


def _scales(rng: np.random.Generator, taught: Taught, traits: Traits) -> npt.NDArray[np.float32]:
    """What lies behind the answers: eight correlated traits; lower in hardship, school lower for who stays away."""
    common = trait(rng, taught, SCALE_PERSISTENCE)
    own = trait(rng, taught, SCALE_PERSISTENCE, (len(SCALES),))
    shared = SCALE_CORRELATION / SCALE_RELIABILITY - float(np.mean(WITH_ABILITY)) ** 2
    scale = (
        np.sqrt(shared) * common[:, None]
        + WITH_ABILITY * traits.ability[:, None]
        + np.sqrt(1 - shared - WITH_ABILITY**2) * own
    )
    scale += np.array(SHIFT_BY_LEVEL)[taught.level][:, None]
    scale[:, SCALES.index("school")] += SCHOOL_TIE_OF_ABSENT * (traits.absence > 2.2)
    return np.asarray(scale, dtype=np.float32)


def _tick(rng: np.random.Generator, form: Form, scale: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    """Answers 1–4 as ticked on the sheet (reversed items the other way round), 0 for none."""
    n = len(scale)
    noise = np.float32(np.sqrt(1 - ITEM_LOADING**2))
    ticked = np.empty((n, form.items), dtype=np.int8)
    for item in range(form.items):  # one column at a time: the whole block at once would take ten times the memory
        leaning = np.float32(ITEM_LOADING) * scale[:, form.scale[item]] + noise * rng.standard_normal(
            n, dtype=np.float32
        )
        ticked[:, item] = 1 + np.searchsorted(np.array(ITEM_CUTS, dtype=np.float32), leaning)
    ticked[:, form.reversed] = 5 - ticked[:, form.reversed]
    ticked[rng.random(ticked.shape, dtype=np.float32) < UNANSWERED] = 0
    half = np.flatnonzero(rng.random(n) < HALF_EMPTY)
    ticked[half, form.items // 2 :] = 0
    return ticked


def scale_means(form: Form, ticked: npt.NDArray[np.int8]) -> Floats:
    """Mean of the answered items of each scale after recoding; NaN if fewer than two thirds are answered."""
    value = np.where(form.reversed, 5 - ticked, ticked).astype(np.float32)
    means = np.empty((len(ticked), len(SCALES)))
    for scale in range(len(SCALES)):
        here = form.scale == scale
        answered = (ticked[:, here] > 0).sum(axis=1)
        total = np.where(ticked[:, here] > 0, value[:, here], 0).sum(axis=1)
        enough = 3 * answered >= 2 * here.sum()
        means[:, scale] = np.where(enough, total / np.maximum(answered, 1), np.nan)
    return means


def key_version(fy: Ints) -> pl.Series:
    """Key in use in a fiscal year."""
    return pl.Series(np.where(fy >= REVISED_KEY_SINCE, "2", "1"))


def _common(taught: Taught, answers: Answers, rows: Ints, version: str, seed: int) -> pl.DataFrame:
    day = dates("date", answers.day[rows])
    table = pl.DataFrame({
        "pupil_no": taught.table["pupil_no"].gather(rows),
        "survey_id": pl.Series([SURVEY]).gather(np.zeros(len(rows), dtype=np.int64)),
        "form_version": pl.Series([version]).gather(np.zeros(len(rows), dtype=np.int64)),
        "key_version": key_version(taught.fy[rows]),
        "fy": taught.fy[rows],
        "date": day,
    })  # fmt: skip
    rng = stream(seed, f"sheets {version}")
    return table.with_columns(recorded(rng, day, *DELIVERED).dt.truncate("1d") + pl.duration(hours=11))


def life_answer_feed(taught: Taught, answers: Answers, form: Form, seed: int) -> pl.DataFrame:
    """Feed 7, wide: one row a sheet of one edition, a column an item (null = unanswered)."""
    rows, ticked = answers.given[form.version]
    kept = np.flatnonzero(~answers.scale_only[rows])
    common = _common(taught, answers, rows[kept], form.version, seed)
    items = [pl.Series(code, ticked[kept, index]).replace(0, None) for index, code in enumerate(form.codes)]
    return common.with_columns(items)


def life_scale_feed(taught: Taught, answers: Answers, seed: int) -> pl.DataFrame:
    """Feed 7's scale results, of the one school whose vendor gives no answers; may be empty."""
    tables = [pl.DataFrame()]
    for form in FORMS:
        rows, ticked = answers.given.get(
            form.version, (np.empty(0, dtype=np.int64), np.empty((0, form.items), dtype=np.int8))
        )
        kept = np.flatnonzero(answers.scale_only[rows])
        if not len(kept):
            continue
        common = _common(taught, answers, rows[kept], form.version + SCALE_ONLY_EDITION, seed)
        for index, scale in enumerate(SCALES):
            here = form.scale == index
            tables.append(common.with_columns(
                scale_code=pl.lit(scale),
                score=pl.Series(answers.means[rows[kept], index]).round(4).fill_nan(None),
                answered=pl.Series((ticked[np.ix_(kept, here)] > 0).sum(axis=1)),
                items=pl.lit(int(here.sum())),
            ))  # fmt: skip
    table = pl.concat(tables, how="diagonal")
    if not table.height:
        return table
    table = table.drop_nulls("score")
    return table.sort("fy", "pupil_no", maintain_order=True)


def physical_feed(town: Town, taught: Taught, traits: Traits, seed: int) -> pl.DataFrame:
    """Feed 8: one row a pupil and year, the fitness test's total and deviation score; none in the closed spring."""
    rng = stream(seed, "physical")
    fitness = trait(rng, taught, 0.85)
    day = survey_days(rng, taught, 5, 20, 31)
    there = (
        at_school(taught, day, town, delivered_after=FITNESS_DELIVERED[1])
        & ~flags(rng, len(day), np.where(traits.absence > 2.2, 0.5, 0.04))
        & (taught.fy != LATE_YEAR)
    )
    rows = np.flatnonzero(there)
    total_dev = np.clip(np.floor((50 + 10 * fitness[rows]) * 10 + 0.5) / 10, 10, 90)
    points = np.clip(np.rint(30 + 3 * taught.grade[rows] + 8 * fitness[rows]), 8, 80)
    rank = pl.Series(["E", "D", "C", "B", "A"]).gather(np.searchsorted([-1.4, -0.5, 0.5, 1.4], fitness[rows]))
    table = pl.DataFrame({
        "pupil_no": taught.table["pupil_no"].gather(rows),
        "fy": taught.fy[rows],
        "event_code": pl.Series(["TOTAL"]).gather(np.zeros(len(rows), dtype=np.int64)),
        "value": points.astype(np.int64),
        "total_dev": total_dev,
        "grade_rank": rank,
        "effective_from": dates("", day[rows]),
    })  # fmt: skip
    return table.with_columns(recorded(rng, dates("", day[rows]), *FITNESS_DELIVERED))


def instrument_key() -> pl.DataFrame:
    """The reference file of scoring keys."""
    rows = [
        (form.version, version, code, SCALES[scale], bool(turned))
        for form in FORMS
        for version in (("1",) if form.last_year < REVISED_KEY_SINCE else ("1", "2"))
        for code, scale, turned in zip(form.codes, form.scale, form.reversed, strict=True)
    ]
    return pl.DataFrame(
        rows, schema=["form_version", "key_version", "item_code", "scale_code", "reverse"], orient="row"
    )


def instrument_norm(grades: tuple[str, ...]) -> pl.DataFrame:
    """The reference file of the publisher's norms: mean and SD of the raw scale means, by grade."""
    rows = [
        (form.version + edition, scale, grade, PUBLISHED_MEAN, PUBLISHED_SD)
        for form in FORMS
        for edition in ("", SCALE_ONLY_EDITION)
        for scale in SCALES
        for grade in grades
    ]
    return pl.DataFrame(rows, schema=["form_version", "scale_code", "grade", "mean", "sd"], orient="row")
