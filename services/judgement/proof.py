"""Whether a stored run or 速報 still is what its root says: every line that is kept is written again, erased ones stand by their leaf."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import rfc8785
from psycopg import Connection

from models import tlog
from models.judgement.line import RESULTS, leaf_hashes
from services.platform.queries import queries


@dataclass(frozen=True)
class RunProof:
    """One run against its root.

    root:      as the run and its entry in the log say
    computed:  over the leaves that are kept, in order
    altered:   positions whose row no longer writes the line that its leaf is of, or that are missing
    erased:    how many lines are known by their leaf alone
    """

    root: bytes
    computed: bytes
    altered: tuple[int, ...]
    erased: int

    @property
    def holds(self) -> bool:
        """Whether every judgement that is kept is the one that was made."""
        return self.root == self.computed and not self.altered


def prove_run(conn: Connection[Any], run: str) -> RunProof:
    """Write every line of a run again, apart from the code that wrote them first, and compute the root."""
    asked = {"run": run}
    found = conn.execute(queries("services.judgement")["root"], asked).fetchone()
    assert found is not None
    root, children = found
    erased = dict(conn.execute(queries("services.judgement")["erased_lines"], asked).fetchall())
    leaves, altered = dict(erased), set()
    for position, leaf, line in _lines(conn, run):
        leaves[position] = leaf
        if leaf_hashes([line]) != [leaf]:
            altered.add(position)
    altered |= set(range(children)) - set(leaves)
    return RunProof(root, tlog.root([leaves[place] for place in sorted(leaves)]), tuple(sorted(altered)), len(erased))


def altered_events(conn: Connection[Any]) -> list[int]:
    """Seals of 速報 whose rows are not those that were judged; where somebody was erased since, nobody can tell that one is missing."""
    leaves: dict[int, list[bytes]] = {}
    altered = set()
    for seal, leaf, line in _lines(conn, None):
        leaves.setdefault(seal, []).append(leaf)
        if leaf_hashes([line]) != [leaf]:
            altered.add(seal)
    for seal, root, erased in conn.execute(queries("services.judgement")["roots_of_events"]).fetchall():
        if not erased and tlog.root(leaves.get(seal, [])) != root:
            altered.add(seal)
    return sorted(altered)


def _lines(conn: Connection[Any], run: str | None) -> Iterator[tuple[int, bytes, str]]:
    """Position, leaf hash and line of every judgement of a run that is kept; None: of every 速報, by its seal."""
    with conn.cursor("lines") as cursor:  # read as they come: a run holds a city's children
        cursor.execute(queries("services.judgement")["lines"], {"run": run})
        for position, leaf, child, scales, reasons, *results in cursor:
            said = dict(zip(RESULTS, results, strict=True)) | {
                "child_id": str(child),
                "scales": scales,
                "reasons": reasons,
            }
            yield position, leaf, rfc8785.dumps(said).decode()
