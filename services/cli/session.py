"""What every entry point begins with."""

from pathlib import Path

from schemas.errors import UsageError
from services.platform.database import Database
from services.platform.settings import Settings


class NoFeedsFolderError(UsageError):
    """MIMAMORI_FEEDS が設定されていません。定期取込で読むフォルダーを設定してください。"""


def open_database() -> Database:
    """Open the database that the environment names."""
    return Database.open(Settings.from_environment())


def scheduled_feeds(settings: Settings) -> Path:
    """The folder that scheduled loads read; refused where none is set."""
    if settings.feeds is None:
        raise NoFeedsFolderError
    return settings.feeds
