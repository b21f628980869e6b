"""Whose signed word releases a run that the guard held; it takes two."""

from typing import Any

from psycopg import Connection

from schemas.records.release import RELEASERS, released
from services.gate.words import Word, holds, people_now

_WORDS = """
SELECT encode(r.root, 'hex'), l.person, l.statement, l.signature, l.released_at
FROM judgement.release l JOIN judgement.run r USING (run) WHERE r.run = %s
"""


def released_by(conn: Connection[Any], run: str) -> frozenset[str]:
    """Persons whose release of the run, as its root is now, holds; a row that nobody signed is not believed."""
    people = people_now(conn)
    words = [(root, Word(*word)) for root, *word in conn.execute(_WORDS, (run,)).fetchall()]
    return frozenset(
        word.person for root, word in words if holds(word, released(run, root, word.person), people, RELEASERS)
    )
