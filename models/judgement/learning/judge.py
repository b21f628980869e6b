"""Rank of learning: the band of T and the class of change, looked up in the rule set's table."""

from collections.abc import Callable
from datetime import date

import polars as pl

from models.judgement import reasons
from models.judgement.engine import engine_of
from models.judgement.learning.scores import Scores
from models.judgement.learning.surveys import SURVEY, latest, latest_of_year, mean_scores
from models.judgement.part import Part
from models.judgement.scope import Scope
from schemas.rules.names import CHANGES
from schemas.rules.ruleset import RuleSet
from schemas.rules.sections import BandRule, LearningRules

YEARS_BACK = (1, 2)  # that T is compared with
COLUMNS = ("person", "t", "d1", "d2", "change", "learning")


def judge_learning(scores: Scores, scope: Scope, *, as_of: date, rules: RuleSet) -> Part:
    """Judge every child in scope as at the end of `as_of`.

    scores: of at least the pupils in scope
    frame: person; t, d1, d2 (Int32, tenths, or null); change (fall, decline, flat, unknown; null without t); learning
    """
    compared = _compare(_pupils(scope), scores.rows, as_of=as_of, rules=rules.learning)
    judged = compared.with_columns(_change(rules.learning)).with_columns(
        _by_band(rules, lambda band: pl.lit(band.code)).alias("band"),
        _by_band(rules, _rank_by_change).fill_null("X").alias("learning"),
    )
    frame = scope.children.select("person").join(judged, on="person", how="left").sort("person")
    return Part(
        frame=frame.with_columns(pl.col("learning").fill_null("X")).select(COLUMNS),
        reasons=_reasons(judged, scores.rows, rules.learning),
    )


def _pupils(scope: Scope) -> pl.DataFrame:
    return scope.children.filter("pupil").select("person")


def _compare(pupils: pl.DataFrame, rows: pl.DataFrame, *, as_of: date, rules: LearningRules) -> pl.DataFrame:
    """Each pupil's T with its survey, and the differences to the two years before, each with that year's survey."""
    surveys = mean_scores(rows.join(pupils, on="person", how="semi"), min_subjects=rules.min_subjects)
    now = latest(surveys, as_of=as_of, months=rules.survey_age_months).select(*SURVEY, "t")
    years = latest_of_year(surveys)
    compared = pupils.join(now, on="person", how="left").lazy()
    for back in YEARS_BACK:
        before = years.lazy().select(
            "person",
            pl.col("fy") + back,
            pl.col("t").alias(f"t{back}"),
            pl.col("survey_id").alias(f"survey_id{back}"),
        )
        compared = compared.join(before, on=["person", "fy"], how="left")
    return compared.collect(engine=engine_of(rows)).with_columns(
        (pl.col("t") - pl.col(f"t{back}")).alias(f"d{back}") for back in YEARS_BACK
    )


def _change(rules: LearningRules) -> pl.Expr:
    """The class of change, the first that applies; null without T."""
    d1, d2 = pl.col("d1"), pl.col("d2")
    fall = (d1 <= rules.fall_d1) | ((d2 <= rules.fall_d2) & (d1 < 0))
    change = (
        pl.when(pl.col("t").is_null())
        .then(None)
        .when(d1.is_null())
        .then(pl.lit("unknown"))
        .when(fall)
        .then(pl.lit("fall"))
        .when(d1 <= rules.decline_d1)
        .then(pl.lit("decline"))
        .otherwise(pl.lit("flat"))
    )
    return change.alias("change")


def _by_band(rules: RuleSet, choose: Callable[[BandRule], pl.Expr]) -> pl.Expr:
    """What `choose` makes of the band that T is in; null without T."""
    *lower, top = rules.learning.bands
    chosen = choose(top)
    for band in reversed(lower):
        chosen = pl.when(pl.col("t") < _cut(band, rules)).then(choose(band)).otherwise(chosen)
    return pl.when(pl.col("t").is_not_null()).then(chosen)


def _cut(band: BandRule, rules: RuleSet) -> int:
    """T under this many tenths is in the band; `low_inclusive` takes the low cut itself into the band below it."""
    assert band.below is not None  # the rule set's schema: None in the last band alone
    return band.below + (rules.switches.low_inclusive and band.below == rules.learning.low_cut)


def _rank_by_change(band: BandRule) -> pl.Expr:
    return pl.col("change").replace_strict(
        {change: getattr(band, change) for change in CHANGES}, return_dtype=pl.String
    )


def _reasons(judged: pl.DataFrame, rows: pl.DataFrame, rules: LearningRules) -> pl.DataFrame:
    scored = judged.filter(pl.col("t").is_not_null())
    sourced = _with_sources(scored, rows)
    this_year = sourced.filter(pl.col("back") == 0).with_columns(tenths=pl.col("t"))
    compared = sourced.filter(pl.col("d1").is_not_null()).with_columns(_deciding(rules))
    unknown = scored.filter(pl.col("d1").is_null())
    return pl.concat(
        [
            reasons.shape(this_year, code=pl.col("band")),
            reasons.shape(compared, code=pl.concat_str(pl.lit("CHANGE_"), pl.col("change").str.to_uppercase())),
            reasons.shape(unknown.select("person"), code="CHANGE_UNKNOWN"),
            reasons.shape(judged.filter(pl.col("t").is_null()).select("person"), code="TX_NO_SCORE"),
        ]
    )


def _with_sources(judged: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """One row a score of each survey compared: back (0, 1 or 2 years), source, and what is judged of the person."""
    surveys = pl.concat(
        judged.lazy().select(
            "person",
            pl.col(f"survey_id{back or ''}").alias("survey_id"),
            pl.col("fy") - back,
            pl.lit(back).alias("back"),
            *("t", "d1", "d2", "change", "band"),
        )
        for back in (0, *YEARS_BACK)
    )
    return rows.lazy().select(*SURVEY, "source").join(surveys, on=SURVEY).collect(engine=engine_of(rows))


def _deciding(rules: LearningRules) -> pl.Expr:
    """The difference that the sentence names: Δ1, or Δ2 where that alone makes the fall."""
    d1, d2 = pl.col("d1"), pl.col("d2")
    return pl.when((pl.col("change") == "fall") & (d1 > rules.fall_d1)).then(d2).otherwise(d1).alias("tenths")
