"""`mimamori queue`: the JSON that checks from outside read, and the exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.platform.database import Database
from tests.factories_casework import Child, Judged, alert_of, judge, load, publish, reason, settle

ROOT = Path(__file__).parents[2]
Command = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def mimamori(environ: dict[str, str]) -> Command:
    """Runs a command: exit code, JSON document, standard error."""

    def run(*arguments: str) -> tuple[int, dict[str, Any], str]:
        done = subprocess.run(
            [sys.executable, "-m", "services.cli.main", "queue", *arguments, "--json"],
            env=os.environ | environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    return run


@pytest.fixture
def child(database: Database) -> Child:
    """One candidate in the queue."""
    found = Child()
    settle(database, [found])
    batch = load(database, "seikatsu_hogo", "hogo.csv")
    judge(database, [Judged(found, reasons=[reason("E3_HOGO", (batch, 12), day="2024-05-01")])])
    publish(database)
    return found


def test_list_act_and_show(mimamori: Command, database: Database, child: Child) -> None:
    code, listed, _ = mimamori("list", "--as", "caseworker.pem")
    assert code == 0
    (item,) = listed["items"]
    assert item == item | {
        "alert": alert_of(database, child),
        "child_id": str(child.child_id),
        "category": "重点支援Ⅰ",
        "since": "2026-08-31",
        "state": "new",
        "reasons": [
            {
                "code": "E3_HOGO",
                "text": "世帯に生活保護の受給があります(開始 2024年5月1日)",
                "sources": [{"feed": "seikatsu_hogo", "file": "hogo.csv", "line": 12}],
            }
        ],
    }
    assert isinstance(item["entry"], int)
    assert len(item["decision"]) == 36
    assert item["alert"].isalnum()  # a handle that began with "-" would be read as an option

    code, recorded, _ = mimamori("act", item["alert"], "watch", "--reason", "AWAITING_DATA", "--as", "caseworker.pem")
    assert (code, recorded["state"]) == (0, "watching")
    assert mimamori("list", "--state", "new", "--as", "caseworker.pem")[1]["items"] == []

    code, shown, _ = mimamori("show", item["alert"], "--as", "caseworker.pem")
    assert (code, shown["person"]["name"], shown["masked"], shown["state"]) == (0, child.name, [], "watching")
    assert [(each["verb"], each["reason"]) for each in shown["actions"]] == [("watch", "AWAITING_DATA")]

    assert mimamori("list", "--watch", "--as", "caseworker.pem")[1]["items"] == []


def test_exit_codes_and_what_is_said(mimamori: Command, database: Database, child: Child) -> None:
    alert = alert_of(database, child)
    code, refused, told = mimamori("show", alert, "--as", "auditor.pem")
    assert (code, refused["conditions"][0]["code"]) == (3, "ROLE_NOT_HELD")
    assert child.name not in told
    code, _, told = mimamori("act", alert, "dismiss", "--as", "caseworker.pem")
    assert code == 2
    assert "DATA_ERROR  元の記録に誤りがあった" in told
    code, _, told = mimamori("show", "no-such", "--as", "caseworker.pem")
    assert (code, "一覧にありません" in told) == (2, True)
    assert mimamori("act", alert, "close", "--as", "caseworker.pem")[0] == 2
    assert mimamori("list")[0] == 2
