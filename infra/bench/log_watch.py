"""How long after its commit an entry can be proved: two sizes of the log, looked at again and again."""

import threading
import time
from collections.abc import Sequence
from typing import Any, Self

from psycopg import Connection

from services.ledger import folder as public
from services.platform.database import Database

SAMPLE_SECONDS = 0.01
MAX_WAIT_SECONDS = 30  # for the last entry to be provable


class Watch:
    """Notes, every 10 ms, how many entries are committed and how many the published checkpoint covers."""

    def __init__(self, database: Database) -> None:
        self._database, self.counted = database, 0
        self._committed: list[tuple[float, int]] = []
        self._provable: list[tuple[float, int]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def count(self, alerts: int) -> None:
        """So many alerts were published."""
        self.counted = alerts

    def wait(self) -> None:
        """Until all that is committed by now can be proved; raises TimeoutError where it does not come to that."""
        with self._database.connect("auditor") as conn:
            size = _size(conn)
        until = time.monotonic() + MAX_WAIT_SECONDS
        while not (self._provable and self._provable[-1][1] >= size):
            if time.monotonic() > until:
                raise TimeoutError("the log was not published")
            time.sleep(SAMPLE_SECONDS)

    def delays(self) -> dict[str, object]:
        """Seconds from an entry's commit until a checkpoint covers it, over every growth that was seen."""
        seen = [(when, size) for n, (when, size) in enumerate(self._committed[1:]) if size > self._committed[n][1]]
        delays = [next(at for at, covered in self._provable if covered >= size) - when for when, size in seen]
        return {
            "p50_seconds": round(quantile(delays, 0.5), 3),
            "max_seconds": round(max(delays), 3),
            "sampled_every_seconds": SAMPLE_SECONDS,
        }

    def _run(self) -> None:
        checkpoint = public.of_home(self._database.settings.home) / public.CHECKPOINT
        with self._database.connect("auditor") as conn:
            conn.autocommit = True
            while not self._ended.wait(SAMPLE_SECONDS):
                self._committed.append((time.monotonic(), _size(conn)))
                covered = int(checkpoint.read_text().split("\n")[1])
                self._provable.append((time.monotonic(), covered))


def _size(conn: Connection[Any]) -> int:
    return int(conn.execute("SELECT size FROM ledger.head").fetchall()[0][0])


def quantile(values: Sequence[float], part: float) -> float:
    """The value that this part of the values (0 to 1) stays below."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]
