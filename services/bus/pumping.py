"""What both pumps do besides their work: they go on for ever, and wait where the world around them is not well."""

from collections.abc import Callable
from threading import Event

import psycopg
import structlog

from schemas.errors import MimamoriError

FIRST_WAIT, LONGEST_WAIT = 0.5, 5.0  # seconds; each wait is twice the one before
GONE = (psycopg.OperationalError, psycopg.InterfaceError)
log = structlog.get_logger("mimamori.bus")


def keep_on(work: Callable[[Callable[[], None]], None], stop: Event) -> None:
    """Call `work` again and again until told to stop; after an error of the broker or the database, wait longer each time.

    work: returns when `stop` is set, and calls what it is given whenever something was brought to its end; whatever it had not
          finished when it failed has to be undone by then
    Other errors are raised: they are ours. Why it waits is said once, not at each attempt.
    """
    wait, said = FIRST_WAIT, ""

    def well() -> None:
        nonlocal wait, said
        wait, said = FIRST_WAIT, ""

    while not stop.is_set():
        try:
            work(well)
        except (MimamoriError, *GONE) as error:
            why = _why(error)
            if why != said:
                log.error("waiting", kind=type(error).__name__, why=why)
            said = why
            stop.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT)


def _why(error: Exception) -> str:
    """Our own sentences; what the database says can quote a row."""
    return str(error) if isinstance(error, MimamoriError) else "データベースとの接続が切れました。"
