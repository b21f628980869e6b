"""Everything a run computes, from current facts to categories: pure, and the same whatever the order of rows."""

from collections import Counter
from collections.abc import Collection, Sequence
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
from models.judgement.poverty.judge import judge_poverty
from models.judgement.scope import Scope, scope_at
from models.judgement.surveyed import Surveyed, survey
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
    norms:       the norm set judged against, models.judgement.norms.NORMS_SCHEMA
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


def judge(
    facts: Facts,
    *,
    as_of: date,
    rules: RuleSet,
    history: Sequence[pl.DataFrame],
    norms: pl.DataFrame | None = None,
    partitions: int = 1,
    within: Collection[int] | None = None,
) -> Judged:
    """Judge every child in scope at the end of `as_of`.

    facts:      current rows of what the run may see; rows dated after `as_of` do not count
    history:    person, raw_category of earlier official runs, in order of as-of date, one per as-of date before this one
    norms:      the norm set to judge against; None = the one of these facts, which are then the whole city's
    partitions: households are judged in so many parts, one after the other; changes nothing but the memory it takes
    within:     judge the children of these households (setai) alone, for whom the facts are complete; None = everybody's
    """
    surveyed = survey(facts, as_of=as_of, rules=rules, norms=norms)
    scope = scope_at(facts, as_of, within=within)
    parts = [
        _judge_part(facts, surveyed, scope.part(number, of=partitions), as_of=as_of, rules=rules, history=history)
        for number in range(partitions)
    ]
    judged, found = parts[0] if partitions == 1 else _united(parts)
    guard, calibration = guarded(judged, rules), environment_factor(judged, rules)
    return Judged(
        judgements=judged.select(JUDGEMENT_COLUMNS),
        reasons=found,
        norms=surveyed.norms,
        warnings=dict(sorted((Counter(scope.warnings) + Counter(surveyed.warnings)).items())),
        guard=guard,
        held=guard.exceeds(rules.guard.percent),
        calibration=calibration,
        uncalibrated=is_uncalibrated(calibration, rules),
    )


def _judge_part(
    facts: Facts, surveyed: Surveyed, scope: Scope, *, as_of: date, rules: RuleSet, history: Sequence[pl.DataFrame]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """JUDGEMENT_COLUMNS and `pupil`, and the reasons, of the children of `scope`."""
    parts = (
        judge_poverty(facts, scope, as_of=as_of, rules=rules),
        judge_learning(surveyed.scores, scope, as_of=as_of, rules=rules),
        judge_noncognitive(facts, surveyed.scales, scope, as_of=as_of, rules=rules),
    )
    ranks = scope.children.select("person", "pupil").hstack(
        [column for part in parts for column in part.frame.drop("person")]
    )
    categorised, overrides = categorise(ranks, rules)
    judged = categorised.hstack([settle(categorised, history, rules)["category"]])
    return judged, reasons.merge([*(part.reasons for part in parts), overrides])


def _united(parts: Sequence[tuple[pl.DataFrame, pl.DataFrame]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    judged, found = (pl.concat(frames) for frames in zip(*parts, strict=True))
    return judged.sort("person"), found.sort(reasons.ORDER)
