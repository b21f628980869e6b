"""Processes by session and by parent, read from /proc.

Airflow's tasks leave the process group of the scheduler that forked them, but never its session: only the session finds
all that a started process has left behind.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
BOOT_ID = PROC / "sys/kernel/random/boot_id"  # another after each start of the machine, when pids and ticks start anew


@dataclass(frozen=True)
class Process:
    """One row of /proc; `started` is in clock ticks since boot."""

    pid: int
    state: str
    parent: int
    session: int
    started: int


def read_process(pid: int) -> Process | None:
    """Read one process; None when there is none (any more)."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return Process(pid, state=fields[0], parent=int(fields[1]), session=int(fields[3]), started=int(fields[19]))


def living() -> list[Process]:
    """Every process but zombies, which have nothing left to stop."""
    pids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return [process for pid in pids if (process := read_process(pid)) and process.state != "Z"]


def session_members(session: int) -> list[Process]:
    """The living processes of a session."""
    return [process for process in living() if process.session == session]


def memory(pid: int) -> int:
    """The process's share of memory in KiB (PSS: what several share is divided among them); 0 when it has ended."""
    try:
        rollup = (PROC / str(pid) / "smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


def kill_session(session: int, *, patience: float = 5.0) -> None:
    """Kill every process of a session, and those forked meanwhile; give up after `patience` seconds."""
    deadline = time.monotonic() + patience
    while (members := session_members(session)) and time.monotonic() < deadline:
        for member in members:
            try:
                os.kill(member.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue  # ended by itself
        time.sleep(0.05)
