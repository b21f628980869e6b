"""The processes of the event path: each is started again whenever it has ended, as a city's service manager would do it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from infra.chaos.journal import Journal
from infra.chaos.plan import Kind, Points
from infra.procfs import read_process

ROOT = Path(__file__).resolve().parents[2]  # the producer is a module of the source tree
AGAIN_SECONDS = 0.5  # after which a program that ended by itself is started again
STOP_SECONDS = 60
FAULTS = ("Traceback (most recent call last)", "予期しない誤り")  # of a program that stopped without knowing why


class Program:
    """A program of ours. Started with a fail point where one is left for its kind, so that it dies there by its own hand."""

    def __init__(
        self, name: str, command: Sequence[str | Path], environ: Mapping[str, str], *, log: Path, journal: Journal
    ) -> None:
        self.name = name
        self.log = log
        self._command, self._environ, self._journal = command, environ, journal
        self._process: subprocess.Popen[bytes] | None = None
        self._point: str | None = None
        self._not_before = 0.0

    @property
    def up(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def tend(self, points: Points, kind: Kind | None) -> bool:
        """Start it where it does not run; whether it has died at its fail point since. kind: None = it passes none"""
        reached = False
        if self._process is not None and not self.up:
            reached = self._bury(points)
        if self._process is None and time.monotonic() >= self._not_before:
            self._start(points.take(kind) if kind else None)
        return reached

    def strike(self, points: Points) -> bool:
        """SIGKILL it; False where it had just ended by itself."""
        if self._process is None or not self.up:
            return False
        self._process.kill()
        self._process.wait()
        self._journal.write("killed", self.name, pid=self._process.pid)
        self._leave(points, reached=False)
        return True

    def stop(self) -> int | None:
        """Tell it to end, and how it did: its exit code, by a signal less than 0; None where it did not run."""
        if self._process is None:
            return None
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        process = self._process
        self.end()  # one that did not listen
        return process.returncode

    def end(self) -> None:
        """Kill it without a word, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def faults(self) -> list[str]:
        """What its log tells that no storm excuses."""
        text = self.log.read_text("utf-8", errors="replace") if self.log.exists() else ""
        return [f"{self.name}: {fault}" for fault in FAULTS if fault in text]

    def _start(self, point: tuple[str, int] | None) -> None:
        self._point = point[0] if point else None
        dying = {"MIMAMORI_FAIL_AT": f"{point[0]}:{point[1]}"} if point else {}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*map(str, self._command)], env={**self._environ, **dying}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd=ROOT,
            )  # fmt: skip
        self._journal.write("started", self.name, pid=self._process.pid, point=self._point)

    def _bury(self, points: Points) -> bool:
        """Note how it ended by itself; whether it was at its fail point."""
        assert self._process is not None
        reached = self._process.returncode == -signal.SIGKILL and self._point is not None
        act = "killed at a fail point" if reached else f"ended with {self._process.returncode}"
        self._journal.write(act, self.name, pid=self._process.pid, point=self._point)
        self._not_before = time.monotonic() + (0 if reached else AGAIN_SECONDS)
        self._leave(points, reached=reached)
        return reached

    def _leave(self, points: Points, *, reached: bool) -> None:
        if self._point is not None:
            points.give_back(self._point, reached=reached)
        self._process = self._point = None


class Server:
    """The database server or a broker: killed as one process, brought back in the background.

    pid:   of the process to be killed; None where none runs
    start: brings it back and returns once it is there
    """

    def __init__(
        self,
        name: str,
        pid: Callable[[], int | None],
        start: Callable[[], object],
        *,
        journal: Journal,
    ) -> None:
        self.name = name
        self._pid, self._start, self._journal = pid, start, journal
        self._starter = ThreadPoolExecutor(1)
        self._coming: Future[object] | None = None

    def look(self) -> bool:
        """Whether it runs, as far as we know; raises what went wrong when it was brought back."""
        if self._coming is not None and self._coming.done():
            self._coming.result()
            self._coming = None
            self._journal.write("started", self.name, pid=self._pid())
        return self._coming is None

    def strike(self) -> None:
        """SIGKILL it, and have it brought back."""
        pid = self._pid()
        if pid is None:
            raise RuntimeError(f"{self.name} ended by itself")
        os.kill(pid, signal.SIGKILL)
        while (process := read_process(pid)) is not None and process.state != "Z":
            time.sleep(0.01)
        self._journal.write("killed", self.name, pid=pid)
        self._coming = self._starter.submit(self._start)

    def wait(self) -> None:
        """Until it is back."""
        if self._coming is not None:
            self._coming.result()
