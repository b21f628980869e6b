"""Connections of the services: one role each, one transaction each, the service's clock set in each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from services.platform.clock import Clock
from services.platform.endpoint import Endpoint, NotMigratedError
from services.platform.roles import SERVICE_ROLES
from services.platform.schema import check_migration, latest_migration
from services.platform.settings import Settings

# Text forms that bulk transfer and log lines rely on, whatever the server's defaults are.
SESSION = "-c TimeZone=UTC -c DateStyle=ISO,YMD -c IntervalStyle=iso_8601"


@dataclass(frozen=True)
class Database:
    """The service's database, open: its server runs, its schema and environment are this process's."""

    settings: Settings
    clock: Clock
    endpoint: Endpoint

    @classmethod
    def open(cls, settings: Settings) -> "Database":
        """Start the embedded server where that is the database; refuse a missing or old schema, or another environment."""
        database = cls(settings, Clock.of(settings), Endpoint.of(settings))
        with database.connect_any() as conn:
            found = latest_migration(conn)
            if found is None:
                raise NotMigratedError
            check_migration(found, env=settings.env)
        return database

    @contextmanager
    def connect(self, role: str) -> Iterator[psycopg.Connection]:
        """A connection as `role` for one transaction: committed at the end, rolled back on an exception."""
        options = f"{SESSION} -c application_name=mimamori-{role}"
        if self.clock.sql_setting:
            options += f" -c mimamori.clock={self.clock.sql_setting}"
        with self.endpoint.connect(role, options=options) as conn:
            yield conn

    @contextmanager
    def beside(self, conn: psycopg.Connection, role: str) -> Iterator[psycopg.Connection]:
        """A second connection that reads what `conn` sees now, and goes on seeing just that; for as long as its transaction lasts."""
        row = conn.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        with self.connect(role) as other:
            other.isolation_level, other.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
            other.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(row[0])))
            yield other

    @contextmanager
    def connect_any(self) -> Iterator[psycopg.Connection]:
        """A connection as whichever service role this home has a password of: for what every role may do."""
        present = [role for role in SERVICE_ROLES if (self.endpoint.secrets / role).exists()]
        if not present:
            raise NotMigratedError
        with self.connect(present[0]) as conn:
            yield conn

    @contextmanager
    def admin(self) -> Iterator[psycopg.Connection]:
        """The administrator's connection to this database, one transaction; for migration and its tests alone."""
        with self.endpoint.connect_administrator(self.endpoint.database) as conn:
            yield conn

    def url(self, role: str) -> str:
        """SQLAlchemy's URL for `role`, password included; for `airflow` it names Airflow's own database."""
        return self.endpoint.url(role)
