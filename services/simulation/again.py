"""Past official runs judged again, each on what it could see then, by one rule set whose own earlier results are its history."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from psycopg import Connection

from models.judgement.kernel import SCALE_COLUMNS, judge
from models.judgement.scope import scope_at
from schemas.rules import RuleSet
from services.judgement.chain import history_of, official_runs
from services.judgement.snapshot import Snapshot, take_snapshot
from services.judgement.store import find_run
from services.judgement.suspended import leave_out

KEPT = ("child_id", "category", "economic", "nurturing", "t", "absence", *SCALE_COLUMNS)


@dataclass(frozen=True)
class PastRun:
    """An official run: what it judged, and what it could see."""

    run: str
    as_of: date
    known_at: datetime
    seal: int


@dataclass(frozen=True)
class Again:
    """One past run by one rule set.

    children:  KEPT, one row a child; category after hysteresis, scores in tenths, absence in days
    held:      the rule set's guard would have held the run
    sources:   child_id, grade (by birth date), and the source rows of its groups: resident, entry (of 学齢簿); null where none
    """

    past: PastRun
    children: pl.DataFrame
    held: bool
    sources: pl.DataFrame


def past_runs(conn: Connection[Any], *, seal: int) -> list[PastRun]:
    """Official runs in order of as-of date, one a date, released up to the seal."""
    official = official_runs(conn, as_of=date.max, seal=seal, released_by=None)
    found = [find_run(conn, each.run) for each in official]
    return [PastRun(each.run, each.as_of, each.known_at, each.seal) for each in found]


def judge_again(
    conn: Connection[Any], runs: Sequence[PastRun], rules: RuleSet, *, seal: int, tell: Callable[[str], None]
) -> Iterator[Again]:
    """Each of `runs`, in order of as-of date; reads only.

    seal:  the newest: children suspended up to it are judged for no day
    """
    own: dict[str, pl.DataFrame] = {}
    for number, past in enumerate(runs, start=1):
        tell(f"{rules.version}: {past.as_of}（{number}/{len(runs)}）")
        snapshot = take_snapshot(conn, as_of=past.as_of, seal=past.seal, known_at=past.known_at, rules=rules)
        snapshot = leave_out(conn, snapshot, seal=seal)
        history = _history(conn, past.as_of, snapshot, own, seal)
        judged = judge(snapshot.facts, as_of=past.as_of, rules=rules, history=history)
        said = judged.judgements.join(snapshot.children, on="person")
        own[past.run] = said.select("child_id", "raw_category")
        yield Again(past, said.select(KEPT), judged.held, _sources(snapshot, past.as_of))


def _history(
    conn: Connection[Any], as_of: date, snapshot: Snapshot, own: dict[str, pl.DataFrame], seal: int
) -> list[pl.DataFrame]:
    """What earlier official runs said: this rule set's own word where it judged them again, else the city's."""
    chain = official_runs(conn, as_of=as_of, seal=seal, released_by=None)
    by_city = iter(history_of(conn, [each for each in chain if each.run not in own], snapshot.children))
    return [
        own[each.run].join(snapshot.children, on="child_id").select("person", "raw_category")
        if each.run in own
        else next(by_city)
        for each in chain
    ]


def _sources(snapshot: Snapshot, as_of: date) -> pl.DataFrame:
    """child_id, grade, resident and school: the source rows that tell of the child's groups on the day; null without one."""
    entries = snapshot.facts.frame("gakureibo").filter(
        pl.col("effective_from") <= as_of, pl.col("effective_to").is_null() | (pl.col("effective_to") >= as_of)
    )
    schools = entries.sort("effective_from", "known_at", "tie").unique("person", keep="last", maintain_order=True)
    return (
        scope_at(snapshot.facts, as_of)
        .children.select("person", "grade", pl.col("source").alias("resident"))
        .join(schools.select("person", pl.col("source").alias("entry")), on="person", how="left")
        .join(snapshot.children, on="person")
        .drop("person")
    )
