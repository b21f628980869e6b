"""Where the database is and how each role gets in: the embedded server's socket, or the operator's own URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from schemas.errors import MimamoriError, UsageError
from services.platform import postgres
from services.platform.settings import Settings

DATABASE = "mimamori"
AIRFLOW_DATABASE = "airflow"
ADMINISTRATOR = "postgres"  # of the embedded server; known by its operating-system user
MAINTENANCE_DATABASE = "postgres"

Parameters = Mapping[str, str]


class DatabaseUnreachableError(MimamoriError):
    """データベースに接続できません。接続先と、サーバーが動いているかを確かめてください。"""


class NotMigratedError(MimamoriError):
    """データベースがまだありません。先に `mimamori migrate` を実行してください。"""


@dataclass(frozen=True)
class Endpoint:
    """One database server.

    server:        libpq parameters without user, password and database
    database:      name of the database of the service
    administrator: libpq parameters of migrate's own connection; None where MIMAMORI_ADMIN_URL is not set
    secrets:       folder that holds each role's password
    """

    server: Parameters
    database: str
    administrator: Parameters | None
    secrets: Path

    @classmethod
    def of(cls, settings: Settings, *, create: bool = False) -> "Endpoint":
        """The endpoint the settings name; the embedded server is started. create: make it where there is none yet."""
        secrets = settings.home / "secrets"
        if settings.database_url is not None:
            return _external(settings, secrets)
        if not create and not postgres.exists(settings.home):
            raise NotMigratedError
        socket = {"host": str(postgres.ensure_running(settings.home).socket_dir)}
        administrator = socket | {"user": ADMINISTRATOR, "dbname": MAINTENANCE_DATABASE}
        return cls(socket, DATABASE, administrator, secrets)

    def connect(self, role: str, *, options: str = "") -> psycopg.Connection:
        """A connection of `role` by its password. options: libpq `options`, for instance `-c name=value`."""
        return self._open(
            dict(self.server) | {"user": role, "password": self.password(role), "dbname": self._database_of(role)},
            options=options,
        )

    def connect_administrator(self, database: str | None = None, *, autocommit: bool = False) -> psycopg.Connection:
        """migrate's connection. database: None = the administrator's own (maintenance) database."""
        if self.administrator is None:
            raise UsageError("MIMAMORI_ADMIN_URL に、ロールとデータベースを作れる管理者の接続先を設定してください。")
        chosen = {} if database is None else {"dbname": database}
        return self._open(dict(self.administrator) | chosen, autocommit=autocommit)

    def password(self, role: str) -> str:
        """The role's password from the home; its absence means that migrate has not run here."""
        try:
            return (self.secrets / role).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise NotMigratedError(
                f"{self.secrets / role} がありません。先に `mimamori migrate` を実行してください。"
            ) from None
        except PermissionError:
            raise MimamoriError(
                f"{self.secrets / role} を読めません。ホームの持ち主のOSユーザーで実行してください。"
            ) from None

    def url(self, role: str) -> str:
        """SQLAlchemy's URL for `role`, password included: for Airflow's settings, never for a log."""
        login = f"{quote(role, safe='')}:{quote(self.password(role), safe='')}"
        return f"postgresql+psycopg://{login}@/{quote(self._database_of(role))}?{urlencode(self.server)}"

    def _database_of(self, role: str) -> str:
        return AIRFLOW_DATABASE if role == "airflow" else self.database

    def _open(self, parameters: dict[str, str], *, options: str = "", autocommit: bool = False) -> psycopg.Connection:
        given = f"{parameters.pop('options', '')} {options}".strip()
        try:
            return psycopg.connect(**parameters, options=given, autocommit=autocommit)  # type: ignore[arg-type]  # libpq's own words
        except psycopg.OperationalError as error:
            raise DatabaseUnreachableError(f"{DatabaseUnreachableError.__doc__} ({_reason(error)})") from error


def _external(settings: Settings, secrets: Path) -> Endpoint:
    server = _parse("MIMAMORI_DATABASE_URL", settings.database_url or "")
    database = server.pop("dbname", DATABASE)
    for login in ("user", "password"):  # the URL gives host and database; roles and passwords are the home's
        server.pop(login, None)
    if settings.admin_url is None:
        return Endpoint(server, database, None, secrets)
    administrator = _parse("MIMAMORI_ADMIN_URL", settings.admin_url)
    return Endpoint(server, database, {"dbname": MAINTENANCE_DATABASE} | administrator, secrets)


def _parse(variable: str, url: str) -> dict[str, str]:
    """libpq parameters of a URL; SQLAlchemy's spelling `postgresql+psycopg://` is taken too."""
    try:
        found = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    except psycopg.ProgrammingError:
        raise UsageError(f"{variable} を postgresql://ホスト/データベース の形で書いてください。") from None
    return {name: str(value) for name, value in found.items() if value is not None}


def _reason(error: psycopg.OperationalError) -> str:
    """The last line of libpq's message: it names host, role and cause, never a password."""
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__
