"""Whose signed word releases a run that the guard held; it takes two."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from schemas.records.release import RELEASERS, released
from services.gate.words import Word, holds, people_now

_WORDS = """
SELECT l.run, l.seal, encode(r.root, 'hex'), l.person, l.statement, l.signature, l.released_at
FROM judgement.release l JOIN judgement.run r USING (run) WHERE l.run = ANY (%s) ORDER BY l.seal
"""


@dataclass(frozen=True)
class Release:
    """One person's release of a run that holds. seal: under which it was recorded."""

    run: str
    person: str
    seal: int


def releases(conn: Connection[Any], runs: Sequence[str]) -> list[Release]:
    """Releases of runs, as their roots are now, in order of seal; a row that nobody signed is not believed."""
    rows = conn.execute(_WORDS, (list(runs),)).fetchall() if runs else []
    people = people_now(conn) if rows else {}
    words = [(run, seal, root, Word(*word)) for run, seal, root, *word in rows]
    return [
        Release(run, word.person, seal)
        for run, seal, root, word in words
        if holds(word, released(run, root, word.person), people, RELEASERS)
    ]


def released_by(conn: Connection[Any], run: str) -> frozenset[str]:
    """Persons whose release of the run holds."""
    return frozenset(release.person for release in releases(conn, [run]))
