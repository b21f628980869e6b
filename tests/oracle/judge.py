"""Judges a city as of a day, as known at a moment, child by child, and keeps the chain of official runs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.oracle.contract import JUDGED_FEEDS
from tests.oracle.days import JUDGED_GRADES, known_until
from tests.oracle.learning import Learning, Scores, judge_learning
from tests.oracle.noncognitive import LifeSurveys, Noncognitive, judge_noncognitive
from tests.oracle.overall import GUARD, GUARDED, concern, raw_category, settled
from tests.oracle.people import View, children_in_scope, grade_now, view
from tests.oracle.poverty import Poverty, Reasons, judge_poverty
from tests.oracle.store import Store, missing_feeds

NOT_LEARNING = Learning(None, None, None, None, "X", {})
NOT_NONCOGNITIVE = Noncognitive({}, None, "X", {})


@dataclass(frozen=True)
class Run:
    """One run. children: atena_no → judgement as `run show --judgements` shows it, scores as Decimal."""

    as_of: date
    missing_feeds: list[str]
    children: dict[str, dict[str, Any]]
    categories: dict[str, int]
    guarded: int  # children of P1–J3 with 重点支援Ⅰ or Ⅱ after hysteresis
    pupils: int  # children in scope of P1–J3

    @property
    def status(self) -> str:
        """official or held (reading 19: "held if greater" than 4 %)."""
        return "held" if self.guarded > GUARD * self.pupils else "official"

    @property
    def raws(self) -> dict[str, str]:
        """Category before hysteresis of every child."""
        return {child: row["raw_category"] for child, row in self.children.items()}


@dataclass(frozen=True)
class Official:
    """An earlier official run: what each child had before hysteresis. Later in a list = released later."""

    as_of: date
    raws: dict[str, str]


def judge(store: Store, as_of: date, *, known_at: date | datetime, chain: Sequence[Official] = ()) -> Run:
    """Judge every child in scope.

    known_at: a date is the end of that day, Japan time
    chain: earlier official runs; of one as-of date the last counts, those of this day or later do not
    """
    seen = seen_at(store, as_of, known_at)
    scores, surveys = Scores(seen), LifeSurveys(seen)
    earlier = _one_per_day(chain, as_of)
    children = {child: _child(seen, scores, surveys, earlier, child) for child in children_in_scope(seen)}
    pupils = [child for child in children if grade_now(seen, child) in JUDGED_GRADES]
    guarded = sum(children[child]["category"] in GUARDED for child in pupils)
    categories = Counter(row["category"] for row in children.values())
    listed = [feed for feed in seen.missing if feed in JUDGED_FEEDS]
    return Run(as_of, listed, children, dict(categories), guarded, len(pupils))


def seen_at(store: Store, as_of: date, known_at: date | datetime) -> View:
    """What a run may see. known_at: a date is the end of that day, Japan time."""
    moment = known_until(known_at)
    return view(store, as_of, moment, missing_feeds(store, known_at=moment))


def _one_per_day(chain: Sequence[Official], as_of: date) -> list[Official]:
    """Reading 18: "over official runs in order of as-of date, one per as-of date (the latest released one)"."""
    latest = {run.as_of: run for run in chain if run.as_of < as_of}
    return [latest[day] for day in sorted(latest)]


def _child(seen: View, scores: Scores, surveys: LifeSurveys, chain: list[Official], child: str) -> dict[str, Any]:
    poverty = judge_poverty(seen, child)
    learning, noncognitive = NOT_LEARNING, NOT_NONCOGNITIVE
    if grade_now(seen, child) in JUDGED_GRADES:
        learning, noncognitive = judge_learning(scores, child), judge_noncognitive(surveys, child)
    w = concern(learning.rank, noncognitive.rank)
    raw, raised = raw_category(poverty.rank, poverty.nurturing, w)
    # "a run in which the child was not judged neither counts nor breaks a sequence"
    raws = [run.raws[child] for run in chain if child in run.raws]
    reasons = poverty.reasons | learning.reasons | noncognitive.reasons | ({"OVERRIDE_N3": []} if raised else {})
    return _shown(poverty, learning, noncognitive) | {
        "w": w,
        "raw_category": raw,
        "category": settled([*raws, raw]),
        "data_check": poverty.rank == "X",
        "reasons": _listed(reasons),
    }


def _shown(poverty: Poverty, learning: Learning, noncognitive: Noncognitive) -> dict[str, Any]:
    return {
        "economic": poverty.economic,
        "nurturing": poverty.nurturing,
        "poverty": poverty.rank,
        "t": _score(learning.t),
        "d1": _score(learning.d1),
        "d2": _score(learning.d2),
        "change": learning.change,
        "learning": learning.rank,
        "scales": {scale: _score(t) for scale, t in sorted(noncognitive.scales.items())},
        "absence": noncognitive.absence,
        "noncognitive": noncognitive.rank,
    }


def _score(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-1)


def _listed(reasons: Reasons) -> list[dict[str, Any]]:
    return [
        {"code": code, "sources": [dict(zip(("feed", "file", "line"), row.source, strict=True)) for row in rows]}
        for code, rows in sorted(reasons.items())
    ]
