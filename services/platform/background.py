"""A program of ours that runs on beside the commands: one of its name a home, found again and stopped by any command.

The program holds a lock on `$MIMAMORI_HOME/NAME.lock` as long as it lives and writes into that file who and where it is;
the kernel frees the lock of a killed one, so what the file says counts only while the lock is held.
"""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from schemas.errors import MimamoriError

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
LOCK_SECONDS = 2.0  # a command that looks whether the lock is held holds it for a moment itself


class AlreadyRunningError(MimamoriError):
    """すでに動いています。"""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} はすでに動いています。止めるときは mimamori down。")


class NotStartedError(MimamoriError):
    """起動できませんでした。"""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"{name} を起動できませんでした。{log} を確かめてください。")


@dataclass(frozen=True)
class Running:
    """A program that is up. port: where it listens on 127.0.0.1."""

    pid: int
    port: int


@contextmanager
def running(home: Path, name: str, port: int) -> Iterator[None]:
    """Be the one program of this name in this home, listening on `port`; raises AlreadyRunningError where there is one."""
    descriptor = os.open(_file(home, name), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, name)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(Running(os.getpid(), port))).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def find(home: Path, name: str) -> Running | None:
    """The program of this name that runs in this home."""
    try:
        descriptor = os.open(_file(home, name), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        written = os.pread(descriptor, 1000, 0)
        return Running(**json.loads(written)) if written else None
    else:
        return None
    finally:
        os.close(descriptor)


def start(home: Path, name: str, command: Sequence[str], *, detached: bool) -> subprocess.Popen[bytes]:
    """Start a program that calls `running`, and return once it is up. detached: it outlives the terminal.

    What it writes goes to `$MIMAMORI_HOME/NAME.log`. Raises NotStartedError where it ends, or is not up in time.
    """
    log = home / f"{name}.log"
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=detached
        )
    deadline = time.monotonic() + READY_SECONDS
    while (found := find(home, name)) is None or found.pid != process.pid:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise NotStartedError(name, log)
        time.sleep(0.05)
    return process


def stop(home: Path, name: str) -> bool:
    """Stop the program of this name, by force if it does not end by itself; False where none runs."""
    found = find(home, name)
    if found is None:
        return False
    for forcefully in (signal.SIGTERM, signal.SIGKILL):
        _signal(found.pid, forcefully)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if find(home, name) != found:
                return True
            time.sleep(0.05)
    raise MimamoriError(f"{name}（プロセス {found.pid}）を止められませんでした。")


def _file(home: Path, name: str) -> Path:
    return home / f"{name}.lock"


def _take(descriptor: int, name: str) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise AlreadyRunningError(name) from None
            time.sleep(0.05)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it ended by itself
