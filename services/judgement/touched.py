"""Whom new facts touch: every person and household that a record names in any version, once one of them has been loaded."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from schemas.feeds import FEEDS
from services.judgement.columns import person_columns, persons_of
from services.judgement.snapshot import READ, REFERENCES
from services.platform.queries import queries


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
    keys = {key for (key,) in conn.execute(queries("services.judgement")["linked_between"], seals)}
    for feed in batches.keys() & set(READ):
        keys |= _named(conn, feed, batches[feed], {c for name in persons_of(feed) for c in person_columns(feed, name)})
    households = _named(conn, "tax_class", batches["tax_class"], {"setai_key"}) if "tax_class" in batches else set()
    first = any(is_first and FEEDS[feed].awaited for feed, _, is_first in rows)
    return Touched(frozenset(keys), frozenset(households), first or bool(batches.keys() & REFERENCES))


def _named(conn: Connection[Any], feed: str, batches: list[int], columns: set[str]) -> set[int]:
    """The keys in these columns of every version of the batches' records."""
    query = sql.SQL(
        "SELECT DISTINCT named.key FROM facts.{feed} f CROSS JOIN LATERAL (VALUES {columns}) AS named (key)"
        " WHERE f.record_key IN (SELECT record_key FROM facts.{feed} WHERE batch = ANY (%(batches)s)) AND named.key IS NOT NULL"
    ).format(
        feed=sql.Identifier(feed),
        columns=sql.SQL(", ").join(sql.SQL("(f.{})").format(sql.Identifier(column)) for column in sorted(columns)),
    )
    return {key for (key,) in conn.execute(query, {"batches": batches})}
