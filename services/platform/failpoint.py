"""Named places at which a test lets a process be killed: `MIMAMORI_FAIL_AT=NAME:N` ends it at the N-th passing."""

import os
import signal
from collections import Counter

from services.platform.settings import Settings

_passed: Counter[str] = Counter()


def fail_point(settings: Settings, name: str) -> None:
    """Pass this place; SIGKILL this process where a test has asked for just that. Nothing happens outside of tests."""
    if settings.env != "test" or settings.fail_at is None:
        return
    _passed[name] += 1
    if settings.fail_at == f"{name}:{_passed[name]}":
        os.kill(os.getpid(), signal.SIGKILL)
