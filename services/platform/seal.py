"""Seals: every batch, link run and human decision gets a strictly increasing number with a time when it commits."""

from typing import Any

from psycopg import Connection


def give_seal(conn: Connection[Any], kind: str) -> int:
    """Give the next seal in this transaction; others that seal wait until it ends, so take it last."""
    row = conn.execute("SELECT platform.give_seal(%s)", (kind,)).fetchone()
    assert row is not None
    return int(row[0])
