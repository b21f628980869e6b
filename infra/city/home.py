"""A home of its own with a synthetic city in it, for whatever measures or torments one; thrown away afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from psycopg import sql

from services.approvals.demo import set_up_demo
from services.intake.main import load_folder
from services.judgement.main import judge_city
from services.ledger.migration import migrate_and_log
from services.linkage.main import link_city
from services.platform import postgres
from services.platform.database import Database
from services.platform.roles import SERVICE_ROLES, restrict_database
from services.platform.settings import Env, Settings, parse_clock
from services.synth.main import PROFILE, generate

CLOCK = "from:2026-09-01T09:00+09:00"
UNTIL = date(2026, 8, 31)  # last day of the city's records


@contextmanager
def own_home(env: Env = "demo") -> Iterator[Database]:
    """A migrated home with the demo's approvals in force, its server running with fsync; thrown away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mimamori-home-"))
    folder.chmod(0o755)  # the database server's user must be able to enter it
    settings = Settings(home=folder / "home", env=env, clock=parse_clock(CLOCK))
    try:
        postgres.ensure_running(settings.home)
        migrate_and_log(settings)
        database = Database.open(settings)
        set_up_demo(database)
        yield database
    finally:
        postgres.stop(settings.home)
        shutil.rmtree(folder)


def settle(database: Database, *, children: int, seed: int) -> None:
    """Load a synthetic city, link it and judge it officially; nothing of it is published."""
    city = database.settings.home.parent / "city"
    generate(city, children=children, until=UNTIL, seed=seed)
    load_folder(database, city / "feeds", profile=PROFILE, initial=True)
    link_city(database)
    judge_city(database, as_of=database.clock.today())


def cloned(database: Database, name: str) -> Database:
    """A second database of this home that holds what this one holds, to which nobody may be connected; it ends with the home."""
    with database.endpoint.connect_administrator(autocommit=True) as conn:
        clone = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER mimamori_owner STRATEGY FILE_COPY")
        conn.execute(clone.format(sql.Identifier(name), sql.Identifier(database.endpoint.database)))
        restrict_database(conn, name, SERVICE_ROLES)  # a clone does not inherit who may connect
    socket = database.endpoint.server["host"]
    url, admin = f"postgresql:///{name}?host={socket}", f"postgresql://postgres@/postgres?host={socket}"
    return Database.open(replace(database.settings, database_url=url, admin_url=admin))
