"""What one load remembers from file to file, so that it is read from the database once."""

from typing import Any

import polars as pl
from psycopg import Connection

from schemas.feeds.contract import Contract
from services.intake.ages import Ages
from services.intake.keyring import Keyring
from services.intake.versions import Versions, read_stored
from services.platform.queries import queries

CHANGES_AGES = frozenset({"resident", "oneroster_map"})


class Memory:
    """Keys of numbers, ages of persons, and the stored versions of the feed that is being loaded.

    Only one load of files runs at a time, but events come in beside it: it is asked under the feed's lock, and what an event
    brought since is read anew.
    """

    def __init__(self) -> None:
        self.keyring = Keyring()
        self.ages = Ages()
        self.records: pl.Series | None = None
        self._feed: str | None = None
        self._stored: pl.DataFrame | None = None
        self._batches: set[int | None] = set()  # the newest that `_stored` holds, and those of this load since

    def stored(self, conn: Connection[Any], contract: Contract) -> pl.DataFrame:
        """The feed's stored versions; those of another feed are let go."""
        newest = _newest(conn, contract)
        if self._feed != contract.feed or self._stored is None or newest not in self._batches:
            self._feed, self._stored, self._batches = contract.feed, read_stored(conn, contract), {newest}
        return self._stored

    def committed(self, contract: Contract, batch: int, versions: Versions, *, tombstones: bool) -> None:
        """A file is stored: remember what it brought. After tombstones, and of a reference file, read anew."""
        self._stored = None if tombstones or contract.reference else versions.with_new(batch)
        self._batches.add(batch)
        if contract.feed in CHANGES_AGES:
            self.ages.forget()

    def undone(self) -> None:
        """A file's transaction was rolled back: keys that it gave are not stored."""
        self.keyring.forget()


class Glance(Memory):
    """For a few rows: nothing is read but what is asked for. records: RECORD of all these rows; keyring: a narrow one."""

    def __init__(self, records: pl.Series, keyring: Keyring) -> None:
        super().__init__()
        self.keyring, self.ages, self.records = keyring, Ages(narrow=True), records

    def stored(self, conn: Connection[Any], contract: Contract) -> pl.DataFrame:
        """Every version of these records."""
        return read_stored(conn, contract, self.records)


def _newest(conn: Connection[Any], contract: Contract) -> int | None:
    row = conn.execute(queries("services.intake")["newest_of_feed"], {"feed": contract.feed}).fetchone()
    assert row is not None
    return None if row[0] is None else int(row[0])
