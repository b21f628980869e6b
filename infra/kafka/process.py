"""A broker's process: known across programs by its pid, its start and the machine's, so that no other is ever ended."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.kafka.errors import BrokerDiedError, BrokerSilentError
from infra.procfs import BOOT_ID, Process, read_process
from services.platform.files import replace

START_SECONDS = 120.0  # recovery after a kill reads the segments that were open
STOP_SECONDS = 30.0
UP = "Kafka Server started"  # what KafkaRaftServer logs once controller and broker are ready for requests


@dataclass(frozen=True)
class _Identity:
    boot: str
    pid: int
    started: int

    @classmethod
    def of(cls, process: Process) -> "_Identity":
        return cls(BOOT_ID.read_text().strip(), process.pid, process.started)


class BrokerProcess:
    """The one process over a broker's folder, which also holds its log and who it is."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "broker.log"
        self._register = folder / "process.json"
        self._child: subprocess.Popen[bytes] | None = None

    def pid(self) -> int | None:
        """The process's number; None where none runs."""
        try:
            noted = _Identity(**json.loads(self._register.read_text()))
        except FileNotFoundError:
            return None
        process = read_process(noted.pid)
        lives = process is not None and process.state != "Z" and _Identity.of(process) == noted
        return noted.pid if lives else None

    def launch(self, command: Sequence[str]) -> None:
        """Start it; it outlives this program. Nothing happens where it runs already."""
        if self.pid() is not None:
            return
        self._bury()
        with self.log.open("wb") as log:
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        process = read_process(self._child.pid)
        if process is None:
            raise BrokerDiedError(self.log)
        replace(self._register, json.dumps(asdict(_Identity.of(process))).encode(), lasting=False)

    def await_up(self) -> None:
        """Return once it takes requests; raises BrokerDiedError or BrokerSilentError."""
        deadline = time.monotonic() + START_SECONDS
        while UP not in self.log.read_text("utf-8", errors="replace"):
            if self.pid() is None:
                raise BrokerDiedError(self.log)
            if time.monotonic() > deadline:
                raise BrokerSilentError(self.log, seconds=START_SECONDS)
            time.sleep(0.05)

    def stop(self) -> None:
        """Let it close its files and end; kill it after STOP_SECONDS. Nothing happens where none runs."""
        if not self._end(signal.SIGTERM):
            self.kill()

    def kill(self) -> None:
        """SIGKILL it and see it gone. Nothing happens where none runs."""
        if not self._end(signal.SIGKILL):
            raise BrokerSilentError(self.log, seconds=STOP_SECONDS)

    def _end(self, number: signal.Signals) -> bool:
        """Send a signal; whether the process is gone then."""
        deadline = time.monotonic() + STOP_SECONDS
        if (pid := self.pid()) is not None:
            os.kill(pid, number)
        while self.pid() is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        self._bury()
        return True

    def _bury(self) -> None:
        """Take leave of an ended child of this program, which is a zombie until then."""
        if self._child is not None:
            self._child.wait()
            self._child = None
