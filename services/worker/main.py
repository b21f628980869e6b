"""Works until told to stop: reconnects where the database went away, waits where it may not judge, and says why."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import structlog
from psycopg import Connection

from schemas.errors import MimamoriError
from services.judgement.by_event import OvertakenError
from services.platform import inbox
from services.platform.database import Database
from services.platform.endpoint import DatabaseUnreachableError
from services.worker.figures import Totals
from services.worker.shift import Shift
from services.worker.watch import Watch

IDLE_SECONDS = 0.5  # between looks at the inbox where nobody announces an event; a stop is heard as late
BLOCKED_SECONDS = (
    5.0  # between tries where the gate refuses, or no run is there to stand on, or the home is not in order
)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before the next try to connect; doubled each time
GONE = (psycopg.OperationalError, DatabaseUnreachableError)
log = structlog.get_logger("mimamori.worker")


def work(database: Database, stop: threading.Event, *, once: bool = False, watch: Watch | None = None) -> Totals:
    """Judge events as they come, until `stop`; the turn under way is ended first, and the share given back.

    once: end when nothing waits any more, whoever's share it is in; what would otherwise be waited out goes to the caller:
          RefusedError, NoRunYetError, other errors of the home, and those of the connection
    """
    watch = watch or Watch()
    holder, pause = None if once else secrets.token_hex(8), FIRST_PAUSE
    while not stop.is_set():
        try:
            with _shift(database, holder, watch) as (shift, ears):
                pause = FIRST_PAUSE
                _serve(shift, ears, stop, once=once, watch=watch)
            break
        except GONE as error:
            if once:
                raise
            _waits(watch, "データベースに接続できません。", kind=type(error).__name__)
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
    return watch.figures.totals


@contextmanager
def _shift(database: Database, holder: str | None, watch: Watch) -> Iterator[tuple[Shift, Connection]]:
    """A connection to work on, and one that hears of new events; the share is given back at the end."""
    with database.connect("worker") as ears, database.connect("worker") as conn:
        ears.autocommit = True
        inbox.listen(ears)
        conn.prepare_threshold = 0  # the same statements, turn after turn: each is planned once, for any numbers
        conn.execute("SET plan_cache_mode = force_generic_plan")
        conn.commit()
        try:
            yield Shift(database, conn, holder, watch.figures), ears
        finally:
            with suppress(psycopg.OperationalError):  # then it runs out by itself
                conn.rollback()
                if holder is not None:
                    inbox.release(conn, holder)
                    conn.commit()


def _serve(shift: Shift, ears: Connection, stop: threading.Event, *, once: bool, watch: Watch) -> None:
    while not stop.is_set():
        try:
            more = shift.turn()
        except (psycopg.errors.DeadlockDetected, OvertakenError):
            continue  # a move brought two workers into a circle, or a child was suspended meanwhile: once more
        except MimamoriError as error:
            if once:
                raise
            _waits(watch, str(error), kind=type(error).__name__)
            stop.wait(BLOCKED_SECONDS)
            continue
        watch.working()
        if not more:
            if once:
                return
            inbox.heard(ears, seconds=IDLE_SECONDS)


def _waits(watch: Watch, why: str, *, kind: str) -> None:
    """Say why, once: whatever is waited for, the events wait too."""
    if watch.waiting(why):
        log.warning("waiting", kind=kind)
