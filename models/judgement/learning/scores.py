"""Which deviation score a pupil has in a subject of a survey (reading 12)."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from models.judgement import days
from models.judgement.facts import Facts
from models.judgement.newest import newest
from models.judgement.norms import NORMS_SCHEMA, norms_of, standardise
from models.judgement.recent import first_year, since
from schemas.rules.ruleset import RuleSet

KIND = "academic"
GROUP = ("survey_id", "fy", "grade", "subject")  # of a norm
SUBJECT = ("person", "survey_id", "fy", "subject")  # of a score
YEARS_COMPARED = 2  # Δ2 looks this many fiscal years back
RAW_UNIT = 1_000_000  # raw marks come in millionths


@dataclass(frozen=True, slots=True)
class Scores:
    """One score a pupil, survey and subject.

    rows:       person, survey_id, fy, subject, score (tenths), first and last day the date may be, known_at, source
    norms:      those the scores stand against, as NORMS_SCHEMA
    two_scores: scored rows set aside because the pupil has another in the same survey and subject
    """

    rows: pl.DataFrame
    norms: pl.DataFrame
    two_scores: int


def subject_scores(facts: Facts, *, as_of: date, rules: RuleSet, norms: pl.DataFrame | None = None) -> Scores:
    """Scores of every pupil, in scope or not, from rows dated up to `as_of`, that day included.

    Only the fiscal years that a recent survey is of, and YEARS_COMPARED before them.
    norms: as NORMS_SCHEMA, of whichever kinds; None = those of these very pupils: of every group that has raw marks
    """
    rows = facts.frame("academic")
    year = first_year([rows], as_of=as_of, months=rules.learning.survey_age_months)
    sat = (
        since(rows, None if year is None else year - YEARS_COMPARED)
        .filter(~pl.col("absent"))
        .with_columns(days.first("date").alias("first"), days.last("date").alias("last"))
        .filter(pl.col("first") <= as_of)
    )
    marks = _marks(sat)
    own = _norms(marks) if norms is None else norms.filter(pl.col("kind") == KIND)
    scored = _with_computed(sat, marks, own, rules).with_columns(_score(rules)).drop_nulls("score")
    kept = _latest(scored, "score", SUBJECT)
    columns = [*SUBJECT, "score", "first", "last", "known_at", "source"]
    return Scores(rows=kept.select(columns), norms=own, two_scores=scored.height - kept.height)


def _with_computed(sat: pl.DataFrame, marks: pl.DataFrame, norms: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """The rows with `computed`, the score of their raw mark; null without a mark or a norm."""
    if marks.is_empty():
        return sat.with_columns(pl.lit(None, pl.Int32).alias("computed"))
    computed = _computed(marks, norms, min_n=rules.learning.norm_min_n)
    return sat.join(computed, on=[*GROUP, "raw"], how="left")


def _score(rules: RuleSet) -> pl.Expr:
    order = ("dev", "computed") if rules.switches.dev == "given" else ("computed", "dev")
    return pl.coalesce(order).alias("score")


def _marks(sat: pl.DataFrame) -> pl.DataFrame:
    """Raw marks as `norms_of` and `standardise` take them; a pupil counts once in a group."""
    marked = sat.drop_nulls("raw")
    counted = _latest(marked, "raw", ("person", *GROUP)).select("source").with_columns(count=pl.lit(1, pl.Int64))
    return marked.join(counted, on="source", how="left").select(
        *GROUP, pl.col("raw").alias("num"), pl.lit(RAW_UNIT, pl.Int64).alias("den"), pl.col("count").fill_null(0)
    )


def _norms(marks: pl.DataFrame) -> pl.DataFrame:
    named = norms_of(marks, GROUP).rename({"subject": "measure"}).with_columns(kind=pl.lit(KIND))
    return named.select(NORMS_SCHEMA.names())


def _computed(marks: pl.DataFrame, norms: pl.DataFrame, *, min_n: int) -> pl.DataFrame:
    """The score of every raw mark: the group, raw, computed (null where the norm is of too few)."""
    scored = standardise(marks, norms.rename({"measure": "subject"}), GROUP, min_n=min_n)
    return scored.select(*GROUP, pl.col("num").alias("raw"), pl.col("t").alias("computed"))


def _latest(rows: pl.DataFrame, value: str, key: tuple[str, ...]) -> pl.DataFrame:
    """Of several rows of one key that of the latest date, then the latest known, then the lower value."""
    by = ("first", "known_at", value, "tie", "source")
    return newest(rows, key, by, descending=[name == value for name in by])
