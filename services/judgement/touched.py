"""Whom new facts touch: every person and household that a record names in any version, once one of them has been loaded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, LiteralString

from psycopg import Connection, sql

from schemas.feeds import FEEDS
from services.judgement.columns import person_columns, persons_of
from services.judgement.snapshot import READ, REFERENCES
from services.platform.queries import queries

HOUSEHOLDS = "setai_key"  # what a row names beside persons
_OF_BATCHES: LiteralString = "new.batch = ANY (%(batches)s)"
_OF_ROWS: LiteralString = "(new.batch, new.line) IN (SELECT * FROM unnest(%(batches)s::bigint[], %(lines)s::int[]))"


@dataclass(frozen=True)
class Touched:
    """What events were about.

    keys:       person keys
    households: setai keys named without a person
    everybody:  a scoring key or a published norm changed, or a feed came for the first time: no household alone is touched
    """

    keys: frozenset[int]
    households: frozenset[int] = frozenset()
    everybody: bool = False


def touched_by(conn: Connection[Any], *, after: int, until: int) -> Touched:
    """Whom the batches and links sealed after `after`, up to `until`, touch."""
    seals = {"after": after, "until": until}
    rows = conn.execute(queries("services.judgement")["batches_between"], seals).fetchall()
    batches: dict[str, list[int]] = {}
    for feed, batch, _ in rows:
        batches.setdefault(feed, []).append(batch)
    linked = {key for (key,) in conn.execute(queries("services.judgement")["linked_between"], seals)}
    named = _named(conn, _OF_BATCHES, {feed: {"batches": found} for feed, found in batches.items()})
    first = any(is_first and FEEDS[feed].awaited for feed, _, is_first in rows)
    return Touched(named.keys | linked, named.households, first or bool(batches.keys() & REFERENCES))


def touched_by_facts(conn: Connection[Any], facts: Mapping[str, Iterable[tuple[int, int]]]) -> Touched:
    """Whom some rows touch. facts: by feed, each row by batch and line; feeds that no judgement reads touch nobody."""
    asked = {}
    for feed, rows in facts.items():
        batches, lines = zip(*rows, strict=True)
        asked[feed] = {"batches": list(batches), "lines": list(lines)}
    return _named(conn, _OF_ROWS, asked)


def _named(conn: Connection[Any], chosen: LiteralString, asked: Mapping[str, Mapping[str, Sequence[int]]]) -> Touched:
    """Whom every version of the chosen rows' records names. asked: feed → parameters of `chosen`."""
    keys: dict[bool, set[int]] = {False: set(), True: set()}
    for feed in sorted(asked.keys() & set(READ)):
        for of_household, key in conn.execute(_statement(feed, chosen), asked[feed]):
            keys[of_household].add(key)
    return Touched(frozenset(keys[False]), frozenset(keys[True]))


@cache
def _statement(feed: str, chosen: LiteralString) -> bytes:
    """Whether it is a household's, and key, of all that the records of the chosen rows name; written out once."""
    columns = {column for name in persons_of(feed) for column in person_columns(feed, name)}
    columns |= {HOUSEHOLDS} if feed == "tax_class" else set()  # the one feed whose rows may be a household's alone
    named = (
        sql.SQL("({}, f.{})").format(sql.Literal(column == HOUSEHOLDS), sql.Identifier(column))
        for column in sorted(columns)
    )
    query = sql.SQL(
        "SELECT DISTINCT named.of_household, named.key FROM facts.{feed} new JOIN facts.{feed} f USING (record_key)"
        " CROSS JOIN LATERAL (VALUES {named}) AS named (of_household, key) WHERE {chosen} AND named.key IS NOT NULL"
    ).format(feed=sql.Identifier(feed), named=sql.SQL(", ").join(named), chosen=sql.SQL(chosen))
    return query.as_bytes()
