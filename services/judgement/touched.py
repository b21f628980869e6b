"""Whom new facts touch: every person and household that a record names in any version, once one of them has come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from psycopg import Connection, sql

from services.judgement.columns import person_columns, persons_of
from services.judgement.snapshot import READ

HOUSEHOLDS = "setai_key"  # what a row names beside persons


@dataclass(frozen=True)
class Touched:
    """What facts are about.

    keys:       person keys
    households: setai keys named without a person
    """

    keys: frozenset[int]
    households: frozenset[int] = frozenset()


def touched_by(conn: Connection[Any], facts: Mapping[str, Iterable[tuple[int, int]]]) -> Touched:
    """Whom some rows touch. facts: by feed, each row by batch and line; feeds that no judgement reads touch nobody.

    What changes the city's norms, or is the first of a feed that was missing, touches everybody: that is a run's to judge.
    """
    keys: dict[bool, set[int]] = {False: set(), True: set()}
    for feed in sorted(facts.keys() & set(READ)):
        batches, lines = zip(*facts[feed], strict=True)
        for of_household, key in conn.execute(_statement(feed), {"batches": list(batches), "lines": list(lines)}):
            keys[of_household].add(key)
    return Touched(frozenset(keys[False]), frozenset(keys[True]))


@cache
def _statement(feed: str) -> bytes:
    """Whether it is a household's, and key, of all that the records of some rows name in any version; written out once."""
    columns = {column for name in persons_of(feed) for column in person_columns(feed, name)}
    columns |= {HOUSEHOLDS} if feed == "tax_class" else set()  # the one feed whose rows may be a household's alone
    named = (
        sql.SQL("({}, f.{})").format(sql.Literal(column == HOUSEHOLDS), sql.Identifier(column))
        for column in sorted(columns)
    )
    query = sql.SQL(
        "SELECT DISTINCT named.of_household, named.key"
        " FROM unnest(%(batches)s::bigint[], %(lines)s::int[]) AS asked (batch, line)"
        " JOIN facts.{feed} new USING (batch, line) JOIN facts.{feed} f ON f.record_key = new.record_key"
        " CROSS JOIN LATERAL (VALUES {named}) AS named (of_household, key) WHERE named.key IS NOT NULL"
    ).format(feed=sql.Identifier(feed), named=sql.SQL(", ").join(named))
    return query.as_bytes()
