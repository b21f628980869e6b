"""Airflow's three processes: started together, watched, stopped with everything they forked."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from infra.airflow.errors import ComponentDiedError
from infra.procfs import BOOT_ID, kill_session, read_process

COMPONENTS = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),  # else it serves task logs to the whole network
    "dag-processor": ("dag-processor",),
}
STOP_SECONDS = 10.0  # then whatever is left is killed


class Fleet:
    """The processes of one AIRFLOW_HOME; a context: whatever happens inside, they are gone afterwards.

    commands: what to start, by name
    home:     holds the processes' logs, and the register of their sessions
    """

    def __init__(self, commands: Mapping[str, tuple[str, ...]], *, home: Path, environment: Mapping[str, str]) -> None:
        self._commands, self._home, self._environment = commands, home, environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            for name in self._commands:
                self._start(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            self._stop()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)  # a second Ctrl-C is heard only now

    def check(self) -> None:
        """Raise if a process has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ComponentDiedError(name, self._log(name))

    def _stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while any(process.poll() is None for process in self._running.values()) and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in self._running.values():
            kill_session(process.pid)
            process.wait()
        _register(self._home).unlink(missing_ok=True)

    def _start(self, name: str) -> None:
        with self._log(name).open("wb") as log:
            self._running[name] = subprocess.Popen(
                self._commands[name],
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._note_sessions()

    def _note_sessions(self) -> None:
        """Note each session's leader, for the next start to find should this process be killed."""
        leaders = [read_process(process.pid) for process in self._running.values()]
        sessions = [(leader.pid, leader.started) for leader in leaders if leader]
        part = _register(self._home).with_suffix(".part")
        part.write_text(json.dumps({"boot": BOOT_ID.read_text(), "sessions": sessions}))
        part.replace(_register(self._home))

    def _log(self, name: str) -> Path:
        return self._home / f"{name}.log"


def airflow_commands() -> dict[str, tuple[str, ...]]:
    """The command of each of Airflow's processes, under this very Python."""
    return {name: (sys.executable, "-m", "airflow", *arguments) for name, arguments in COMPONENTS.items()}


def end_survivors(home: Path) -> None:
    """Kill what an earlier fleet of this home left behind because its supervisor was killed itself.

    A session that has another leader by now is not ours any more, nor is any after a restart of the machine.
    """
    register = _register(home)
    if not register.exists():
        return
    noted = json.loads(register.read_text())
    if noted["boot"] == BOOT_ID.read_text():
        for session, started in noted["sessions"]:
            leader = read_process(session)
            if leader is None or leader.started == started:
                kill_session(session)
    register.unlink()


def _register(home: Path) -> Path:
    return home / "processes.json"
