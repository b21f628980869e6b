"""What one load remembers from file to file, so that it is read from the database once. Only one load runs at a time."""

from typing import Any

import polars as pl
from psycopg import Connection

from schemas.feeds.contract import Contract
from services.intake.ages import Ages
from services.intake.keyring import Keyring
from services.intake.versions import Versions, read_stored

CHANGES_AGES = frozenset({"resident", "oneroster_map"})


class Memory:
    """Keys of numbers, ages of persons, and the stored versions of the feed that is being loaded."""

    def __init__(self) -> None:
        self.keyring = Keyring()
        self.ages = Ages()
        self._feed: str | None = None
        self._stored: pl.DataFrame | None = None

    def stored(self, conn: Connection[Any], contract: Contract) -> pl.DataFrame:
        """The feed's stored versions; those of another feed are let go."""
        if self._feed != contract.feed or self._stored is None:
            self._feed, self._stored = contract.feed, read_stored(conn, contract)
        return self._stored

    def committed(self, contract: Contract, batch: int, versions: Versions, *, tombstones: bool) -> None:
        """A file is stored: remember what it brought. After tombstones, and of a reference file, read anew."""
        self._stored = None if tombstones or contract.reference else versions.with_new(batch)
        if contract.feed in CHANGES_AGES:
            self.ages.forget()

    def undone(self) -> None:
        """A file's transaction was rolled back: keys that it gave are not stored."""
        self.keyring.forget()
