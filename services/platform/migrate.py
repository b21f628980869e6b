"""Makes roles, databases and schema. The only code that connects as the administrator and acts as the tables' owner."""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from services.platform.catalogue import catalogue_digest
from services.platform.endpoint import Endpoint
from services.platform.roles import OWNER, borrow_roles, make_databases, make_passwords, make_roles, restrict_database
from services.platform.schema import SCHEMA, VERSION, check_migration, latest_migration
from services.platform.settings import Settings

MIGRATION_LOCK = 0x6D696D61_6D6F7269  # "mimamori" in ASCII: the key of the advisory lock


@dataclass(frozen=True)
class MigrationResult:
    """What a migration did.

    version:   SHA-256 of schema.sql, hexadecimal
    applied:   False where the database had this version already
    catalogue: digest of what the database enforces now
    recorded:  the same as recorded when the version was applied; another value means that somebody changed it since
    """

    version: str
    applied: bool
    catalogue: str
    recorded: str


def migrate(settings: Settings) -> MigrationResult:
    """Bring the database to this code's schema; a second call, or two at once, change nothing more."""
    endpoint = Endpoint.of(settings, create=True)
    with endpoint.connect_administrator(autocommit=True) as server:
        # Held until this connection ends, and not for this database alone: roles belong to the whole server.
        server.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        with server.transaction():
            make_roles(server, make_passwords(endpoint.secrets))
            borrow_roles(server)
        make_databases(server, endpoint.database)
        if settings.database_url is None:  # elsewhere these two are not ours
            restrict_database(server, "postgres", ())
            restrict_database(server, "template1", ())
        with endpoint.connect_administrator(endpoint.database) as conn:
            return _migrate_database(conn, settings)


def _migrate_database(conn: psycopg.Connection, settings: Settings) -> MigrationResult:
    found = latest_migration(conn)
    if found is not None:
        check_migration(found, env=settings.env)
        return MigrationResult(VERSION, False, catalogue_digest(conn), found.catalogue)
    conn.execute(SCHEMA)
    catalogue = _record(conn, settings.env)
    return MigrationResult(VERSION, True, catalogue, catalogue)


def _record(conn: psycopg.Connection, env: str) -> str:
    """Write down environment, version and digest, and return the last, which covers the first.

    They are the administrator's words (session_user), not the owner's.
    """
    conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(OWNER)))
    conn.execute("INSERT INTO platform.home (env, written_by) VALUES (%s, session_user)", (env,))
    catalogue = catalogue_digest(conn)
    conn.execute(
        "INSERT INTO platform.migration (version, catalogue, written_by) VALUES (%s, %s, session_user)",
        (VERSION, catalogue),
    )
    return catalogue
