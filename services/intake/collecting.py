"""What of a feed may be collected, what the gate is asked for it, and what its rows are checked against."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from schemas.feeds.contract import Column, Contract
from schemas.feeds.profile import TAX_OFFICES
from schemas.feeds.rule import Context, NotAboveMax, NotTaxSecret
from services.gate import Request
from services.platform.queries import queries


def kept_columns(contract: Contract, approved: frozenset[str]) -> frozenset[str]:
    """Columns that are taken: those that an approval names, and those a row cannot do without.

    The gate is asked for all of them: an approval that leaves out what a row needs refuses the feed, it widens nothing.
    """
    named = {column.name for column in contract.columns if f"{contract.feed}.{column.of or column.name}" in approved}
    if not named:
        return frozenset()
    return frozenset(named | {column.name for column in contract.columns if _indispensable(contract, column)})


def collect_request(
    contract: Contract, kept: frozenset[str], *, scheduled: bool = False, person: str | None = None
) -> Request:
    """What the gate is asked: to collect just what is taken, or all of it where nothing is, so that it says why not."""
    return Request(
        act="collect",
        role="intake",
        items=_items(contract, kept) or _items(contract, frozenset(contract.by_name)),
        classes=contract.row.FEED.persons,
        scheduled=scheduled,
        person=person,
    )


def context_of(
    conn: Connection[Any], contract: Contract, *, now: datetime, tax_offices: Sequence[str] = TAX_OFFICES
) -> Context:
    """What rules look at besides the row; full marks as they are known in this transaction, where a rule asks for them."""
    if not any(isinstance(rule, NotAboveMax) for rule in contract.rules):
        return Context(now, tuple(tax_offices))
    rows = conn.execute(queries("services.intake")["maxima"]).fetchall()
    maxima = {(survey, fy, grade, subject): most for survey, fy, grade, subject, most in rows}
    return Context(now, tuple(tax_offices), maxima)


def _indispensable(contract: Contract, column: Column) -> bool:
    """Without it no row can be told from another or be refused as a tax secret."""
    asked = any(isinstance(rule, NotTaxSecret) and rule.column == column.name for rule in contract.row.FEED.rules)
    return column.common or asked or (column.about.key and not column.nullable)


def _items(contract: Contract, names: frozenset[str]) -> tuple[str, ...]:
    """Item codes; raw text and precision of a date go with the date."""
    columns = (column.name for column in contract.columns if column.of is None)
    return tuple(f"{contract.feed}.{name}" for name in columns if name in names)
