"""The page as a program: started once a home, found by other commands, stopped, brought back after a kill."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from services.platform import background
from services.platform.database import Database
from tests.factories_casework import settle

ROOT = Path(__file__).parents[2]
Command = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def mimamori(database: Database, environ: dict[str, str]) -> Iterator[Command]:
    """Runs a command: exit code, JSON document, standard error. Whatever page it left running is stopped at the end."""
    settle(database, [])

    def run(*arguments: str) -> tuple[int, dict[str, Any], str]:
        done = subprocess.run(
            [sys.executable, "-m", "services.cli.main", *arguments, "--json"],
            env=os.environ | environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=90,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    yield run
    background.stop(database.settings.home, "console")


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def test_the_page_runs_on_beside_the_commands(mimamori: Command, database: Database) -> None:
    home = database.settings.home
    code, started, _ = mimamori("console", "--background")
    assert code == 0
    (link,) = started["links"]
    assert link["person"] == "caseworker"
    assert link["url"].startswith(started["url"] + "enter/")
    assert _status(started["url"]) == 401

    code, again, _ = mimamori("console", "--background")
    assert (code, again["pid"], again["url"]) == (0, started["pid"], started["url"])
    assert again["links"] != started["links"]

    code, made, _ = mimamori("console", "link", "--as", "caseworker.pem")
    assert (code, made["person"]) == (0, "caseworker")
    code, refused, _ = mimamori("console", "link", "--as", "auditor.pem")
    assert (code, refused["conditions"][0]["code"]) == (3, "ROLE_NOT_HELD")

    assert (home / "console.log").stat().st_mode & 0o077 == 0
    assert "enter/" not in (home / "console.log").read_text()
    assert mimamori("down")[0] == 0
    assert background.find(home, "console") is None
    code, _, told = mimamori("console", "link", "--as", "caseworker.pem")
    assert (code, "mimamori console --background" in told) == (2, True)


def test_after_a_kill_it_starts_anew(mimamori: Command, database: Database) -> None:
    _, first, _ = mimamori("console", "--background")
    os.kill(first["pid"], signal.SIGKILL)
    code, second, _ = mimamori("console", "--background")
    assert code == 0
    assert second["pid"] != first["pid"]
    assert _status(second["url"]) == 401


def test_a_port_that_is_taken_is_said_to_be(mimamori: Command, database: Database) -> None:
    _, started, _ = mimamori("console", "--background")
    port = started["url"].rsplit(":", 1)[1].strip("/")
    code, _, told = mimamori("console", "--port", port)
    assert code == 1
    assert "console.log" in told
    assert background.find(database.settings.home, "console") is not None


def test_what_is_not_running_is_stopped_without_complaint(mimamori: Command) -> None:
    assert mimamori("down")[0] == 0
