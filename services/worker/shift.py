"""Turn after turn over one connection: the share is renewed, and an event that cannot be judged is found by halving."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import psycopg
import structlog
from psycopg import Connection

from schemas.errors import MimamoriError, RefusedError
from services.gate import record_refusal
from services.intake.events import LOCK
from services.judgement.by_event import permit_for
from services.judgement.ground import Footing
from services.platform import inbox
from services.platform.catalogue import catalogue_digest, recorded_digest
from services.platform.database import Database
from services.platform.failpoint import fail_point
from services.platform.inbox import Waiting
from services.platform.lock import share
from services.platform.queries import queries
from services.rulesets import adopted
from services.worker.figures import Figures
from services.worker.turn import judge_waiting

MOST = 500  # events a turn: others that seal and log wait while their 速報 is written
RENEW_SECONDS = 5.0
CATALOGUE_SECONDS = 600.0  # between looks whether the database enforces what its migration recorded
AGES = ("1s", "10s", "1m", "10m", "older")
NO_DIGITS = str.maketrans("", "", "0123456789")  # of the class of an error, as the inbox keeps it
log = structlog.get_logger("mimamori.worker")


class ChangedCatalogueError(MimamoriError):
    """データベースの制約・関数・権限が、移行時の記録から変えられています。`mimamori log fsck` で確かめてください。"""


class OtherDatabaseError(MimamoriError):
    """データベースの形か権限が、このプログラムの版と合いません。移行の後は、新しい版で worker を起動し直してください。"""


@dataclass
class Shift:
    """One worker's work over one connection.

    holder:  its name among the workers, drawn at random; None = it takes no share of its own but what nobody has in hand
    """

    database: Database
    conn: Connection[Any]
    holder: str | None
    figures: Figures
    _footing: Footing = field(default_factory=Footing, init=False)
    _limit: int = field(default=MOST, init=False)
    _parts: Sequence[int] = field(default=(), init=False)
    _renewed: float = field(default=float("-inf"), init=False)
    _compared: float = field(default=float("-inf"), init=False)
    _linked: int = field(default=0, init=False)  # seal of the links that were looked at for numbers without a child
    _refused: list[tuple[str, str]] = field(default_factory=list, init=False)  # for what, as it is logged

    def turn(self) -> bool:
        """Judge the next events of this worker's share and commit; False where none waits.

        Where one of them cannot be judged fewer are taken from then on, until it fails alone and is put aside. What is no event's
        fault goes to the caller, the transaction rolled back: RefusedError, once it is logged, NoRunYetError, other errors of the
        home, errors of the connection.
        """
        self._renew()
        share(self.conn, LOCK)
        events = _severe_alone(inbox.waiting(self.conn, self._parts, limit=self._limit))
        if not events:
            self.conn.commit()
            return False
        began = time.monotonic()
        try:
            turn = judge_waiting(self.conn, self.database, self._footing, events)
            fail_point(self.database.settings, "after-marking-before-commit")
            self.conn.commit()
            fail_point(self.database.settings, "after-commit-of-turn")
        except RefusedError as refusal:
            self.conn.rollback()
            self._log_refusal(refusal.conditions)
            raise
        except (psycopg.OperationalError, MimamoriError):
            self.conn.rollback()
            raise
        except psycopg.ProgrammingError as error:  # no event brings it about, so none is put aside for it
            self.conn.rollback()
            raise OtherDatabaseError from error
        except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001  # whatever a row can bring about
            self.conn.rollback()
            self._narrow(events, type(error).__name__)
            return True
        self._limit, self._refused = min(MOST, self._limit * 2), []
        self.figures.count_turn(turn, seconds=time.monotonic() - began, now=self.database.clock.now())
        return True

    def _renew(self) -> None:
        """From time to time: keep a fair share of the inbox, and look around."""
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return
        self._compare()
        parts = range(inbox.PARTS) if self.holder is None else inbox.lease(self.conn, self.holder)
        self.conn.commit()
        self._renewed = time.monotonic()
        if self.holder is not None and len(parts) != len(self._parts):
            log.info("share of the inbox", parts=len(parts))
        self._parts = parts
        self._reopen()
        row = self.conn.execute(queries("services.worker")["ages"]).fetchone()
        self.conn.commit()
        assert row is not None
        self.figures.set_waiting(dict(zip(AGES, row, strict=True)))

    def _compare(self) -> None:
        """Raise ChangedCatalogueError where the database enforces something else than its newest migration left it to."""
        if time.monotonic() - self._compared < CATALOGUE_SECONDS:
            return
        changed = catalogue_digest(self.conn) != recorded_digest(self.conn)
        self.conn.rollback()
        if changed:
            raise ChangedCatalogueError
        self._compared = time.monotonic()

    def _reopen(self) -> None:
        """Let reports about numbers that have become a child's since wait to be judged like any other event."""
        sql = queries("services.worker")
        row = self.conn.execute(sql["newest_links"]).fetchone()
        assert row is not None
        if row[0] != self._linked:
            self.conn.execute(sql["reopen"], {"after": self._linked})
            self.conn.commit()
            self._linked = row[0]

    def _narrow(self, events: Sequence[Waiting], why: str) -> None:
        """Take half as many from now on, or put the one aside that fails alone."""
        if len(events) > 1:
            self._limit = len(events) // 2
            return
        inbox.failed(self.conn, events[0].id, why.translate(NO_DIGITS))
        self.conn.commit()
        self.figures.count_failed()
        log.error("event put aside", id=events[0].id, kind=why)

    def _log_refusal(self, conditions: list[tuple[str, str]]) -> None:
        """Once, and not at every try: in a transaction of its own."""
        if conditions != self._refused:
            rules = adopted(self.conn, self.database.clock.today())
            self.conn.commit()
            record_refusal(self.database, "worker", permit_for(rules), conditions)
            self._refused = conditions


def _severe_alone(events: Sequence[Waiting]) -> Sequence[Waiting]:
    """The severe ones, where there are any: they wait for no other to be judged beside them."""
    return [event for event in events if event.urgent] or events
