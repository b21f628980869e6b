"""The database roles: one a service, with a generated password each, and the owner that nobody logs in as."""

import secrets
from pathlib import Path

import psycopg
from psycopg import sql

from services.platform.endpoint import AIRFLOW_DATABASE
from services.platform.files import create_once

OWNER = "mimamori_owner"
SERVICE_ROLES = (
    "intake",
    "linkage",
    "analyst",
    "gate",
    "ledger",
    "publisher",
    "casework",
    "approvals",
    "council",
    "rights",
    "auditor",
    "worker",
)
LOGIN_ROLES = (*SERVICE_ROLES, "airflow")
DEFINERS = ("gate", "ledger")  # own the functions that act for others


def make_passwords(folder: Path) -> dict[str, str]:
    """The password of each login role: 32 random bytes each, made once, mode 0600 in a folder of mode 0700."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return {role: create_once(folder / role, secrets.token_urlsafe(32) + "\n").strip() for role in LOGIN_ROLES}


def make_roles(conn: psycopg.Connection, passwords: dict[str, str]) -> None:
    """Make the roles that are missing and set every password; as the administrator, in the caller's transaction."""
    have = {name for (name,) in conn.execute("SELECT rolname FROM pg_roles")}
    if OWNER not in have:
        conn.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(OWNER)))
    for role in LOGIN_ROLES:
        if role not in have:
            conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        _set_password(conn, role, passwords[role])


def borrow_roles(conn: psycopg.Connection) -> None:
    """Let an administrator who is no superuser act as the owner and the definers; a superuser may without."""
    conn.execute(
        sql.SQL("""
            DO $$ BEGIN
                IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                    GRANT {} TO CURRENT_USER;
                END IF;
            END $$""").format(sql.SQL(", ").join(map(sql.Identifier, (OWNER, "airflow", *DEFINERS))))
    )


def make_databases(conn: psycopg.Connection, database: str) -> None:
    """Make the service's database and Airflow's where missing; conn: the administrator's, in autocommit mode."""
    have = {name for (name,) in conn.execute("SELECT datname FROM pg_database")}
    for name, owner in ((database, OWNER), (AIRFLOW_DATABASE, "airflow")):
        if name not in have:
            create = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0")
            conn.execute(create.format(sql.Identifier(name), sql.Identifier(owner)))
    restrict_database(conn, database, SERVICE_ROLES)
    restrict_database(conn, AIRFLOW_DATABASE, ("airflow",))


def restrict_database(conn: psycopg.Connection, database: str, roles: tuple[str, ...]) -> None:
    """Let only `roles` connect to the database; they may make temporary tables for bulk loads."""
    name = sql.Identifier(database)
    conn.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for role in roles:
        conn.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, sql.Identifier(role)))


def _set_password(conn: psycopg.Connection, role: str, password: str) -> None:
    """Set a password by its SCRAM verifier, so that the password itself reaches no server log."""
    verifier = conn.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    conn.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))
