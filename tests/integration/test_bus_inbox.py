"""The inbox as workers see it: order, shares that are fair and run out, and who may do what."""

import pytest
from psycopg import Connection, errors
from psycopg.rows import TupleRow

from services.platform import inbox
from services.platform.database import Database


def put_in(conn: Connection[TupleRow], event: str, *, part: int = 0, urgent: bool = False) -> None:
    """One event that became line 1 of batch 1."""
    conn.execute(
        "INSERT INTO bus.inbox (source, event_id, digest, feed, part, urgent, batch, line)"
        " VALUES ('urn:mimamori:test', %s, sha256(%s), 'soudan', %s, %s, 1, 1)",
        (event, event.encode(), part, urgent),
    )


def test_urgent_events_come_first_then_the_oldest_and_each_only_to_one_worker(database: Database) -> None:
    with database.connect("intake") as conn:
        for event, part, urgent in [("a", 0, False), ("b", 1, False), ("c", 0, True), ("d", 2, True), ("e", 0, False)]:
            put_in(conn, event, part=part, urgent=urgent)
        inbox.announce(conn)
    with database.connect("worker") as one, database.connect("worker") as two:
        first = inbox.waiting(one, [0, 1], limit=4)
        assert [event.id for event in first] == [3, 4, 1, 2]  # what is severe waits for nobody's share
        assert [event.id for event in inbox.waiting(two, [0, 1])] == [5]
        inbox.done(one, [1, 3], seal=None)
        inbox.failed(one, 2, "KeyError")
        one.commit()
        two.rollback()
        inbox.failed(two, 1, "KeyError")  # who comes too late says nothing of it
        assert [event.id for event in inbox.waiting(two, [0])] == [4, 5]


def test_who_listens_hears_of_events_once_they_are_committed(database: Database) -> None:
    with database.connect("worker") as listening, database.connect("intake") as conn:
        listening.autocommit = True
        inbox.listen(listening)
        inbox.announce(conn)
        assert not inbox.heard(listening, seconds=0)
        conn.commit()
        assert inbox.heard(listening, seconds=60)
        assert not inbox.heard(listening, seconds=0)


def test_parts_are_shared_evenly_and_a_share_that_is_not_renewed_is_free(database: Database) -> None:
    def renew(holder: str, seconds: float = 60) -> list[int]:
        with database.connect("worker") as conn:
            return inbox.lease(conn, holder, seconds=seconds)

    assert renew("a") == list(range(32))
    assert renew("b") == []  # nothing is taken from who is at work
    assert renew("a") == list(range(16))
    assert renew("b") == list(range(16, 32))
    renew("c"), renew("a"), renew("b")
    shares = [renew("c"), renew("a"), renew("b")]
    assert sorted(part for share in shares for part in share) == list(range(32))
    assert sorted(map(len, shares)) == [10, 11, 11]
    with database.connect("worker") as conn:
        inbox.release(conn, "a")
    renew("b", seconds=0)  # and is not heard of again
    assert renew("c") == list(range(32))


def test_a_worker_reads_neither_the_events_ids_nor_their_digests(database: Database) -> None:
    for column in ("event_id", "digest", "source"):
        with pytest.raises(errors.InsufficientPrivilege), database.connect("worker") as conn:
            conn.execute(f"SELECT {column} FROM bus.inbox".encode())
    with pytest.raises(errors.InsufficientPrivilege), database.connect("worker") as conn:
        put_in(conn, "forged")
