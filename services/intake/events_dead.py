"""Dead letters: where a message is that was not taken in, and why; what it said stays where it is."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from schemas.events.reasons import Reason
from services.intake.events_sift import Dead, Received, keyed_digest
from services.intake.versions import pepper
from services.platform.queries import queries


def write(conn: Connection[Any], dead: Sequence[Dead]) -> list[Dead]:
    """Keep these; those are returned that were not dead letters already: in a topic made anew a place has another message."""
    if not dead:
        return []
    columns = {
        name: [getattr(each, name) for each in dead]
        for name in ("topic", "partition", "position", "digest", "reason", "detail")
    }
    rows = conn.execute(queries("services.intake")["add_dead_letters"], columns).fetchall()
    new = set(rows)
    return [each for each in dead if (each.topic, each.partition, each.position) in new]


def put_aside(conn: Connection[Any], record: Received, why: str) -> Dead:
    """Keep a message on which taking in fails although it is alone. why: class of the error."""
    letter = Dead(
        record.topic, record.partition, record.position, keyed_digest(record.value, pepper(conn)), Reason.FAULT, why
    )
    write(conn, [letter])
    return letter


def resolve(conn: Connection[Any], records: Sequence[Received], dead: Sequence[Dead], *, key: bytes) -> None:
    """Of these messages those that are no dead letters now may have been some before, until the schema was mended: no longer.

    key: of keyed hashes
    """
    still = {(each.topic, each.partition, each.position) for each in dead}
    taken = [each for each in records if (each.topic, each.partition, each.position) not in still]
    asked = {
        "topics": [each.topic for each in taken],
        "partitions": [each.partition for each in taken],
        "positions": [each.position for each in taken],
        "digests": [keyed_digest(each.value, key) for each in taken],
    }
    conn.execute(queries("services.intake")["resolve_dead_letters"], asked)
