"""Entries for tests of the log: many at once, and what somebody does to them who is allowed everything in the database."""

from psycopg.types.json import Jsonb

from services.platform.database import Database


def fill(database: Database, count: int) -> None:
    """Append entries without what they tell of, 500 at a time."""
    while count:
        several = min(count, 500)
        entry = {"clear": {"kind": "case.note"}, "detail": {}}
        with database.connect("gate") as conn:
            conn.execute("SELECT ledger.append_all(%s)", (Jsonb([entry] * several),))
        count -= several


def as_superuser(database: Database, statement: bytes) -> None:
    """Run one statement past every constraint and trigger."""
    with database.admin() as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(statement)


def rewrite(database: Database, index: int) -> None:
    """Change the bytes of an entry that stands."""
    as_superuser(database, b"UPDATE ledger.entry SET leaf = leaf || ' ' WHERE index = %d" % index)
