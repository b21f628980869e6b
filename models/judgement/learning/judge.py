"""Rank of learning: the band of T and the class of change, looked up in the rule set's table."""

from datetime import date
from functools import cache

import polars as pl

from models.judgement import reasons
from models.judgement.learning.scores import Scores
from models.judgement.learning.surveys import SURVEY, latest, latest_of_year, mean_scores
from models.judgement.part import Part
from models.judgement.scope import Scope
from models.judgement.tables import cell, listed, value
from schemas.rules.names import CHANGES
from schemas.rules.ruleset import RuleSet
from schemas.rules.sections import BandRule, LearningRules

YEARS_BACK = (1, 2)  # that T is compared with
_CODES = {change: f"CHANGE_{change.upper()}" for change in CHANGES}
COLUMNS = ("person", "t", "d1", "d2", "change", "learning")


def judge_learning(scores: Scores, scope: Scope, *, as_of: date, rules: RuleSet) -> Part:
    """Judge every child in scope as at the end of `as_of`.

    scores: of at least the pupils in scope
    frame: person; t, d1, d2 (Int32, tenths, or null); change (fall, decline, flat, unknown; null without t); learning
    """
    pupils = scope.children.filter("pupil").select("person")
    if pupils.is_empty():
        return _of_nobody(scope)
    judged = _ranked(_compare(scores.rows, pupils, as_of=as_of, rules=rules.learning), rules)
    children = scope.children.select("person", "pupil").join(judged, on="person", how="left", maintain_order="left")
    frame = children.with_columns(pl.col("learning").fill_null("X"))
    without = frame.filter(pl.col("pupil") & pl.col("t").is_null())
    found = [
        *_reasons(judged, scores.rows, rules.learning),
        reasons.shape(without.select("person"), code="TX_NO_SCORE"),
    ]
    return Part(frame=frame.select(COLUMNS), reasons=reasons.concat(found))


def _of_nobody(scope: Scope) -> Part:
    numbers = (pl.lit(None, pl.Int32).alias(name) for name in ("t", "d1", "d2"))
    change = pl.lit(None, pl.String).alias("change")
    return Part(scope.children.select("person", *numbers, change, learning=pl.lit("X")), reasons.EMPTY)


def _compare(rows: pl.DataFrame, pupils: pl.DataFrame, *, as_of: date, rules: LearningRules) -> pl.DataFrame:
    """Each scored pupil's T with its survey, and the differences to the two years before, each with that year's survey."""
    surveys = mean_scores(rows, min_subjects=rules.min_subjects)
    years = latest_of_year(surveys)
    now = latest(surveys, as_of=as_of, months=rules.survey_age_months).select(*SURVEY, "t")
    compared = now.join(pupils, on="person", how="semi")
    for back in YEARS_BACK:
        named = {f"t{back}": pl.col("t"), f"survey_id{back}": pl.col("survey_id")}
        before = years.select("person", pl.col("fy") + back, **named)
        compared = compared.join(before, on=["person", "fy"], how="left")
    return compared.with_columns((pl.col("t") - pl.col(f"t{back}")).alias(f"d{back}") for back in YEARS_BACK)


def _ranked(compared: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """Adds change, band and learning."""
    table = {band.code: {change: getattr(band, change) for change in CHANGES} for band in rules.learning.bands}
    classed = compared.with_columns(_change(rules.learning).alias("change"), _band(rules).alias("band"))
    return classed.with_columns(cell(table, pl.col("band"), pl.col("change")).alias("learning"))


@cache
def _change(rules: LearningRules) -> pl.Expr:
    """The class of change, the first that applies."""
    d1, d2 = pl.col("d1"), pl.col("d2")
    fall = (d1 <= rules.fall_d1) | ((d2 <= rules.fall_d2) & (d1 < 0))
    unknown = pl.when(d1.is_null()).then(pl.lit("unknown"))
    return (
        unknown.when(fall)
        .then(pl.lit("fall"))
        .when(d1 <= rules.decline_d1)
        .then(pl.lit("decline"))
        .otherwise(pl.lit("flat"))
    )


def _band(rules: RuleSet) -> pl.Expr:
    """The code of the band that T is in."""
    bands = rules.learning.bands
    cuts = tuple(_cut(band, rules) for band in bands[:-1])
    return listed(tuple(band.code for band in bands)).gather(listed(cuts).search_sorted(pl.col("t"), side="right"))


def _cut(band: BandRule, rules: RuleSet) -> int:
    """T under this many tenths is in the band; `low_inclusive` takes the low cut itself into the band below it."""
    assert band.below is not None  # the rule set's schema: None in the last band alone
    return band.below + (rules.switches.low_inclusive and band.below == rules.learning.low_cut)


def _reasons(judged: pl.DataFrame, rows: pl.DataFrame, rules: LearningRules) -> list[pl.DataFrame]:
    """The band rests on the scores of the survey, the change on those of all surveys compared."""
    scored = rows.select(*SURVEY, "source").join(judged, on="person")
    this_year = (pl.col("fy") == pl.col("fy_right")) & (pl.col("survey_id") == pl.col("survey_id_right"))
    before = [
        (pl.col("fy") == pl.col("fy_right") - back) & (pl.col("survey_id") == pl.col(f"survey_id{back}"))
        for back in YEARS_BACK
    ]
    of_band = scored.filter(this_year).with_columns(tenths="t")
    compared = scored.filter(pl.col("d1").is_not_null() & pl.any_horizontal(this_year, *before))
    change = value(_CODES, pl.col("change"))
    return [
        reasons.shape(of_band, code=pl.col("band")),
        reasons.shape(compared.with_columns(_deciding(rules)), code=change),
        reasons.shape(judged.filter(pl.col("d1").is_null()).select("person"), code="CHANGE_UNKNOWN"),
    ]


@cache
def _deciding(rules: LearningRules) -> pl.Expr:
    """The difference that the sentence names: Δ1, or Δ2 where that alone makes the fall."""
    d1, d2 = pl.col("d1"), pl.col("d2")
    return pl.when((pl.col("change") == "fall") & (d1 > rules.fall_d1)).then(d2).otherwise(d1).alias("tenths")
