"""One run at a time: a lock that the database holds for a process, and frees when the process is gone."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from schemas.errors import MimamoriError
from services.platform.database import Database


class BusyError(MimamoriError):
    """別の処理が実行中です。"""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"別の処理が実行中です({name})。終わるのを待ってから、もう一度実行してください。")


@contextmanager
def exclusive(where: Database | psycopg.Connection, name: str, *, wait: bool = False) -> Iterator[None]:
    """Be the only run of `name`, or raise BusyError at once. wait: come after those who are at work, before all who come later.

    Given a database, the lock has a connection of its own and ends with the block: commit inside the block.
    Given a connection, it ends with the connection, not with the block, so that it outlives the open transaction.
    """
    if isinstance(where, Database):
        with where.connect_any() as conn:
            conn.autocommit = True  # a lock that waits in an open transaction would hold back vacuum
            _take(conn, name, wait=wait)
            try:
                yield
            finally:  # the server would free it a moment after the connection was closed: too late for who comes next
                with suppress(psycopg.OperationalError):
                    conn.execute("SELECT pg_advisory_unlock_all()")
    else:
        _take(where, name, wait=wait)
        yield


def share(conn: psycopg.Connection, name: str) -> None:
    """Be one of many runs of `name` until the transaction ends, and none while one is to be the only one: waits for it."""
    conn.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended('mimamori ' || %s, 0))", (name,))


def _take(conn: psycopg.Connection, name: str, *, wait: bool) -> None:
    if wait:
        conn.execute("SELECT pg_advisory_lock(hashtextextended('mimamori ' || %s, 0))", (name,))
        return
    row = conn.execute("SELECT pg_try_advisory_lock(hashtextextended('mimamori ' || %s, 0))", (name,)).fetchone()
    if row is None or not row[0]:
        raise BusyError(name)
