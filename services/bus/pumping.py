"""What both pumps do besides their work: they go on for ever, and wait where the world around them is not well."""

import time
from collections.abc import Callable
from threading import Event

import psycopg
import structlog

from schemas.errors import MimamoriError
from services.bus.errors import BrokerError

FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0  # seconds; each wait is twice the one before
log = structlog.get_logger("mimamori.bus")


def keep_on(work: Callable[[], None], stop: Event) -> None:
    """Call `work` again and again until told to stop; after an error of the broker or the database, wait longer each time.

    work: returns when `stop` is set; whatever it had not finished when it failed has to be undone by then
    Other errors are raised: they are ours.
    """
    wait = FIRST_WAIT
    while not stop.is_set():
        began = time.monotonic()
        try:
            work()
        except (BrokerError, MimamoriError, psycopg.OperationalError) as error:
            wait = FIRST_WAIT if time.monotonic() - began > LONGEST_WAIT else min(wait * 2, LONGEST_WAIT)
            log.error("waiting", seconds=wait, kind=type(error).__name__, why=_why(error))
            stop.wait(wait)


def _why(error: Exception) -> str:
    """Our own sentences; what the database says can quote a row."""
    return str(error) if isinstance(error, MimamoriError) else "データベースとの接続が切れました。"
