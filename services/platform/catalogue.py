"""The digest of what the database enforces: constraints, triggers, functions, grants, owners, memberships.

A tables' owner or a superuser can drop a check and put it back. The digest logged at each migration shows that it
happened, as long as the difference stands: `/readyz` and `log fsck` compare it. Any service role can compute it.
"""

import hashlib
from importlib.resources import files

import psycopg

_QUERY = files("services.platform").joinpath("catalogue.sql").read_bytes()


def catalogue_lines(conn: psycopg.Connection) -> list[str]:
    """One line a fact of the catalogue, in byte order; object identifiers and the database's name are not in it."""
    with conn.transaction(force_rollback=True):  # the search path is the caller's again
        # PostgreSQL writes a name with its schema only where the search path does not hold it.
        conn.execute("SELECT set_config('search_path', 'pg_catalog', true)")
        return sorted(line for (line,) in conn.execute(_QUERY))


def catalogue_digest(conn: psycopg.Connection) -> str:
    """SHA-256, hexadecimal, over the lines of the catalogue."""
    return hashlib.sha256("\n".join(catalogue_lines(conn)).encode()).hexdigest()


def recorded_digest(conn: psycopg.Connection) -> str:
    """The digest that the latest migration recorded."""
    row = conn.execute("SELECT catalogue FROM platform.migration ORDER BY number DESC LIMIT 1").fetchone()
    return "" if row is None else str(row[0])
