"""Everything a run computes, from current facts to categories: pure, and the same whatever the order of rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from models.judgement import reasons
from models.judgement.facts import Facts
from models.judgement.learning import judge_learning
from models.judgement.noncognitive import judge_noncognitive
from models.judgement.overall.category import categorise
from models.judgement.overall.guard import Share, environment_factor, guarded, is_uncalibrated
from models.judgement.overall.hysteresis import settle
from models.judgement.part import Part
from models.judgement.poverty.judge import judge_poverty
from models.judgement.scope import Scope, scope_at
from schemas.rules import RuleSet
from schemas.rules.names import SCALES

SCALE_COLUMNS = tuple(f"t_{scale}" for scale in SCALES)
JUDGEMENT_COLUMNS = (
    "person",
    "economic",
    "nurturing",
    "poverty",
    "t",
    "d1",
    "d2",
    "change",
    "learning",
    *SCALE_COLUMNS,
    "absence",
    "noncognitive",
    "w",
    "raw_category",
    "category",
    "data_check",
)


@dataclass(frozen=True)
class Judged:
    """A run's results.

    judgements:  JUDGEMENT_COLUMNS, one row a child in scope, by person; scores in tenths, absence in days
    reasons:     models.judgement.reasons.SCHEMA, by person, code and source
    norms:       the norm sets used, models.judgement.norms.NORMS_SCHEMA
    warnings:    code → how many; nothing that names a person
    guard:       pupils in the guarded categories, of all pupils; held if more than the rule set allows
    calibration: children with an environment factor, of all; uncalibrated if outside the rule set's ends
    """

    judgements: pl.DataFrame
    reasons: pl.DataFrame
    norms: pl.DataFrame
    warnings: dict[str, int]
    guard: Share
    held: bool
    calibration: Share
    uncalibrated: bool


def judge(facts: Facts, *, as_of: date, rules: RuleSet, history: Sequence[pl.DataFrame]) -> Judged:
    """Judge every child in scope at the end of `as_of`.

    facts:   current rows of what the run may see; rows dated after `as_of` do not count
    history: person, raw_category of earlier official runs, in order of as-of date, one per as-of date before this one
    """
    scope = scope_at(facts, as_of)
    parts = (
        judge_poverty(facts, scope, as_of=as_of, rules=rules),
        judge_learning(facts, scope, as_of=as_of, rules=rules),
        judge_noncognitive(facts, scope, as_of=as_of, rules=rules),
    )
    categorised, overrides = categorise(_together(parts), rules)
    settled = settle(categorised, history, rules)
    judged = categorised.join(settled, on="person").join(scope.children.select("person", "pupil"), on="person")
    guard, calibration = guarded(judged, rules), environment_factor(judged, rules)
    return Judged(
        judgements=judged.select(JUDGEMENT_COLUMNS).sort("person"),
        reasons=reasons.merge([*(part.reasons for part in parts), overrides]),
        norms=pl.concat([part.norms for part in parts]),
        warnings=_warnings(scope, parts),
        guard=guard,
        held=guard.exceeds(rules.guard.percent),
        calibration=calibration,
        uncalibrated=is_uncalibrated(calibration, rules),
    )


def _together(parts: tuple[Part, Part, Part]) -> pl.DataFrame:
    poverty, learning, noncognitive = (part.frame for part in parts)
    return poverty.join(learning, on="person").join(noncognitive, on="person")


def _warnings(scope: Scope, parts: tuple[Part, Part, Part]) -> dict[str, int]:
    total = Counter(scope.warnings)
    for part in parts:
        total.update(part.warnings)
    return dict(sorted(total.items()))
