"""The database as services meet it: schema and environment checked, one clock, seals without gaps, one run at a time."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from services.platform.catalogue import catalogue_digest, catalogue_lines, recorded_digest
from services.platform.database import Database
from services.platform.endpoint import NotMigratedError
from services.platform.lock import BusyError, exclusive
from services.platform.migrate import migrate
from services.platform.roles import SERVICE_ROLES
from services.platform.schema import OldSchemaError, WrongEnvironmentError
from services.platform.settings import Settings, parse_clock

ROOT = Path(__file__).resolve().parents[2]


def one(conn: psycopg.Connection, query: str) -> object:
    row = conn.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


# -- opening -----------------------------------------------------------------------------------------------------------


def test_a_connection_commits_at_its_end_and_rolls_back_on_an_exception(database: Database) -> None:
    with database.connect("intake") as conn:
        one(conn, "SELECT platform.give_seal('batch')")
    with pytest.raises(ZeroDivisionError), database.connect("intake") as conn:
        one(conn, "SELECT platform.give_seal('batch')")
        raise ZeroDivisionError
    with database.connect("auditor") as conn:
        assert one(conn, "SELECT count(*) FROM platform.seal") == 1


def test_another_schema_is_refused_with_the_command_to_run(database: Database) -> None:
    with database.admin() as conn:
        conn.execute("INSERT INTO platform.migration (version, catalogue) VALUES ('older', '')")
    with pytest.raises(OldSchemaError, match="mimamori migrate"):
        Database.open(database.settings)
    with pytest.raises(OldSchemaError):
        migrate(database.settings)


def test_an_empty_database_is_refused_with_the_command_to_run(database: Database) -> None:
    with database.admin() as conn:
        conn.execute("DROP SCHEMA platform CASCADE")
    with pytest.raises(NotMigratedError, match="mimamori migrate"):
        Database.open(database.settings)


def test_a_home_without_secrets_is_refused_with_the_command_to_run(database: Database, tmp_path: Path) -> None:
    with pytest.raises(NotMigratedError, match="mimamori migrate"):
        Database.open(replace(database.settings, home=tmp_path / "other"))


@pytest.mark.parametrize("env", ["demo", "production"])
def test_the_database_remembers_what_it_was_made_for(database: Database, env: str) -> None:
    other = Settings.from_environment(
        {
            "MIMAMORI_HOME": str(database.settings.home),
            "MIMAMORI_DATABASE_URL": database.settings.database_url or "",
            "MIMAMORI_ADMIN_URL": database.settings.admin_url or "",
            "MIMAMORI_ENV": env,
        }
    )
    for act in (Database.open, migrate):
        with pytest.raises(WrongEnvironmentError, match="MIMAMORI_ENV=test"):
            act(other)


# -- migration ---------------------------------------------------------------------------------------------------------


def test_migrating_again_changes_nothing(database: Database) -> None:
    result = migrate(database.settings)
    assert not result.applied
    assert result.catalogue == result.recorded
    with database.connect("auditor") as conn:
        assert one(conn, "SELECT count(*) FROM platform.migration") == 1
        assert one(conn, "SELECT written_by FROM platform.migration") == "postgres"


@pytest.mark.parametrize("role", SERVICE_ROLES)
def test_every_role_computes_the_digest_that_migration_recorded(database: Database, role: str) -> None:
    with database.connect(role) as conn:
        assert catalogue_digest(conn) == recorded_digest(conn)


@pytest.mark.parametrize(
    "tampering",
    [
        "ALTER TABLE platform.seal DROP CONSTRAINT seal_seal_check",
        "ALTER TABLE platform.seal DISABLE TRIGGER ALL",
        "GRANT UPDATE ON platform.seal TO intake",
        "GRANT UPDATE (sealed_at) ON platform.seal TO intake",
        "GRANT mimamori_owner TO intake",
        "ALTER FUNCTION platform.now() SECURITY DEFINER",
        "ALTER FUNCTION platform.now() OWNER TO gate",
        "GRANT EXECUTE ON FUNCTION platform.give_seal(text) TO PUBLIC",
        "ALTER TABLE platform.seal ALTER COLUMN written_by SET DEFAULT 'intake'",
        "ALTER TABLE platform.seal OWNER TO intake",
        "ALTER ROLE intake BYPASSRLS",
        "CREATE TRIGGER t BEFORE INSERT ON platform.seal FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "ALTER DEFAULT PRIVILEGES FOR ROLE mimamori_owner GRANT SELECT ON TABLES TO intake",
        "CREATE SCHEMA extra",
        "CREATE RULE quiet AS ON DELETE TO platform.seal DO INSTEAD NOTHING",
    ],
)
def test_the_digest_shows_what_an_owner_or_superuser_changed(database: Database, tampering: str) -> None:
    with database.admin() as conn:
        before = catalogue_digest(conn)
        conn.execute(tampering.encode())
        assert catalogue_digest(conn) != before
        conn.rollback()  # roles are the whole server's


def test_computing_the_digest_leaves_the_search_path_alone(database: Database) -> None:
    with database.connect("auditor") as conn:
        before = one(conn, "SHOW search_path")
        lines = catalogue_lines(conn)
        assert one(conn, "SHOW search_path") == before
    assert "constraint platform.seal seal_seal_check CHECK ((seal > 0)) t true" in lines


# -- clock -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", ["2023-03-31T23:59:59.999999+09:00", "2023-04-01T00:00+09:00", "1999-12-31T00:00Z"])
def test_sql_and_python_read_the_same_fixed_clock(open_at: Callable[[str], Database], time: str) -> None:
    database = open_at(time)
    with database.connect("publisher") as conn:
        assert one(conn, "SELECT platform.now()") == database.clock.now() == datetime.fromisoformat(time)
        assert one(conn, "SELECT platform.today()") == database.clock.today()


@pytest.mark.parametrize("start", ["2026-09-01T09:00+09:00", "2020-01-01T00:00+09:00", "2071-01-01T00:00+09:00"])
def test_sql_and_python_read_the_same_running_clock(database: Database, start: str) -> None:
    running = Database.open(replace(database.settings, clock=parse_clock(f"from:{start}")))
    with running.connect("publisher") as conn:
        before, read, after = running.clock.now(), one(conn, "SELECT platform.now()"), running.clock.now()
        assert isinstance(read, datetime)
        assert before <= read <= after
        assert read - datetime.fromisoformat(start) < timedelta(seconds=30)


def test_without_a_setting_the_database_reads_its_own_clock(database: Database) -> None:
    with Database.open(replace(database.settings, clock=None)).connect("publisher") as conn:
        assert one(conn, "SELECT clock_timestamp() - platform.now() BETWEEN '-1 s'::interval AND '1 s'") is True


def test_in_production_no_connection_moves_the_clock(database: Database) -> None:
    with database.admin() as conn:
        conn.execute("UPDATE platform.home SET env = 'production'")
    production = replace(database.settings, env="production", clock=None)
    with Database.open(production).connect("publisher") as conn:
        conn.execute("SET mimamori.clock = 'fixed:2023-03-31T00:00Z'")
        assert one(conn, "SELECT clock_timestamp() - platform.now() BETWEEN '-1 s'::interval AND '1 s'") is True


@pytest.mark.parametrize("role", SERVICE_ROLES)
def test_no_service_changes_what_the_database_is_for(database: Database, role: str) -> None:
    for change in ("UPDATE platform.home SET env = 'demo'", "DELETE FROM platform.home", "TRUNCATE platform.migration"):
        with database.connect(role) as conn:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(change.encode())
            conn.rollback()


# -- seals -------------------------------------------------------------------------------------------------------------


def test_a_seal_bears_the_clocks_time_and_the_role_that_logged_in(open_at: Callable[[str], Database]) -> None:
    with open_at("2026-09-01T09:00").connect("linkage") as conn:
        assert one(conn, "SELECT platform.give_seal('links')") == 1
        row = conn.execute("SELECT seal, sealed_at, kind, written_by FROM platform.seal").fetchone()
    assert row == (1, datetime(2026, 9, 1, tzinfo=UTC), "links", "linkage")


def test_seals_given_at_once_are_without_gap_and_a_rollback_leaves_none(database: Database) -> None:
    def seal_five(fail: bool) -> None:
        for _ in range(5):
            try:
                with database.connect("intake") as conn:
                    one(conn, "SELECT platform.give_seal('batch')")
                    assert not fail
            except AssertionError:
                pass

    threads = [threading.Thread(target=seal_five, args=(number % 2 == 1,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.connect("auditor") as conn:
        assert conn.execute("SELECT seal FROM platform.seal ORDER BY seal").fetchall() == [(n,) for n in range(1, 11)]


@pytest.mark.parametrize("role", ["council", "rights", "auditor"])
def test_who_does_not_seal_cannot(database: Database, role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.connect(role) as conn:
        conn.execute("SELECT platform.give_seal('batch')")


@pytest.mark.parametrize("role", [role for role in SERVICE_ROLES if role != "ledger"])
def test_no_service_writes_seals_by_itself(database: Database, role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.connect(role) as conn:
        conn.execute("INSERT INTO platform.seal VALUES (9, now(), 'batch')")


# -- one run at a time -------------------------------------------------------------------------------------------------


def test_a_second_run_is_told_at_once_and_another_kind_may_run(database: Database) -> None:
    with exclusive(database, "judge"):
        with pytest.raises(BusyError, match="別の処理が実行中です") as refused, exclusive(database, "judge"):
            pass
        assert refused.value.exit_code == 1
        with exclusive(database, "link"):
            pass
    for _ in range(20):  # free when the block ends, and not some time after its connection was closed
        with exclusive(database, "judge"):
            pass


def test_a_lock_on_a_connection_outlives_its_block_until_the_connection_ends(database: Database) -> None:
    with database.connect("analyst") as conn:
        with exclusive(conn, "judge"):
            pass
        with pytest.raises(BusyError), exclusive(database, "judge"):
            pass
    with exclusive(database, "judge", wait=True):  # the server sees a moment later that it was closed
        pass


def test_a_killed_run_frees_the_lock(database: Database, environ: dict[str, str]) -> None:
    code = (
        "import sys, time; from services.platform.database import Database; from services.platform.lock import exclusive;"
        "from services.platform.settings import Settings\n"
        "with exclusive(Database.open(Settings.from_environment()), 'judge'):\n"
        "    print('locked', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(BusyError), exclusive(database, "judge"):
            pass
        process.kill()
    deadline = datetime.now(UTC) + timedelta(seconds=5)
    while True:
        try:
            with exclusive(database, "judge"):
                return
        except BusyError:
            assert datetime.now(UTC) < deadline
