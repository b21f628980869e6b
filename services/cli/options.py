"""Options that several commands take."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import UsageError
from services.cli.session import open_database
from services.gate.people import Person, authenticate
from services.platform.database import Database
from services.platform.settings import JAPAN

KeyFile = Annotated[
    Path, typer.Option("--as", help="行為者の鍵ファイル（Ed25519 の PEM）。名前だけなら people/ から探します。")
]
Urgent = Annotated[
    str | None,
    typer.Option(
        "--emergency",
        help="緊急の理由（生命・身体・財産）。緊急時の承認に基づいて閲覧し、3日以内に別の職員が確認します。",
    ),
]
YEARS = range(1990, 2100)  # of a day that can be judged, or a moment that the city can have known
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="日付（例 2026-08-31）")]


def acting(keyfile: Path) -> tuple[Database, Person]:
    """The open database, and the person whose key this is."""
    database = open_database()
    return database, authenticate(database, find_key(database, keyfile))


def find_key(database: Database, keyfile: Path) -> Path:
    """The key file as named, or of that name among the home's people."""
    kept = database.settings.home / "people" / keyfile.name
    return kept if not keyfile.exists() and kept.exists() else keyfile


def judged_day(day: datetime) -> date:
    """The day of `--as-of`; one that nobody living is in scope on is refused."""
    _check_year(day, "--as-of")
    return day.date()


def moment(text: str | None) -> datetime | None:
    """A time: ISO with offset, without (Japan time), or a day, which means its end in Japan."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("日時は 2026-08-31 か 2026-08-31T09:00+09:00 の形で書いてください。") from error
    _check_year(read, "--known-at")
    if len(text) <= 10:
        read = read.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return read if read.tzinfo else read.replace(tzinfo=JAPAN)


def _check_year(read: datetime, option: str) -> None:
    if read.year not in YEARS:
        raise UsageError(f"{option} は{YEARS.start}年から{YEARS.stop - 1}年までで書いてください。")
