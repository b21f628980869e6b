"""相談・要対協 and 養育支援訪問 (reading 11): rows of the child itself; a sibling's give no level."""

from datetime import date, timedelta

import polars as pl

from models import calendar
from models.judgement import days, reasons
from models.judgement.tables import value
from schemas.rules import RuleSet

ABUSE_REPORT = "虐待通告"
REGISTERED = {  # in force from `received` to `closed`
    "要保護": "N3_YOHOGO",
    "要支援": "N2_YOSHIEN",
    "特定妊婦": "N2_TOKUTEI_NINPU",
    "養育相談": "N1_KATEI_SODAN",
}


def registrations(rows: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Reasons of registrations and consultations in force. rows: of children in scope, as `person`."""
    in_force = rows.filter(
        pl.col("kind").is_in(list(REGISTERED)) & days.may_be_in_force("received", "closed", as_of)
    ).rename({"received": "day"})
    return reasons.shape(in_force, code=value(REGISTERED, pl.col("kind")))


def abuse_reports(rows: pl.DataFrame, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons of abuse reports, counted from `received`, closed or not; one that may be recent counts as recent alone.

    rows: of children in scope, as `person`
    """
    reports = rows.filter(pl.col("kind") == ABUSE_REPORT)
    if reports.is_empty():
        return reasons.EMPTY
    recent = calendar.earliest_within(as_of, rules.nurturing.abuse_recent_months)
    past = calendar.earliest_within(as_of, rules.nurturing.abuse_past_months)
    code = (
        pl.when(days.may_be_between("received", recent, as_of))
        .then(pl.lit("N3_ABUSE_12M"))
        .when(days.may_be_between("received", past, recent - timedelta(days=1)))
        .then(pl.lit("N2_ABUSE_36M"))
    )
    counted = reports.with_columns(code=code).drop_nulls("code").rename({"received": "day"})
    return reasons.shape(counted, code=pl.col("code"))


def visits(rows: pl.DataFrame, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons N2_VISIT: 養育支援訪問 in progress. rows: of children in scope, as `person`."""
    in_progress = rows.filter(
        pl.col("service").is_in(rules.nurturing.visit_services) & days.may_be_in_force("from_date", "to_date", as_of)
    ).rename({"from_date": "day"})
    return reasons.shape(in_progress, code="N2_VISIT")
