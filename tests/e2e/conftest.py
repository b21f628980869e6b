"""A home with an embedded server of its own, as an operator has it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from services.platform import postgres
from tests.operating import Operator, operator_of

CLOCK = "fixed:2026-09-01T09:00+09:00"
MakeHome = Callable[[], Operator]


@pytest.fixture(scope="session")
def make_home() -> Iterator[MakeHome]:
    """Makes homes of the demo, each with its own server; all are stopped and removed at the end."""
    with ExitStack() as stack:

        def make() -> Operator:
            # Not pytest's own folder: the server's user must be able to enter it where the tests run as root.
            folder = Path(tempfile.mkdtemp(prefix="mimamori-e2e-"))
            folder.chmod(0o755)
            stack.callback(shutil.rmtree, folder)
            home = folder / "home"
            stack.callback(postgres.stop, home)
            operator = operator_of({"MIMAMORI_ENV": "demo", "MIMAMORI_CLOCK": CLOCK}, home=home)
            operator.run("up", "--demo")
            return operator

        yield make
