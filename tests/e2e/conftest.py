"""A home with an embedded server of its own, as an operator has it; and a browser."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, sync_playwright

from services.platform import postgres
from tests.operating import Operator, operator_of
from tests.scratch import scratch_folder

CLOCK = "fixed:2026-09-01T09:00+09:00"
MakeHome = Callable[[], Operator]
QUIET = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def make_home() -> Iterator[MakeHome]:
    """Makes homes of the demo, each with its own server; all are stopped and removed at the end."""
    with ExitStack() as stack:

        def make() -> Operator:
            folder = scratch_folder("mimamori-e2e-")
            stack.callback(shutil.rmtree, folder)
            home = folder / "home"
            stack.callback(postgres.stop, home)
            operator = operator_of({"MIMAMORI_ENV": "demo", "MIMAMORI_CLOCK": CLOCK}, home=home)
            operator.run("up", "--demo")
            return operator

        yield make


def _lacking(what: str) -> NoReturn:
    if os.environ.get("MIMAMORI_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{what} is missing and MIMAMORI_REQUIRE_BROWSER demands it")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the machine, with a font for what it shows."""
    chromium = shutil.which("chromium")
    if chromium is None:
        _lacking("chromium")
    fonts = subprocess.run(["fc-list", ":lang=ja"], capture_output=True, text=True, check=False).stdout
    if not fonts:
        _lacking("a Japanese font")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield launched
        launched.close()
