"""Who is judged at a date, in which household (readings 6, 7 and 26), and what looks odd about it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import polars as pl

from models import calendar
from models.judgement import days, naming
from models.judgement.facts import Facts
from models.judgement.newest import newest
from schemas.rules.names import PUPIL_GRADES

RESIDENT = "住民"


@dataclass(frozen=True)
class Scope:
    """Children to judge and the households they live in.

    children: by person; person, setai, birth (first day it may be; null: unknown), birth_precision, grade (by birth date, "E1" to
              "H3", else null), pupil (grade P1–J3), source (the resident row)
    members:  person, setai of every resident, of any age
    warnings: code → number of persons
    """

    children: pl.DataFrame
    members: pl.DataFrame
    warnings: dict[str, int]

    def part(self, number: int, *, of: int) -> "Scope":
        """The children of every `of`-th household and all of its members: siblings stay together. Warnings stay the whole's.

        number: 0 to of - 1
        """
        if of == 1:
            return self
        mine = pl.coalesce("setai", "person") % of == number  # keys are random: any remainder is as likely as another
        return replace(self, children=self.children.filter(mine), members=self.members.filter(mine))

    def of_households(self, named: pl.DataFrame) -> pl.DataFrame:
        """Rows that name a `person` as rows of each child in that member's household; `person` becomes the child."""
        return named.rename({"person": "member"}).join(self._at_home, on="member")

    def of_setai(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of a `setai` as rows of each child in it."""
        return rows.join(self.children.select("person", "setai"), on="setai")

    @cached_property
    def _at_home(self) -> pl.DataFrame:
        """member, person: every resident beside each child of the household, a child also beside itself."""
        return self.of_setai(self.members.rename({"person": "member"})).select("member", "person")

    def of_children(self, rows: pl.DataFrame, column: str = "child") -> pl.DataFrame:
        """Rows whose `column` is the child as rows of that child (`person`), with its birth; others' rows fall away."""
        if rows.is_empty():
            return rows
        return rows.rename({column: "person"}).join(self.children.select("person", "birth"), on="person")


def scope_at(facts: Facts, as_of: date, *, within: Collection[int] | None = None) -> Scope:
    """The scope at the end of `as_of`.

    within: these households (setai) alone, without warnings, which are the whole city's; None = everybody's
    """
    in_effect = facts.frame("resident").filter(days.in_effect(as_of))
    persons = _newest(in_effect)
    here = pl.col("status") == RESIDENT
    if within is not None:
        here &= pl.col("setai").is_in(list(within))
    residents = _without(persons.filter(here), _leaving(in_effect, as_of))
    return Scope(
        children=_children(residents, facts, as_of),
        members=residents.select("person", "setai"),
        warnings=_warnings(persons, residents, facts, as_of) if within is None else {},
    )


def _newest(rows: pl.DataFrame) -> pl.DataFrame:
    """Each person's row of feed 1 that counts: latest effective_from, then rireki_no, then known-at, then record id."""
    return newest(rows, ["person"], ["effective_from", "rireki_no", "known_at", "tie"])


def _leaving(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Persons whom a row of this very day puts out of scope, whatever other row the day has."""
    return rows.filter((pl.col("status") != RESIDENT) & (pl.col("effective_from") == as_of)).select("person")


def _without(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    return rows if others.is_empty() else rows.join(others, on="person", how="anti")


def _children(residents: pl.DataFrame, facts: Facts, as_of: date) -> pl.DataFrame:
    earliest = calendar.first_birth_in_scope(as_of)
    candidates = residents.filter(days.may_be_between("birth", earliest, as_of)).sort("person")
    nameless = candidates.filter(days.is_unknown("birth")).select("person")
    if nameless.height:
        unnamed = nameless.join(naming.named_in_force(facts, nameless, as_of), on="person", how="anti")
        candidates = candidates.join(unnamed, on="person", how="anti", maintain_order="left")
    graded = candidates.with_columns(calendar.grade_at(pl.col("birth"), calendar.fiscal_year(as_of)).alias("grade"))
    pupil = pl.col("grade").is_in(PUPIL_GRADES).fill_null(False)
    return graded.select("person", "setai", "birth", "birth_precision", "grade", pupil.alias("pupil"), "source")


def _warnings(persons: pl.DataFrame, residents: pl.DataFrame, facts: Facts, as_of: date) -> dict[str, int]:
    counts = {
        "household_disagrees": _household_disagrees(residents, facts.frame("household"), as_of),
        "older_than_18": naming.named_past_scope(facts, persons, as_of).height,
    }
    return {code: count for code, count in counts.items() if count}


def _household_disagrees(residents: pl.DataFrame, relations: pl.DataFrame, as_of: date) -> int:
    """Residents whom feed 2 puts, at the date, into another household than feed 1 and not also into the same."""
    stated = relations.filter(days.in_effect(as_of)).select("person", stated="setai")
    both = residents.select("person", "setai").join(stated, on="person")
    return (
        both.group_by("person").agg(agrees=(pl.col("setai") == pl.col("stated")).any()).filter(~pl.col("agrees")).height
    )
