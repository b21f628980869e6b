"""`mimamori bus send` and `bus status` as an operator uses them."""

import json
import os
import time
from pathlib import Path
from unittest.mock import patch

import pytest

from services.cli.main import main
from services.platform.database import Database
from services.publication.event import TYPE
from tests.canonical import protection, resident
from tests.cloud_events import event
from tests.operating import Operator
from tests.stored import log_faults

SENT = [
    event("resident", {"source_record_id": "r1", **resident(1)}),
    event("soudan", {"source_record_id": "s1", **protection(1, "虐待通告")}),
    event("soudan", {"source_record_id": "s2", **protection(2, "ない種別")}),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three events, a blank line, and three lines that are none."""
    lines = [json.dumps(each, ensure_ascii=False) for each in SENT]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join([*lines, "", "not JSON", "x" * 3_000_000, json.dumps(SENT[0] | {"type": TYPE})]), "utf-8")
    return path


def test_a_file_is_sent_twice_and_what_came_of_it_is_told(
    operator: Operator, city_at_work: Database, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = operator.json("bus", "send", file)
    assert {name: sent[name] for name in ("lines", "events", "repeated", "quarantined")} == {
        "lines": 6, "events": 3, "repeated": 0, "quarantined": 1,
    }  # fmt: skip
    assert [(each["line"], each["reason"]) for each in sent["dead"]] == [
        (5, "NOT_JSON"), (6, "TOO_LARGE"), (7, "UNKNOWN_TYPE"),
    ]  # fmt: skip
    again = operator.run("bus", "send", file)
    assert (again.document["events"], again.document["repeated"], again.document["dead"]) == (0, 3, [])
    standing = operator.json("bus", "status")
    assert (standing["waiting"], standing["urgent"], standing["workers"]) == (3, 1, 0)
    assert standing["dead_letters"] == {"NOT_JSON": 1, "TOO_LARGE": 1, "UNKNOWN_TYPE": 1}
    assert "0000000001" not in again.stdout + again.stderr
    capsys.readouterr()
    with patch.dict(os.environ, operator.environ):
        assert main(["bus", "status"]) == 0
    told = capsys.readouterr().out
    assert "判定待ち: 3件（うち緊急 1件、最も古いものは 0秒前から）" in told
    assert "受け取れなかった出来事: 3件" in told and "  TOO_LARGE 1件 1 MiB を超えています。" in told
    assert "{" not in told
    assert operator.run("bus", "send", file.parent / "missing.jsonl", code=2).document["error"] == "UsageError"
    assert log_faults(city_at_work) == []


def test_a_report_of_violence_in_quarantine_is_told_of(operator: Operator, city_at_work: Database, file: Path) -> None:
    broken = event("soudan", {"source_record_id": "s3", **protection(3, "虐待通告"), "received": "2026-13-01"})
    file.write_text(json.dumps(broken, ensure_ascii=False), "utf-8")
    assert operator.json("bus", "send", file)["quarantined"] == 1
    assert operator.json("bus", "status")["urgent_quarantined"] == 1


def test_without_an_approval_the_file_is_refused_as_a_whole(operator: Operator, database: Database, file: Path) -> None:
    refused = operator.json("bus", "send", file, code=3)
    assert [condition["code"] for condition in refused["conditions"]] == ["NO_APPROVAL"]
    assert operator.json("bus", "status")["waiting"] == 0


def test_killed_while_it_stores_nothing_is_there_and_the_next_time_everything_once(
    operator: Operator, city_at_work: Database, file: Path
) -> None:
    with city_at_work.admin() as conn:
        conn.execute("LOCK TABLE facts.batch IN ACCESS EXCLUSIVE MODE")  # after facts and inbox, seal and decision
        process = operator.start("bus", "send", file)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'facts.batch'::regclass"
        deadline = time.monotonic() + 60
        while conn.execute(waiting.encode()).fetchall() == [(0,)]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
        process.communicate()
    assert operator.json("bus", "send", file)["events"] == 3
    assert log_faults(city_at_work) == []
