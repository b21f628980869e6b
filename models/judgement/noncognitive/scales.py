"""The t of every pupil's scales in the one survey that counts in each fiscal year (readings 15, 16 and 22)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from models.judgement.facts import Facts
from models.judgement.newest import newest
from models.judgement.noncognitive.grades import GRADE, with_grade
from models.judgement.noncognitive.items import SCALE, SCORE, SHEET, SURVEY, item_scores
from models.judgement.noncognitive.results import result_scores
from models.judgement.norms import NO_NORMS, NORMS_SCHEMA, norms_of, standardise, standardise_against
from models.judgement.recent import recent
from schemas.rules.sections import NoncognitiveRules

KIND = "life"
SURVEYS = {name: SCORE[name] for name in (*SURVEY, "first", "last", "known_at")} | {"grade": GRADE}
T = {name: SCORE[name] for name in (*SHEET, "scale_code")} | {"t": pl.Int32(), "source": SCORE["source"]}
GROUP = ("fy", "grade", "scale_code")  # of a norm


@dataclass(frozen=True, slots=True)
class Scales:
    """Every pupil's scales, in scope or not.

    surveys:  columns of SURVEYS: the survey that counts in each fiscal year
    t:        columns of T: tenths, and the source of a scale result (null: from several items' rows)
    norms:    those the scales stand against, as NORMS_SCHEMA
    warnings: no_key: answer sheets of a form and key version without a key
    """

    surveys: pl.DataFrame
    t: pl.DataFrame
    norms: pl.DataFrame
    warnings: Mapping[str, int]


def standardised_scales(
    facts: Facts, *, as_of: date, rules: NoncognitiveRules, norms: pl.DataFrame | None = None
) -> Scales:
    """Scales of surveys dated up to `as_of`, each standardised in its own fiscal year.

    Only the fiscal years that a recent survey is of, and the one before them.
    norms: as NORMS_SCHEMA, of whichever kinds; None = those of these very pupils: of every group
    """
    scores, warnings = _scores(facts, as_of=as_of, rules=rules)
    if scores.is_empty():
        own = NO_NORMS if norms is None else norms.filter(kind=KIND)
        return Scales(pl.DataFrame(schema=SURVEYS), pl.DataFrame(schema=T), own, warnings)
    surveys = with_grade(_survey_of_each_year(scores), facts, as_of=as_of)
    grouped = scores.drop("first", "last", "known_at").join(surveys.select(*SURVEY, "grade"), on=SURVEY)
    graded = grouped.drop_nulls("grade")
    own = _norms(graded) if norms is None else norms.filter(kind=KIND)
    scored = _against_own_norm(graded, own, min_n=rules.norm_min_n)
    published = _against_published_norm(scored.filter(pl.col("t").is_null()), facts.frame("instrument_norm"))
    return Scales(
        surveys=surveys,
        t=pl.concat([scored.drop_nulls("t").select(list(T)), published.select(list(T))]),
        norms=own,
        warnings=warnings,
    )


def _scores(facts: Facts, *, as_of: date, rules: NoncognitiveRules) -> tuple[pl.DataFrame, dict[str, int]]:
    """Valid scores of all surveys looked at, from items or results, with the warnings."""
    feeds = [facts.frame(feed) for feed in ("life_answer", "life_scale")]
    if not any(rows.height for rows in feeds):
        return pl.DataFrame(schema=SCORE), {}
    answers, results = recent(feeds, as_of=as_of, months=rules.survey_age_months, years_before=1)
    key = facts.frame("instrument_key")
    items = item_scores(answers, key, rules)
    computed = result_scores(results, key, items.sheets, rules)
    return pl.concat([items.scores, computed]), {"no_key": items.no_key} if items.no_key else {}


def _survey_of_each_year(scores: pl.DataFrame) -> pl.DataFrame:
    """Each pupil's latest survey with a valid score in every fiscal year; of one date the latest known, then the
    greater survey_id."""
    surveys = scores.group_by(SURVEY).agg(pl.max("first", "last", "known_at"))
    return newest(surveys, ["person", "fy"], ("first", "known_at", "survey_id"))


def _norms(scores: pl.DataFrame) -> pl.DataFrame:
    named = norms_of(scores.with_columns(count=pl.lit(1, pl.Int64)), GROUP).with_columns(
        pl.col("grade").cast(pl.String),
        pl.col("scale_code").cast(pl.String).alias("measure"),
        pl.lit(KIND).alias("kind"),
        pl.lit(None, pl.String).alias("survey_id"),
    )
    return named.select(NORMS_SCHEMA.names())


def _against_own_norm(scores: pl.DataFrame, norms: pl.DataFrame, *, min_n: int) -> pl.DataFrame:
    """The scores with t: null where the norm is of too few."""
    coded = norms.with_columns(pl.col("grade").cast(GRADE), pl.col("measure").cast(SCALE).alias("scale_code"))
    tenths = standardise(scores, coded, GROUP, min_n=min_n)
    return scores.join(tenths, on=[*GROUP, "num", "den"], how="left")


def _against_published_norm(scores: pl.DataFrame, norms: pl.DataFrame) -> pl.DataFrame:
    """The scores whose form has a norm for that scale and grade, with t."""
    if scores.is_empty():
        return scores
    known = norms.with_columns(
        pl.col("scale_code").cast(SCALE, strict=False), pl.col("grade").cast(GRADE, strict=False)
    )
    normed = scores.drop("t").join(known, on=["form_version", "scale_code", "grade"])
    values = normed.select("num", "den", "mean", "sd").unique()
    tenths = [standardise_against(num, den, mean=mean, sd=sd) for num, den, mean, sd in values.iter_rows()]
    return normed.join(values.with_columns(pl.Series("t", tenths, dtype=pl.Int32)), on=values.columns)
