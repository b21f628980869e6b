"""Rank of non-cognitive state: how many scales are low or fell, and how many days were missed."""

from collections.abc import Callable
from datetime import date

import polars as pl

from models.judgement.facts import Facts
from models.judgement.noncognitive.absence import absences, total
from models.judgement.noncognitive.chosen import latest_survey, scales_of, survey_before
from models.judgement.noncognitive.explain import explain
from models.judgement.noncognitive.scales import Scales
from models.judgement.part import Part
from models.judgement.scope import Scope
from schemas.rules.names import SCALES
from schemas.rules.ruleset import RuleSet
from schemas.rules.sections import NoncognitiveRules

COLUMNS = ("person", *(f"t_{scale}" for scale in SCALES), "absence", "noncognitive")


def judge_noncognitive(facts: Facts, scales: Scales, scope: Scope, *, as_of: date, rules: RuleSet) -> Part:
    """Judge every child in scope as at the end of `as_of`.

    scales: of at least the pupils in scope
    frame: person; t_SCALE of the eight scales (Int32, tenths, or null); absence (Int32, days, or null without any
           row); noncognitive
    """
    section = rules.noncognitive
    pupils = scope.children.filter("pupil").select("person")
    surveys = scales.surveys.join(pupils, on="person", how="semi")
    chosen = latest_survey(surveys, as_of=as_of, months=section.survey_age_months)
    physical = facts.frame("physical")
    now, before = (scales_of(some, scales, physical) for some in (chosen, survey_before(chosen, surveys)))
    missed = absences(facts.frame("attendance"), as_of=as_of, months=section.absence_months)
    judged = (
        pupils.join(_wide(now, "t"), on="person", how="left")
        .join(_wide(before, "before"), on="person", how="left")
        .join(total(missed), on="person", how="left")
        .with_columns(_flags(section))
        .with_columns(_counts(section))
        .with_columns(_rank(section).alias("noncognitive"))
    )
    frame = scope.children.select("person").join(judged, on="person", how="left").sort("person")
    return Part(
        frame=frame.with_columns(pl.col("noncognitive").fill_null("X")).select(COLUMNS),
        reasons=explain(judged, now, before, missed, facts, as_of=as_of, rules=section),
    )


def _wide(scales: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """One row a person, one column PREFIX_SCALE a scale."""
    wide = scales.pivot("scale_code", on_columns=SCALES, index="person", values="t", aggregate_function="first")
    return wide.rename({scale: f"{prefix}_{scale}" for scale in SCALES})


def _each(make: Callable[[str], pl.Expr], name: str) -> list[pl.Expr]:
    return [make(scale).fill_null(False).alias(f"{name}_{scale}") for scale in SCALES]


def _flags(rules: NoncognitiveRules) -> list[pl.Expr]:
    """low_, very_low_ and drop_SCALE; a missing scale is none of them."""

    def drop(scale: str) -> pl.Expr:
        t, before = pl.col(f"t_{scale}"), pl.col(f"before_{scale}")
        return (before - t >= rules.drop_points) & (t < rules.drop_below)

    return [
        *_each(lambda scale: pl.col(f"t_{scale}") < rules.low, "low"),
        *_each(lambda scale: pl.col(f"t_{scale}") < rules.very_low, "very_low"),
        *_each(drop, "drop"),
    ]


def _counts(rules: NoncognitiveRules) -> list[pl.Expr]:
    """low (absence included), drops and valid, numbers of scales; tie_very_low."""
    often_absent = (pl.col("absence") >= rules.absence_low_days).fill_null(False)
    ties = [f"very_low_{scale.code}" for scale in rules.scales if scale.tie]
    return [
        pl.sum_horizontal(*(pl.col(f"low_{scale}") for scale in SCALES), often_absent).alias("low"),
        pl.sum_horizontal(f"drop_{scale}" for scale in SCALES).alias("drops"),
        pl.sum_horizontal(pl.col(f"t_{scale}").is_not_null() for scale in SCALES).alias("valid"),
        pl.any_horizontal(pl.lit(False), *ties).alias("tie_very_low"),
    ]


def _rank(rules: NoncognitiveRules) -> pl.Expr:
    """4, 3 and 2 on whatever there is; then X; then 1."""
    low, drops, absence = pl.col("low"), pl.col("drops"), pl.col("absence")
    four = (low >= rules.rank4_low) | (pl.col("tie_very_low") & (low >= rules.rank4_low_with_tie))
    fallen = (low >= rules.rank3_low_with_drops) & (drops >= rules.rank3_drops)
    three = (low >= rules.rank3_low) | fallen | (absence >= rules.absence_rank3_days).fill_null(False)
    two = (low >= rules.rank2_low) | (drops >= rules.rank2_drops)
    unknown = (pl.col("valid") < rules.valid_scales) & absence.is_null()
    ranked = pl.when(four).then(pl.lit("4")).when(three).then(pl.lit("3")).when(two).then(pl.lit("2"))
    return ranked.when(unknown).then(pl.lit("X")).otherwise(pl.lit("1"))
