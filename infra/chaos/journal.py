"""What the storm did, a JSON line for each act: when, to which process, and at which place of its program."""

import json
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path


class Journal:
    """Written to at once, so that it tells of a storm that was broken off too.

    counts: how often each act was done to each process or at each fail point
    """

    def __init__(self, path: Path) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._file, self._began = path.open("w", encoding="utf-8", buffering=1), time.monotonic()

    def write(self, act: str, process: str, *, pid: int | None = None, point: str | None = None) -> None:
        """Note an act. pid: None = of something without a process of its own; point: the named fail point, if it was at one."""
        self.counts[act, point or process] += 1
        line = {"act": act, "process": process, "pid": pid, "point": point}
        told = {name: value for name, value in line.items() if value is not None}
        seconds = round(time.monotonic() - self._began, 3)
        self._file.write(json.dumps({"at": datetime.now(UTC).isoformat(), "seconds": seconds, **told}) + "\n")

    def close(self) -> None:
        """Nothing more is written."""
        self._file.close()
