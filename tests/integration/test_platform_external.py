"""A PostgreSQL of the operator's own: reached by URL, administered by a role that is no superuser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from schemas.errors import UsageError
from services.platform import postgres
from services.platform.database import Database
from services.platform.endpoint import DatabaseUnreachableError
from services.platform.migrate import migrate
from services.platform.settings import Settings
from tests.scratch import scratch_folder


@pytest.fixture
def socket() -> Iterator[Path]:
    """Socket folder of a server on which only `cityadmin` exists, who may make roles and databases and no more."""
    home = scratch_folder("mm-external-")
    server = postgres.ensure_running(home)
    with psycopg.connect(host=str(server.socket_dir), user="postgres", dbname="postgres") as conn:
        conn.execute("CREATE ROLE cityadmin LOGIN CREATEROLE CREATEDB PASSWORD 'a:b/c'")
    yield server.socket_dir
    postgres.stop(home)
    shutil.rmtree(home)


def settings(home: Path, socket: Path, *, admin: bool) -> Settings:
    return Settings.from_environment(
        {
            "MIMAMORI_HOME": str(home),
            "MIMAMORI_ENV": "test",
            # user and password in it do not count: each role has its own
            "MIMAMORI_DATABASE_URL": f"postgresql+psycopg://somebody:else@/city?host={socket}",
        }
        | ({"MIMAMORI_ADMIN_URL": f"postgresql://cityadmin:a%3Ab%2Fc@/postgres?host={socket}"} if admin else {})
    )


def test_an_administrator_without_superuser_migrates_twice_and_services_connect(socket: Path, tmp_path: Path) -> None:
    first = migrate(settings(tmp_path / "home", socket, admin=True))
    again = migrate(settings(tmp_path / "home", socket, admin=True))
    assert (first.applied, again.applied) == (True, False)
    assert again.catalogue == again.recorded
    database = Database.open(settings(tmp_path / "home", socket, admin=False))
    with database.connect("intake") as conn:
        row = conn.execute("SELECT current_user, current_database(), platform.give_seal('batch')").fetchone()
        home = conn.execute("SELECT written_by FROM platform.home").fetchone()
    assert row == ("intake", "city", 1)
    assert home == ("cityadmin",)
    assert not (tmp_path / "home" / "postgres").exists(), "no server of our own is made"


def test_migrate_asks_for_the_administrators_url_and_open_does_not(socket: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="MIMAMORI_ADMIN_URL"):
        migrate(settings(tmp_path / "home", socket, admin=False))


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachableError, match="接続できません") as refused:
        migrate(settings(tmp_path / "home", tmp_path, admin=True))
    assert "a:b/c" not in str(refused.value)


def test_a_url_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="postgresql://"):
        Database.open(Settings(home=tmp_path, database_url="http://example.jp/x y=z"))
