"""Dead letters: where a message is that was not taken in, and why; what it said stays where it is."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from services.intake.events_sift import Dead, Received
from services.platform.queries import queries


def write(conn: Connection[Any], dead: Sequence[Dead]) -> list[Dead]:
    """Keep these; those are returned whose places were not dead letters already."""
    if not dead:
        return []
    columns = {
        name: [getattr(each, name) for each in dead]
        for name in ("topic", "partition", "position", "digest", "reason", "detail")
    }
    rows = conn.execute(queries("services.intake")["add_dead_letters"], columns).fetchall()
    new = set(rows)
    return [each for each in dead if (each.topic, each.partition, each.position) in new]


def resolve(conn: Connection[Any], records: Sequence[Received], dead: Sequence[Dead]) -> None:
    """Of these messages those that are no dead letters now may have been some before, until the schema was mended: no longer."""
    still = {(each.topic, each.partition, each.position) for each in dead}
    places = [(r.topic, r.partition, r.position) for r in records if (r.topic, r.partition, r.position) not in still]
    topics, partitions, positions = zip(*places, strict=True) if places else ((), (), ())
    asked = {"topics": list(topics), "partitions": list(partitions), "positions": list(positions)}
    conn.execute(queries("services.intake")["resolve_dead_letters"], asked)
