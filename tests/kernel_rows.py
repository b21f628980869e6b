"""Rows for tests of the judgement kernel: a test names what matters, the rest is filled in.

Dates are written "2026-08-31", imprecise ones "2026-08", "2026" or "?" (unknown).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import polars as pl

from models.judgement.facts import SCHEMAS, Facts
from models.judgement.learning import judge_learning
from models.judgement.noncognitive import judge_noncognitive
from models.judgement.part import Part
from models.judgement.scope import scope_at
from models.judgement.surveyed import survey
from schemas.rules import RuleSet

Row = dict[str, Any]

DEFAULTS: dict[str, Row] = {
    "resident": {"setai": 1, "rireki_no": 1, "birth": "2016-05-01", "status": "住民", "effective_from": "2016-05-01"},
    "household": {"effective_from": "2016-05-01"},
    "gakureibo": {"effective_from": "2016-05-01"},
    "academic": {"survey_id": "S", "grade": "P4", "subject": "国", "absent": False},
    "shugaku_enjo": {"status": "認定", "category": "準要保護"},
    "seikatsu_hogo": {"case": 1, "status": "開始"},
    "jido_fuyo_teate": {"from_month": 202504},
    "tax_class": {"effective_from": "2026-06-01", "fy": 2026},
    "boshi_hoken": {"kind": "3y", "reached_by_other": False},
    "edu_support": {"service": "養育支援訪問"},
}
COMMON: Row = {"known_at": datetime(2026, 8, 1, tzinfo=UTC), "event_day": date(2026, 8, 1), "tie": 0}


def frame(feed: str, rows: list[Row], sources: Iterator[int] | None = None) -> pl.DataFrame:
    """A frame of the feed, each row with a source number of its own unless it names one."""
    numbers = count(1) if sources is None else sources
    filled = [_filled(feed, row, next(numbers)) for row in rows]
    return pl.DataFrame(filled, schema=SCHEMAS[feed], orient="row")


def facts(*, missing: tuple[str, ...] = (), **feeds: list[Row]) -> Facts:
    """Facts of the given rows; sources count through all feeds, from 1."""
    sources = count(1)
    frames: Mapping[str, pl.DataFrame] = {feed: frame(feed, rows, sources) for feed, rows in feeds.items()}
    return Facts(frames, frozenset(missing))


@dataclass(frozen=True)
class Schooled:
    """A judgement from school data, with the norms it stands on and what the surveys warn of."""

    frame: pl.DataFrame
    reasons: pl.DataFrame
    norms: pl.DataFrame
    warnings: dict[str, int]


def learning(given: Facts, *, as_of: date, rules: RuleSet) -> Schooled:
    """Judgement 2 of all children in scope."""
    surveyed = survey(given, as_of=as_of, rules=rules)
    part = judge_learning(surveyed.scores, scope_at(given, as_of), as_of=as_of, rules=rules)
    return Schooled(part.frame, part.reasons, surveyed.norms, surveyed.warnings)


def noncognitive(given: Facts, *, as_of: date, rules: RuleSet) -> Schooled:
    """Judgement 3 of all children in scope."""
    surveyed = survey(given, as_of=as_of, rules=rules)
    part = judge_noncognitive(given, surveyed.scales, scope_at(given, as_of), as_of=as_of, rules=rules)
    return Schooled(part.frame, part.reasons, surveyed.norms, surveyed.warnings)


def codes(part: Part | Schooled, person: int = 1) -> list[str]:
    """The reason codes of a person, in order."""
    return sorted(set(part.reasons.filter(pl.col("person") == person)["code"]))


def sources(part: Part | Schooled, code: str, person: int = 1) -> list[int]:
    """The source rows of a person's reason, in order."""
    return sorted(set(part.reasons.filter((pl.col("person") == person) & (pl.col("code") == code))["source"]))


def _filled(feed: str, row: Row, source: int) -> Row:
    unknown = set(row) - set(SCHEMAS[feed])
    assert not unknown, f"{feed} has no {unknown}"
    values = {"source": source, **COMMON, **DEFAULTS.get(feed, {}), **row}
    filled = {name: values.get(name) for name in SCHEMAS[feed]}
    for name, kind in SCHEMAS[feed].items():
        value = filled[name]
        if kind == pl.Date() and isinstance(value, str):
            filled[name], precision = _date(value)
            if f"{name}_precision" in filled:
                filled[f"{name}_precision"] = precision
    return filled


def _date(text: str) -> tuple[date | None, str | None]:
    if text == "?":
        return None, "unknown"
    parts = [int(part) for part in text.split("-")]
    return date(*[*parts, 1, 1][:3]), {1: "year", 2: "month", 3: None}[len(parts)]
