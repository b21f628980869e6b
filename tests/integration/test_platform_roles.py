"""Roles: each has its own password and its own place; none can become another."""

import stat

import psycopg
import pytest

from services.platform.database import Database
from services.platform.endpoint import DatabaseUnreachableError, Endpoint
from services.platform.roles import LOGIN_ROLES, OWNER, SERVICE_ROLES


def open_as(endpoint: Endpoint, role: str, *, password: str, database: str) -> psycopg.Connection:
    return psycopg.connect(host=endpoint.server["host"], user=role, password=password, dbname=database)


def test_secrets_are_the_homes_alone_and_differ(server: Endpoint) -> None:
    assert stat.S_IMODE(server.secrets.stat().st_mode) == 0o700
    assert {path.name for path in server.secrets.iterdir()} == set(LOGIN_ROLES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in server.secrets.iterdir()} == {0o600}
    passwords = {server.password(role) for role in LOGIN_ROLES}
    assert len(passwords) == len(LOGIN_ROLES)
    assert min(map(len, passwords)) >= 43  # 32 bytes


@pytest.mark.parametrize("role", SERVICE_ROLES)
def test_each_service_connects_as_itself_and_becomes_no_other(database: Database, role: str) -> None:
    with database.connect(role) as conn:
        assert conn.execute("SELECT session_user, current_user").fetchone() == (role, role)
    for other in {*LOGIN_ROLES, OWNER, "postgres"} - {role}:
        with database.connect(role) as conn:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(f"SET ROLE {other}".encode())
            conn.rollback()


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_a_role_needs_its_own_password(server: Endpoint, role: str) -> None:
    another = "gate" if role != "gate" else "intake"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        open_as(server, role, password=server.password(another), database="mimamori")


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_a_role_connects_only_where_it_belongs(server: Endpoint, role: str) -> None:
    own = "airflow" if role == "airflow" else "mimamori"
    for database in {"mimamori", "airflow", "postgres", "template1"} - {own}:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            open_as(server, role, password=server.password(role), database=database)


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_no_login_role_has_a_power_over_the_server(server: Endpoint, role: str) -> None:
    with server.connect_administrator() as conn:
        powers = conn.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = %s",
            (role,),
        ).fetchone()
        memberships = conn.execute(
            "SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole", (role,)
        ).fetchone()
    assert powers == (False,) * 5
    assert memberships == (0,)


def test_the_superuser_has_no_password_and_the_owner_no_login(server: Endpoint) -> None:
    with pytest.raises(psycopg.OperationalError):
        open_as(server, OWNER, password="", database="mimamori")
    with server.connect_administrator() as conn:
        stored: dict[str, str | None] = dict(
            conn.execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolname !~ '^pg_'").fetchall()
        )
    assert stored["postgres"] is None
    assert stored[OWNER] is None
    assert all((stored[role] or "").startswith("SCRAM-SHA-256$") for role in LOGIN_ROLES)


def test_the_public_has_nothing(database: Database) -> None:
    """In every schema of ours: no grant to PUBLIC, neither on relations nor functions nor schemas nor the database."""
    with database.connect("auditor") as conn:
        granted = conn.execute(
            """
            SELECT 'relation', oid::regclass::text FROM pg_class, aclexplode(relacl) AS grants
            WHERE grants.grantee = 0 AND relnamespace IN (SELECT oid FROM ours)
            UNION ALL
            SELECT 'function', oid::regprocedure::text
            FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS grants
            WHERE grants.grantee = 0 AND pronamespace IN (SELECT oid FROM ours)
            UNION ALL
            SELECT 'schema', nspname FROM pg_namespace, aclexplode(nspacl) AS grants
            WHERE grants.grantee = 0 AND pg_namespace.oid IN (SELECT oid FROM ours)
            UNION ALL
            SELECT 'database', datname FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS grants
            WHERE grants.grantee = 0 AND datname = current_database()
            """.replace(
                "(SELECT oid FROM ours)",
                "(SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')",
            ).encode()
        ).fetchall()
    assert granted == []


def test_a_refused_connection_names_the_cause_and_no_password(database: Database) -> None:
    password = database.endpoint.password("gate")
    (database.endpoint.secrets / "intake").write_text(password)
    with pytest.raises(DatabaseUnreachableError, match="接続できません") as refused, database.connect("intake"):
        pass
    assert password not in str(refused.value)


def test_airflow_gets_a_url_to_a_database_of_its_own(server: Endpoint) -> None:
    url = server.url("airflow").replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT current_user, current_database()").fetchone() == ("airflow", "airflow")
        conn.execute("CREATE TABLE public.airflow_may_make_tables (n int)")
        conn.rollback()
