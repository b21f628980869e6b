"""Workers that are killed at a named place; each begins as a process without a thread of Polars' to lose."""

import multiprocessing
import signal
from dataclasses import replace

from services.platform.database import Database
from services.platform.settings import Settings
from tests.events import once

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.dying"])


def killed_worker(settings: Settings, place: str) -> None:
    """Run a worker until it passes `place` (services.platform.failpoint) for the first time, and kill it there."""
    process = _SERVER.Process(target=_work, args=(replace(settings, fail_at=f"{place}:1"),))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, place


def _work(settings: Settings) -> None:
    once(Database.open(settings))
