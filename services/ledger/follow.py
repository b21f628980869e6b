"""Publishes again and again while the log grows, so that an entry can be proved within a second."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from models.tlog.checkpoint import Checkpoint
from services.ledger.checkpoint import publish
from services.ledger.tree import log_size
from services.platform import background
from services.platform.database import Database

NAME = "checkpoint"  # among the home's programs that run on
POLL_SECONDS = 0.2


def follow(database: Database, stop: threading.Event) -> Checkpoint:
    """Publish now and whenever the log has grown, until `stop`; the last checkpoint.

    The first one hashes every entry again. Ends with the error where nothing may be signed or the database is gone: whoever
    started it starts it again. Raises AlreadyRunningError where the home is followed already.
    """
    with background.running(database.settings.home, NAME, 0), database.connect("ledger") as conn:
        conn.autocommit = True
        last = publish(database, whole=True)
        while not stop.wait(POLL_SECONDS):
            if log_size(conn) > last.size:
                last = publish(database)
        if log_size(conn) > last.size:
            last = publish(database)
    return last


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """An event that SIGTERM or SIGINT sets; afterwards they mean again what they meant."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
