"""Economic and nurturing level from the facts found, and the rank of poverty from both."""

from datetime import date

import polars as pl

from models.judgement import reasons
from models.judgement.facts import Facts
from models.judgement.part import Part
from models.judgement.poverty import consultation, enjo, health, hogo, tax, teate
from models.judgement.scope import Scope
from models.judgement.tables import cell, listed
from schemas.rules import RuleSet

# the level of its kind that each code gives
_LEVELS = {
    kind: listed(tuple(code[:2] if code.startswith(kind) else None for code in reasons.CODES)).gather(
        pl.col("code").to_physical()
    )
    for kind in ("E", "N")
}
SUPPORT = {
    "seikatsu_hogo": hogo.findings,
    "jido_fuyo_teate": teate.findings,
    "shugaku_enjo": enjo.findings,
}


def judge_poverty(facts: Facts, scope: Scope, *, as_of: date, rules: RuleSet) -> Part:
    """Judgement 1 of every child in scope: person, economic, nurturing, poverty."""
    classes = tax.classes(facts.frame("tax_class"), scope, as_of=as_of, rules=rules)
    found = [*_economic(facts, scope, classes, as_of, rules), *_nurturing(facts, scope, as_of, rules)]
    levels = _levels(scope.children, reasons.concat(found), classes, facts.missing, rules)
    rank = cell(rules.poverty, pl.col("economic"), pl.col("nurturing"))
    ranked = levels.with_columns(rank.alias("poverty"))
    lacking = [_lacking_tax(ranked, tax.tax_year(as_of, rules)), _lacking_feeds(ranked, facts.missing, rules)]
    return Part(frame=ranked, reasons=reasons.concat([*found, *lacking]))


def _economic(facts: Facts, scope: Scope, classes: pl.DataFrame, as_of: date, rules: RuleSet) -> list[pl.DataFrame]:
    support = [
        findings(rows, scope, as_of=as_of, rules=rules)
        for feed, findings in SUPPORT.items()
        if (rows := facts.frame(feed)).height
    ]
    return [*support, tax.findings(classes, scope, as_of=as_of, rules=rules)]


def _nurturing(facts: Facts, scope: Scope, as_of: date, rules: RuleSet) -> list[pl.DataFrame]:
    """No step for a feed without rows."""
    consultations = scope.of_children(facts.frame("soudan"))
    supports = scope.of_children(facts.frame("edu_support"), "person")
    checkups = health.of_young_children(facts.frame("boshi_hoken"), scope, as_of=as_of)
    found = []
    if consultations.height:
        found.append(consultation.registrations(consultations, as_of=as_of))
        found.append(consultation.abuse_reports(consultations, as_of=as_of, rules=rules))
    if supports.height:
        found.append(consultation.visits(supports, as_of=as_of, rules=rules))
    if checkups.height:
        found.append(health.missed_checkups(checkups, as_of=as_of, rules=rules))
        found.append(health.follow_up(checkups, as_of=as_of, rules=rules))
    return found


def _levels(
    children: pl.DataFrame, found: pl.DataFrame, classes: pl.DataFrame, missing: frozenset[str], rules: RuleSet
) -> pl.DataFrame:
    """The greatest level found of each kind (a code begins with its level); without any, 0 or X (reading 5)."""
    highest = found.select("person", **_LEVELS).group_by("person").agg(pl.max("E", "N"))
    has_class = pl.col("setai").is_in(classes["setai"].implode())
    no_class = pl.when(has_class).then(pl.lit("E0")).otherwise(pl.lit("EX"))
    no_finding = pl.lit("NX" if missing.intersection(rules.nurturing.required_feeds) else "N0")
    judged = children.select("person", "setai").join(highest, on="person", how="left", maintain_order="left")
    return judged.select("person", economic=pl.coalesce("E", no_class), nurturing=pl.coalesce("N", no_finding))


def _lacking_tax(ranked: pl.DataFrame, year: int) -> pl.DataFrame:
    unknown = ranked.filter(pl.col("economic") == "EX").with_columns(count=pl.lit(year))
    return reasons.shape(unknown, code="EX_NO_TAX")


def _lacking_feeds(ranked: pl.DataFrame, missing: frozenset[str], rules: RuleSet) -> pl.DataFrame:
    feeds = [label for feed, label in rules.nurturing.required_feeds.items() if feed in missing]
    unknown = ranked.filter(pl.col("nurturing") == "NX").with_columns(text=pl.lit("、".join(feeds)))
    return reasons.shape(unknown, code="NX_FEED_MISSING")
