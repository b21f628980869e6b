"""The digest of what the database enforces: constraints, triggers, functions, grants, owners, memberships, settings.

A tables' owner or a superuser can drop a check and put it back. The digest logged at each migration shows that it
happened, as long as the difference stands: `/readyz` and `log fsck` compare it. Any service role can compute it.
"""

import hashlib
from importlib.resources import files

import psycopg

# What changes how PostgreSQL writes a definition; a name has its schema only where the search path does not hold it.
_WRITING = {
    "search_path": "pg_catalog",
    "IntervalStyle": "postgres",
    "DateStyle": "ISO, YMD",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "quote_all_identifiers": "off",
    "extra_float_digits": "1",
}
_QUERY = files("services.platform").joinpath("catalogue.sql").read_bytes()


def catalogue_lines(conn: psycopg.Connection) -> list[str]:
    """One line a fact of the catalogue, in byte order; object identifiers and the database's name are not in it."""
    with conn.transaction(force_rollback=True), conn.cursor() as cursor:  # the settings are the caller's again
        cursor.executemany("SELECT set_config(%s, %s, true)", list(_WRITING.items()))
        return sorted(line for (line,) in cursor.execute(_QUERY))


def catalogue_digest(conn: psycopg.Connection) -> str:
    """SHA-256, hexadecimal, over the lines of the catalogue."""
    return hashlib.sha256("\n".join(catalogue_lines(conn)).encode()).hexdigest()


def recorded_digest(conn: psycopg.Connection) -> str:
    """The digest that the latest migration recorded."""
    row = conn.execute("SELECT catalogue FROM platform.migration ORDER BY number DESC LIMIT 1").fetchone()
    return "" if row is None else str(row[0])
