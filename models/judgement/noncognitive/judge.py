"""Rank of non-cognitive state: how many scales are low or fell, and how many days were missed."""

from datetime import date
from functools import cache

import polars as pl

from models.judgement import reasons
from models.judgement.facts import Facts
from models.judgement.noncognitive.absence import absences, total
from models.judgement.noncognitive.chosen import looked_at
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
    if pupils.is_empty():
        return _of_nobody(scope)
    looked = looked_at(scales, facts.frame("physical"), pupils, as_of=as_of, months=section.survey_age_months)
    flagged = _flagged(looked, section)
    missed = absences(facts.frame("attendance"), as_of=as_of, months=section.absence_months)
    judged = (
        pupils.join(_wide(flagged), on="person", how="left")
        .join(_counts(flagged, section), on="person", how="left")
        .join(total(missed), on="person", how="left")
        .with_columns(_totals(section))
        .with_columns(_rank(section).alias("noncognitive"))
    )
    frame = scope.children.select("person").join(judged, on="person", how="left", maintain_order="left")
    return Part(
        frame=frame.with_columns(pl.col("noncognitive").fill_null("X")).select(COLUMNS),
        reasons=explain(judged, flagged, looked, missed, facts, as_of=as_of, rules=section),
    )


def _of_nobody(scope: Scope) -> Part:
    numbers = (pl.lit(None, pl.Int32).alias(name) for name in COLUMNS[1:-1])
    return Part(scope.children.select("person", *numbers, noncognitive=pl.lit("X")), reasons.EMPTY)


def _flagged(looked: pl.DataFrame, rules: NoncognitiveRules) -> pl.DataFrame:
    """The scales of the latest survey, with `before`, their t in the year before (or null), low, very_low and drop."""
    before = looked.filter(pl.col("back") == 1).select("person", "scale_code", before="t")
    t, fall = pl.col("t"), pl.col("before") - pl.col("t")
    now = looked.filter(pl.col("back") == 0).join(before, on=["person", "scale_code"], how="left")
    return now.with_columns(
        low=t < rules.low,
        very_low=t < rules.very_low,
        drop=((fall >= rules.drop_points) & (t < rules.drop_below)).fill_null(False),
    )


def _wide(flagged: pl.DataFrame) -> pl.DataFrame:
    """One row a person, one column t_SCALE a scale."""
    wide = flagged.pivot("scale_code", on_columns=SCALES, index="person", values="t", aggregate_function="first")
    return wide.rename({scale: f"t_{scale}" for scale in SCALES})


def _counts(flagged: pl.DataFrame, rules: NoncognitiveRules) -> pl.DataFrame:
    """One row a person: low, drops and valid, numbers of scales; tie_very_low."""
    ties = [scale.code for scale in rules.scales if scale.tie]
    return flagged.group_by("person").agg(
        pl.sum("low"),
        pl.sum("drop").alias("drops"),
        pl.len().alias("valid"),
        (pl.col("very_low") & pl.col("scale_code").is_in(ties)).any().alias("tie_very_low"),
    )


@cache
def _totals(rules: NoncognitiveRules) -> list[pl.Expr]:
    """low with absence, which counts as a low scale; a pupil without a survey has no scale at all."""
    often_absent = (pl.col("absence") >= rules.absence_low_days).fill_null(False)
    return [pl.col("low").fill_null(0) + often_absent, pl.col("drops", "valid").fill_null(0)]


@cache
def _rank(rules: NoncognitiveRules) -> pl.Expr:
    """4, 3 and 2 on whatever there is; then X; then 1."""
    low, drops, absence = (pl.col(name) for name in ("low", "drops", "absence"))
    four = (low >= rules.rank4_low) | (pl.col("tie_very_low") & (low >= rules.rank4_low_with_tie))
    fallen = (low >= rules.rank3_low_with_drops) & (drops >= rules.rank3_drops)
    three = (low >= rules.rank3_low) | fallen | (absence >= rules.absence_rank3_days)
    two = (low >= rules.rank2_low) | (drops >= rules.rank2_drops)
    unknown = (pl.col("valid") < rules.valid_scales) & absence.is_null()
    ranked = pl.when(four).then(pl.lit("4")).when(three).then(pl.lit("3")).when(two).then(pl.lit("2"))
    return ranked.when(unknown).then(pl.lit("X")).otherwise(pl.lit("1"))
