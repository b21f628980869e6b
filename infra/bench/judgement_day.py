"""What every engine of the bench is asked: the days that bound each fact at an as-of date, and what an answer looks like."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from models import calendar
from schemas.rules import RuleSet

RANKS = {
    "person": pl.Int64(),
    "economic": pl.String(),
    "nurturing": pl.String(),
    "poverty": pl.String(),
    "t": pl.Int32(),
    "d1": pl.Int32(),
    "d2": pl.Int32(),
    "change": pl.String(),
    "learning": pl.String(),
}


REASONS = {"person": pl.Int64(), "code": pl.String(), "source": pl.Int64()}


@dataclass(frozen=True)
class Answer:
    """What is judged: RANKS of every child in scope, and REASONS, one row a source row (null: it rests on none)."""

    ranks: pl.DataFrame
    reasons: pl.DataFrame


@dataclass(frozen=True)
class Asked:
    """One as-of date. first_birth: of the oldest child in scope; the others: the first day that still counts."""

    as_of: date
    fy: int
    month: int
    tax_year: int
    first_birth: date
    first_survey: date
    first_ended: date
    first_recent_abuse: date
    first_past_abuse: date


def asked(as_of: date, rules: RuleSet) -> Asked:
    """The bounds of one as-of date by the rule set's numbers."""
    return Asked(
        as_of=as_of,
        fy=calendar.fiscal_year(as_of),
        month=calendar.month_of(as_of),
        tax_year=as_of.year - (as_of.month < rules.economic.tax_year_month),
        first_birth=calendar.first_birth_in_scope(as_of),
        first_survey=calendar.earliest_within(as_of, rules.learning.survey_age_months),
        first_ended=calendar.earliest_within(as_of, rules.economic.hogo_ended_months),
        first_recent_abuse=calendar.earliest_within(as_of, rules.nurturing.abuse_recent_months),
        first_past_abuse=calendar.earliest_within(as_of, rules.nurturing.abuse_past_months),
    )


def fingerprint(answer: Answer) -> int:
    """The same for the same rows in any order."""
    return _sum(answer.ranks, RANKS) + _sum(answer.reasons, REASONS)


def _sum(rows: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> int:
    alike = rows.select(pl.col(name).cast(kind) for name, kind in schema.items())
    return sum(int(each) for each in alike.hash_rows(seed=1)) + alike.height
