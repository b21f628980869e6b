"""Which schema this code stands on, and whether a database has it."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

import psycopg

from schemas.errors import MimamoriError

SCHEMA = files("schemas.sql").joinpath("schema.sql").read_bytes()
VERSION = hashlib.sha256(SCHEMA).hexdigest()  # one file until the first release: its digest is the version


class OldSchemaError(MimamoriError):
    """データベースの構造がこのプログラムの版と違います。"""


class WrongEnvironmentError(MimamoriError):
    """MIMAMORI_ENV がデータベースに記録された環境と違います。"""

    def __init__(self, *, asked: str, recorded: str) -> None:
        self.asked, self.recorded = asked, recorded
        super().__init__(
            f"MIMAMORI_ENV は {asked} ですが、このデータベースは {recorded} として作られました。"
            f"MIMAMORI_ENV={recorded} にするか、別の MIMAMORI_HOME を使ってください。"
        )


@dataclass(frozen=True)
class Migration:
    """The latest migration of a database and the environment it was made for."""

    version: str
    env: str
    catalogue: str


def latest_migration(conn: psycopg.Connection) -> Migration | None:
    """What the database says of itself; None where nothing was migrated yet."""
    known = conn.execute("SELECT to_regclass('platform.migration') IS NOT NULL").fetchone()
    if known is None or not known[0]:
        return None
    row = conn.execute(
        "SELECT version, env, catalogue FROM platform.migration, platform.home ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return None if row is None else Migration(*row)


def check_migration(found: Migration, *, env: str) -> None:
    """Refuse a database of another schema or another environment."""
    if found.version != VERSION:
        raise OldSchemaError(
            f"{OldSchemaError.__doc__}`mimamori migrate` を実行してください。最初の公開版までは移行手順がないため、"
            "それでも直らないときは新しい MIMAMORI_HOME で作り直してください。"
        )
    if found.env != env:
        raise WrongEnvironmentError(asked=env, recorded=found.env)
