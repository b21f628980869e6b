"""相談・要対協 and 養育支援訪問 (reading 11): rows of the child itself; a sibling's give no level."""

from datetime import date, timedelta

import polars as pl

from models import calendar
from models.judgement import days, reasons
from models.judgement.scope import Scope
from schemas.rules import RuleSet

ABUSE_REPORT = "虐待通告"
REGISTERED = {  # in force from `received` to `closed`
    "要保護": "N3_YOHOGO",
    "要支援": "N2_YOSHIEN",
    "特定妊婦": "N2_TOKUTEI_NINPU",
    "養育相談": "N1_KATEI_SODAN",
}


def registrations(rows: pl.DataFrame, scope: Scope, *, as_of: date) -> pl.DataFrame:
    """Reasons of registrations and consultations in force."""
    in_force = rows.filter(days.may_be_in_force("received", "closed", as_of)).with_columns(
        code=pl.col("kind").replace_strict(REGISTERED, default=None, return_dtype=pl.String),
        day=pl.col("received"),
    )
    return reasons.shape(scope.of_children(in_force.filter(pl.col("code").is_not_null())), code=pl.col("code"))


def abuse_reports(rows: pl.DataFrame, scope: Scope, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons of abuse reports, counted from `received`, closed or not; one that may be recent counts as recent alone."""
    recent = calendar.earliest_within(as_of, rules.nurturing.abuse_recent_months)
    past = calendar.earliest_within(as_of, rules.nurturing.abuse_past_months)
    code = (
        pl.when(days.may_be_between("received", recent, as_of))
        .then(pl.lit("N3_ABUSE_12M"))
        .when(days.may_be_between("received", past, recent - timedelta(days=1)))
        .then(pl.lit("N2_ABUSE_36M"))
    )
    reports = rows.filter(pl.col("kind") == ABUSE_REPORT).with_columns(code=code, day=pl.col("received"))
    return reasons.shape(scope.of_children(reports.filter(pl.col("code").is_not_null())), code=pl.col("code"))


def visits(rows: pl.DataFrame, scope: Scope, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons N2_VISIT: 養育支援訪問 in progress."""
    in_progress = rows.filter(
        pl.col("service").is_in(rules.nurturing.visit_services) & days.may_be_in_force("from_date", "to_date", as_of)
    ).rename({"from_date": "day"})
    return reasons.shape(scope.of_children(in_progress, "person"), code="N2_VISIT")
