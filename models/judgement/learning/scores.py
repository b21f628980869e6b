"""Which deviation score a pupil has in a subject of a survey (reading 12)."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from models.judgement.facts import SOURCE, Facts, Schema
from models.judgement.newest import newest
from models.judgement.norms import NO_NORMS, NORMS_SCHEMA, norms_of, standardise
from models.judgement.recent import recent
from schemas.rules.ruleset import RuleSet

KIND = "academic"
GROUP = ("survey_id", "fy", "grade", "subject")  # of a norm
SUBJECT = ("person", "survey_id", "fy", "subject")  # of a score
YEARS_COMPARED = 2  # Δ2 looks this many fiscal years back
ROWS: Schema = {
    "person": pl.Int64(),
    "survey_id": pl.Categorical(),  # many times faster to group and compare by than text
    "fy": pl.Int32(),
    "subject": pl.String(),
    "score": pl.Int32(),  # tenths
    **dict.fromkeys(("first", "last"), pl.Date()),  # that the date may be
    "known_at": SOURCE["known_at"],
    "source": SOURCE["source"],
}
RAW_UNIT = 1_000_000  # raw marks come in millionths


@dataclass(frozen=True, slots=True)
class Scores:
    """One score a pupil, survey and subject.

    rows:       columns of ROWS
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
    given = facts.frame("academic")
    if given.is_empty():
        return Scores(pl.DataFrame(schema=ROWS), NO_NORMS if norms is None else norms.filter(kind=KIND), two_scores=0)
    months = rules.learning.survey_age_months
    (rows,) = recent([given], as_of=as_of, months=months, years_before=YEARS_COMPARED)
    sat = rows.filter(~pl.col("absent"))
    marks = sat.drop_nulls("raw").rename({"raw": "num"}).with_columns(den=pl.lit(RAW_UNIT, pl.Int64))
    own = _norms(marks) if norms is None else norms.filter(kind=KIND)
    scored = _with_computed(sat, marks, own, rules).with_columns(_score(rules)).drop_nulls("score")
    kept = _latest(scored, "score", SUBJECT)
    return Scores(
        rows=kept.select(list(ROWS)).cast({"survey_id": pl.Categorical}),
        norms=own,
        two_scores=scored.height - kept.height,
    )


def _with_computed(sat: pl.DataFrame, marks: pl.DataFrame, norms: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """The rows with `computed`, the score of their raw mark; null without a mark or a norm."""
    if marks.is_empty():
        return sat.with_columns(pl.lit(None, pl.Int32).alias("computed"))
    tenths = standardise(marks, norms.rename({"measure": "subject"}), GROUP, min_n=rules.learning.norm_min_n)
    computed = tenths.select(*GROUP, raw="num", computed="t")
    return sat.join(computed, on=[*GROUP, "raw"], how="left")


def _score(rules: RuleSet) -> pl.Expr:
    order = ("dev", "computed") if rules.switches.dev == "given" else ("computed", "dev")
    return pl.coalesce(order).alias("score")


def _norms(marks: pl.DataFrame) -> pl.DataFrame:
    """The norm of every group; a pupil counts once in it."""
    counted = _latest(marks, "num", ("person", *GROUP)).with_columns(count=pl.lit(1, pl.Int64))
    named = norms_of(counted, GROUP).rename({"subject": "measure"}).with_columns(kind=pl.lit(KIND))
    return named.select(NORMS_SCHEMA.names())


def _latest(rows: pl.DataFrame, value: str, key: tuple[str, ...]) -> pl.DataFrame:
    """Of several rows of one key that of the latest date, then the latest known, then the lower value."""
    by = ("first", "known_at", value, "tie", "source")
    return newest(rows, key, by, descending=[name == value for name in by])
