"""生活保護 (reading 9): E3 while a spell is in force, E1 for some months after the last one ended."""

from datetime import date

import polars as pl

from models import calendar
from models.judgement import days, reasons
from models.judgement.scope import Scope
from schemas.rules import RuleSet

ENDED = "廃止"
OPEN = date(9999, 12, 31)  # the last day of a spell without end


def findings(rows: pl.DataFrame, scope: Scope, *, as_of: date, rules: RuleSet) -> pl.DataFrame:
    """Reasons E3_HOGO and E1_HOGO_ENDED of every child whose household has the member."""
    begun = rows.filter(days.first("start_date") <= as_of)
    if begun.is_empty():
        return reasons.EMPTY
    spells = _united(_spells(begun))
    in_force = spells.filter(pl.col("last") >= as_of).rename({"member": "person"})
    ended = (
        spells.join(in_force.select(member="person"), on="member", how="anti")
        .filter(pl.col("spell_end") >= calendar.earliest_within(as_of, rules.economic.hogo_ended_months))
        .filter(pl.col("last") == pl.col("spell_end"))
        .rename({"member": "person"})
    )
    return reasons.concat(
        [
            reasons.shape(scope.of_households(in_force.with_columns(day="begun")), code="E3_HOGO"),
            reasons.shape(scope.of_households(ended.with_columns(day="spell_end")), code="E1_HOGO_ENDED"),
        ]
    )


def _spells(begun: pl.DataFrame) -> pl.DataFrame:
    """Rows that may have begun as spells: member, begun (null: unknown), first, last (both included), source.

    A 廃止 row without end is the event of that day: a spell of its one day, which ends the open rows of the same case
    and member that began before.
    """
    begun = begun.with_columns(
        first=days.first("start_date"),
        last=pl.when(days.is_given("end_date")).then(days.last("end_date")),
        is_event=(pl.col("status") == ENDED) & ~days.is_given("end_date"),
        setai=pl.when(pl.col("case").is_null()).then("setai"),  # a row without a case number has its household's
    )
    events = begun.filter("is_event").with_columns(last=days.last("start_date"))
    open_rows = begun.filter(pl.col("last").is_null() & ~pl.col("is_event"))
    columns = ("member", pl.col("start_date").alias("begun"), "first", "last", "source")
    return pl.concat(
        [
            begun.filter(pl.col("last").is_not_null()).select(columns),
            events.select(columns),
            _ended_by(open_rows, events).select(columns),
        ]
    )


def _ended_by(open_rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Open rows with `last` the first event on or after their beginning, or OPEN."""
    own_case = ("case", "setai", "member")
    ends = (
        open_rows.select("source", "first", *own_case)
        .join(events.select(*own_case, event_last="last"), on=own_case, nulls_equal=True)
        .filter(pl.col("event_last") >= pl.col("first"))
        .sort("event_last")
        .unique("source", keep="first", maintain_order=True)
        .select("source", end="event_last")
    )
    return open_rows.join(ends, on="source", how="left").with_columns(last=pl.col("end").fill_null(OPEN))


def _united(spells: pl.DataFrame) -> pl.DataFrame:
    """Spells with `spell_end`, the last day of the overlapping spells of the member taken together."""
    reach = pl.col("last").cum_max().shift(1).over("member")
    is_new = (pl.col("first") > reach).fill_null(True)
    ordered = spells.sort("member", "first", "last", "source")
    return ordered.with_columns(spell=is_new.cum_sum()).with_columns(spell_end=pl.col("last").max().over("spell"))
