"""What single clauses and files cannot tell: ids that stand twice or lead nowhere, and gaps and overlaps in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # profiles ask for these checks when they are read
    from models.legality.profile import Clause, Demand, Profile

DAY = timedelta(days=1)


def problems_within(profile: Profile) -> Iterator[str]:
    """What is wrong among the clauses of one profile."""
    ids = [clause.id for clause in profile.clauses]
    if len(ids) != len(set(ids)):
        yield "同じ条文の id が二度あります"
    named = {other for clause in profile.clauses for other in (*clause.together_with, clause.edition_of or clause.id)}
    if named - set(ids):
        yield f"together_with か edition_of の指す条文がありません: {'、'.join(sorted(named - set(ids)))}"
    for first in ids:
        editions = [clause for clause in profile.clauses if first in (clause.id, clause.edition_of)]
        yield from _between_editions(first, editions)
    if _reason_words(profile) - {profile.reason_word}:
        yield "grounds.reason が reason_word と違う語を求めています"


def problems_between(profiles: Iterable[Profile]) -> Iterator[str]:
    """What is wrong among profiles: the day on which the next one decides, and bodies that two would govern on one day."""
    held = {profile.id: profile for profile in profiles}
    for profile in held.values():
        after = held.get(profile.succeeded_by or profile.id)
        if after is None:
            yield f"{profile.id}: succeeded_by の指す法令プロファイルがありません: {profile.succeeded_by}"
        elif after is not profile and (ends := _last_day(profile)) is not None:
            yield from _seam(f"{profile.id} から {after.id}", ends, _first_day(after))
    for one, other in combinations(held.values(), 2):
        shared = set(one.bodies) & set(other.bodies)
        if one.city is not None and one.city == other.city and shared and _overlap(one, other):
            yield f"期間が重なっています: {one.id} と {other.id}（{one.city} {'、'.join(sorted(shared))}）"


def _between_editions(first: str, editions: Iterable[Clause]) -> Iterator[str]:
    for before, after in pairwise(sorted(editions, key=lambda clause: clause.valid_from)):
        yield from _seam(f"{first} の {before.id} と {after.id}", before.valid_to or date.max - DAY, after.valid_from)


def _seam(where: str, ends: date, begins: date) -> Iterator[str]:
    """Nothing, where the one begins on the day after the other's last."""
    if begins <= ends:
        yield f"期間が重なっています: {where}（{begins}から）"
    elif begins > ends + DAY:
        yield f"期間に空白があります: {where}（{ends}の翌日から{begins}の前日まで）"


def _first_day(profile: Profile) -> date:
    return min(clause.valid_from for clause in profile.clauses)


def _last_day(profile: Profile) -> date | None:
    """None where a clause is still in force."""
    days = [clause.valid_to for clause in profile.clauses]
    return None if None in days else max(day for day in days if day is not None)


def _overlap(one: Profile, other: Profile) -> bool:
    latest = max(_first_day(one), _first_day(other))
    return latest <= min(_last_day(one) or date.max, _last_day(other) or date.max)


def _reason_words(profile: Profile) -> set[str]:
    facts = (fact for demand in _demands(profile) for fact in demand.facts if fact.path == "grounds.reason")
    return {word for fact in facts for word in fact.any}


def _demands(profile: Profile) -> Iterator[Demand]:
    yield from profile.demands
    for clause in profile.clauses:
        yield from clause.demands
