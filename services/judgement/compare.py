"""A run's stored lines against the same lines computed again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from models import tlog
from services.judgement.proof import prove_run
from services.judgement.repeated import Differing
from services.platform.queries import queries


@dataclass(frozen=True)
class Leaf:
    """One line of a stored run by its hash. child_id: None where the judgement was erased."""

    position: int
    leaf_hash: bytes
    child_id: str | None


def stored_leaves(conn: Connection[Any], run: str) -> list[Leaf]:
    """Every line of the run, in order."""
    return [Leaf(*row) for row in conn.execute(queries("services.judgement")["leaves"], {"run": run})]


def differing(
    conn: Connection[Any], run: str, stored: list[Leaf], repeated: Mapping[str, bytes], *, since_erased: bool
) -> list[Differing]:
    """Lines that came out otherwise, by position.

    repeated:     child_id → leaf hash
    since_erased: somebody was erased after the run was made; without that no missing source row is excused
    """
    altered = set(prove_run(conn, run).altered)
    others = [leaf for leaf in stored if leaf.child_id and repeated.get(leaf.child_id) != leaf.leaf_hash]
    excused = (
        _resting_on_erased(conn, run, [leaf.child_id for leaf in others if leaf.child_id]) if since_erased else set()
    )
    found = [Differing(o.position, o.child_id, o.child_id in excused and o.position not in altered) for o in others]
    found += [Differing(place, None) for place in altered - {line.position for line in found}]
    known = {leaf.child_id for leaf in stored}
    new = [Differing(None, child) for child in repeated if child not in known]
    return sorted(found, key=lambda line: line.position or 0) + new


def repeated_root(stored: list[Leaf], repeated: Mapping[str, bytes], differs: list[Differing]) -> bytes:
    """The root over the lines as they came out now; lines that were erased, or rest on what was, stand by their leaf."""
    excused = {line.child_id for line in differs if line.erased} | {None}
    leaves = [leaf.leaf_hash if leaf.child_id in excused else repeated.get(leaf.child_id or "") for leaf in stored]
    new = [repeated[line.child_id] for line in differs if line.position is None and line.child_id]
    return tlog.root([leaf for leaf in leaves if leaf is not None] + new)


def _resting_on_erased(conn: Connection[Any], run: str, children: list[str]) -> set[str]:
    """Those of the children of whose reasons a source row is no longer there."""
    asked = {"run": run, "children": children}
    rows = conn.execute(queries("services.judgement")["sources"], asked).fetchall()
    lost: set[str] = set()
    for feed in {feed for feed, *_ in rows}:
        of_feed = [(child, batch, line) for found, child, batch, line in rows if found == feed]
        lost |= set(_lost(conn, feed, of_feed))
    return lost


def _lost(conn: Connection[Any], feed: str, sources: list[tuple[str, int, int]]) -> Iterator[str]:
    there = sql.SQL(
        "SELECT batch, line FROM facts.{} JOIN unnest(%s::bigint[], %s::int[]) AS asked (batch, line) USING (batch, line)"
    ).format(sql.Identifier(feed))
    found = set(conn.execute(there, ([batch for _, batch, _ in sources], [line for *_, line in sources])).fetchall())
    return (child for child, *source in sources if tuple(source) not in found)
