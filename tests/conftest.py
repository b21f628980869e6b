"""Fixtures of the integration tests: one real PostgreSQL a test process, a clone of a migrated database a test."""

import os

# Before anything of ours or Airflow's is imported: what the developer has set must not reach a test.
# 1: a test that needs a browser, or a Kafka broker, fails without one, where it would be skipped
FOR_TESTS = {"MIMAMORI_REQUIRE_BROWSER", "MIMAMORI_REQUIRE_KAFKA"}
for _name in [name for name in os.environ if name.startswith(("MIMAMORI_", "AIRFLOW", "PG"))]:
    if _name not in FOR_TESTS:
        del os.environ[_name]

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from services.approvals.demo import set_up_demo
from services.platform import postgres
from services.platform.database import Database
from services.platform.endpoint import DATABASE, Endpoint
from services.platform.migrate import migrate
from services.platform.roles import SERVICE_ROLES, restrict_database
from services.platform.settings import Settings, parse_clock
from tests.operating import Operator, operator_of
from tests.scratch import scratch_folder

pytest_plugins = ["tests.broker"]

# No test is timed: how long an example takes is the machine's affair.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

DEFAULT_TIME = "2026-09-01T09:00+09:00"
WORKING = "city_at_work"  # the database with the demo set up

OpenAt = Callable[[str], Database]


@dataclass(frozen=True)
class City:
    """One test's own database and home.

    environ: what a process of its own needs to find them, clock included
    """

    settings: Settings
    environ: dict[str, str]


@pytest.fixture(scope="session")
def server() -> Iterator[Endpoint]:
    """A running server with the migrated database that tests are cloned from; unsafe and fast, as it is thrown away."""
    home = scratch_folder("mimamori-test-")
    settings = Settings(home=home, env="test")
    try:
        postgres.ensure_running(home)
        endpoint = Endpoint.of(settings)
        with endpoint.connect_administrator(autocommit=True) as conn:
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                conn.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            conn.execute("SELECT pg_reload_conf()")
        migrate(settings)
        yield endpoint
    finally:
        postgres.stop(home)
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def working_home(server: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a city with the demo's persons and approvals; its database is WORKING. Tests get clones of both."""
    city = _cloned(server, WORKING, DATABASE, tmp_path_factory.mktemp("working") / "home")
    set_up_demo(Database.open(city.settings))
    return city.settings.home


_clones = count(1)


@pytest.fixture
def city(request: pytest.FixtureRequest, server: Endpoint, tmp_path: Path) -> Iterator[City]:
    """A fresh clone of the migrated database and a home of its own; the clock stands at DEFAULT_TIME."""
    name, home, template = f"city_{next(_clones)}", tmp_path / "home", DATABASE
    if "city_at_work" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("working_home"), home)
        template = WORKING
    yield _cloned(server, name, template, home)
    with server.connect_administrator(autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _cloned(server: Endpoint, name: str, template: str, home: Path) -> City:
    """The database `name`, a clone of `template`, and the home that belongs to it."""
    with server.connect_administrator(autocommit=True) as conn:
        clone = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER mimamori_owner STRATEGY FILE_COPY")
        conn.execute(clone.format(sql.Identifier(name), sql.Identifier(template)))
        restrict_database(conn, name, SERVICE_ROLES)  # a clone does not inherit who may connect
    shutil.copytree(server.secrets, home / "secrets", dirs_exist_ok=True)
    socket = server.server["host"]
    environ = {
        "MIMAMORI_HOME": str(home),
        "MIMAMORI_DATABASE_URL": f"postgresql:///{name}?host={socket}",
        "MIMAMORI_ADMIN_URL": f"postgresql://postgres@/postgres?host={socket}",
        "MIMAMORI_CLOCK": f"fixed:{DEFAULT_TIME}",
        "MIMAMORI_ENV": "test",
    }
    return City(Settings.from_environment(environ), environ)


@pytest.fixture
def open_at(city: City) -> OpenAt:
    """Open this test's database with the clock standing at another time; a time without offset is Japan time."""

    def open_with_clock(time: str) -> Database:
        return Database.open(replace(city.settings, clock=parse_clock(f"fixed:{time}")))

    return open_with_clock


@pytest.fixture
def database(city: City) -> Database:
    """This test's database, open, with the clock standing at DEFAULT_TIME."""
    return Database.open(city.settings)


@pytest.fixture
def city_at_work(database: Database) -> Database:
    """The same with the demo city's persons, and both its approvals in force: `city` clones what has them."""
    return database


@pytest.fixture
def environ(city: City) -> dict[str, str]:
    """The environment of a process of its own that is to meet this test's database and home."""
    return dict(city.environ)


@pytest.fixture
def operator(environ: dict[str, str]) -> Operator:
    """Who runs commands against this test's database and home."""
    return operator_of(environ)


@pytest.fixture(scope="session")
def synthetic_city() -> Iterator[Path]:
    """The small synthetic city as `mimamori synth` writes it; nothing may be changed in it."""
    folder = Path(tempfile.mkdtemp(prefix="mimamori-city-"))
    operator = operator_of({"MIMAMORI_ENV": "test", "MIMAMORI_HOME": str(folder / "home")})
    operator.run("synth", "--children", "120", "--until", "2026-08-31", "--seed", "1", "--out", folder / "city")
    yield folder / "city"
    shutil.rmtree(folder)
