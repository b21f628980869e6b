"""One command under measurement: how long it took, and the most memory it and the database server held together."""

import json
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.procfs import living, memory

SAMPLE_SECONDS = 0.1


@dataclass(frozen=True)
class Measured:
    """What a command answered (its JSON document), the seconds it took and the peak memory in MiB."""

    answer: dict[str, Any]
    seconds: float
    peak_mib: float


class StageFailedError(Exception):
    """A measured command failed; its own message went to standard error."""


def measure(command: Sequence[str | Path], *, home: Path, environment: Mapping[str, str]) -> Measured:
    """Run a command that prints one JSON document. home: whose embedded server counts too."""
    began = time.monotonic()
    with subprocess.Popen(
        command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        peak = _PeakMemory(process.pid, home)
        output, _ = process.communicate()
    seconds = time.monotonic() - began
    peak_kib = peak.stop()
    if process.returncode != 0:
        raise StageFailedError(f"{' '.join(map(str, command))}: exit {process.returncode}")
    return Measured(json.loads(output), seconds, peak_kib / 1024)


class _PeakMemory:
    """Looks at the memory in a thread of its own until stopped."""

    def __init__(self, session: int, home: Path) -> None:
        self._session, self._home, self._peak = session, home, 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> int:
        """End the watch; the peak in KiB."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            server = _postmaster(self._home)
            ours = (one.pid for one in living() if self._session == one.session or server in (one.pid, one.parent))
            self._peak = max(self._peak, sum(memory(pid) for pid in ours))


def _postmaster(home: Path) -> int | None:
    """The process of the home's embedded server; None where it does not run."""
    try:
        return int((home / "postgres" / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
