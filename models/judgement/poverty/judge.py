"""Economic and nurturing level from the facts found, and the rank of poverty from both."""

from datetime import date

import polars as pl

from models.judgement import reasons
from models.judgement.facts import Facts
from models.judgement.part import Part
from models.judgement.poverty import consultation, enjo, health, hogo, tax, teate
from models.judgement.scope import Scope
from models.judgement.tables import cells
from schemas.rules import RuleSet


def judge_poverty(facts: Facts, scope: Scope, *, as_of: date, rules: RuleSet) -> Part:
    """Judgement 1 of every child in scope: person, economic, nurturing, poverty."""
    classes = tax.classes(facts.frame("tax_class"), scope, as_of=as_of, rules=rules)
    found = pl.concat([*_economic(facts, scope, classes, as_of, rules), *_nurturing(facts, scope, as_of, rules)])
    ranked = _ranks(_levels(scope.children, found, classes, facts.missing, rules), rules)
    lacking = [_lacking_tax(ranked, tax.tax_year(as_of, rules)), _lacking_feeds(ranked, facts.missing, rules)]
    return Part(frame=ranked, reasons=pl.concat([found, *lacking]))


def _economic(facts: Facts, scope: Scope, classes: pl.DataFrame, as_of: date, rules: RuleSet) -> list[pl.DataFrame]:
    return [
        hogo.findings(facts.frame("seikatsu_hogo"), scope, as_of=as_of, rules=rules),
        teate.findings(facts.frame("jido_fuyo_teate"), scope, as_of=as_of),
        enjo.findings(facts.frame("shugaku_enjo"), scope, as_of=as_of),
        tax.findings(classes, scope, as_of=as_of, rules=rules),
    ]


def _nurturing(facts: Facts, scope: Scope, as_of: date, rules: RuleSet) -> list[pl.DataFrame]:
    consultations, supports, health_rows = (facts.frame(feed) for feed in ("soudan", "edu_support", "boshi_hoken"))
    found = []
    if not consultations.is_empty():
        found.append(consultation.registrations(consultations, scope, as_of=as_of))
        found.append(consultation.abuse_reports(consultations, scope, as_of=as_of, rules=rules))
    if not supports.is_empty():
        found.append(consultation.visits(supports, scope, as_of=as_of, rules=rules))
    if not health_rows.is_empty():
        found.append(health.missed_checkups(health_rows, scope, as_of=as_of, rules=rules))
        found.append(health.follow_up(health_rows, scope, as_of=as_of, rules=rules))
    return found


def _levels(
    children: pl.DataFrame, found: pl.DataFrame, classes: pl.DataFrame, missing: frozenset[str], rules: RuleSet
) -> pl.DataFrame:
    """The greatest level found of each kind (a code begins with its level); without any, 0 or X (reading 5)."""
    level = pl.col("code").str.head(2)
    highest = found.group_by("person").agg(
        economic=level.filter(level.str.starts_with("E")).max(),
        nurturing=level.filter(level.str.starts_with("N")).max(),
    )
    has_class = pl.col("setai").is_in(classes["setai"].unique().implode())
    no_finding = "NX" if missing.intersection(rules.nurturing.required_feeds) else "N0"
    return (
        children.select("person", "setai")
        .join(highest, on="person", how="left")
        .select(
            "person",
            economic=pl.col("economic").fill_null(pl.when(has_class).then(pl.lit("E0")).otherwise(pl.lit("EX"))),
            nurturing=pl.col("nurturing").fill_null(pl.lit(no_finding)),
        )
    )


def _ranks(levels: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    table = cells(rules.poverty, "economic", "nurturing", "poverty")
    return levels.join(table, on=["economic", "nurturing"], how="left").sort("person")


def _lacking_tax(ranked: pl.DataFrame, year: int) -> pl.DataFrame:
    unknown = ranked.filter(pl.col("economic") == "EX").with_columns(count=pl.lit(year))
    return reasons.shape(unknown, code="EX_NO_TAX")


def _lacking_feeds(ranked: pl.DataFrame, missing: frozenset[str], rules: RuleSet) -> pl.DataFrame:
    feeds = [label for feed, label in rules.nurturing.required_feeds.items() if feed in missing]
    unknown = ranked.filter(pl.col("nurturing") == "NX").with_columns(text=pl.lit("、".join(feeds)))
    return reasons.shape(unknown, code="NX_FEED_MISSING")
