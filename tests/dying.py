"""Processes of a worker that are killed at a named place in the code; each begins without a thread of Polars' to lose."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from importlib import import_module
from typing import Any
from unittest.mock import patch

from services.platform.database import Database
from services.platform.settings import Settings
from tests.events import once

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.dying"])


def killed_worker(settings: Settings, place: str, *, after: bool = False) -> None:
    """Run a worker until it reaches `place` (module:name or module:class.name) and kill it there. after: once that is done"""
    process = _SERVER.Process(target=_work, args=(settings, place, after))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, place


def _work(settings: Settings, place: str, after: bool) -> None:
    module, _, name = place.partition(":")
    owner: Any = import_module(module)
    for part in name.split(".")[:-1]:
        owner = getattr(owner, part)
    name = name.rpartition(".")[2]
    with patch.object(owner, name, _dying(getattr(owner, name) if after else None)):
        once(Database.open(settings))


def _dying(first: Callable[..., Any] | None) -> Callable[..., None]:
    def die(*args: Any, **named: Any) -> None:
        if first is not None:
            first(*args, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return die
