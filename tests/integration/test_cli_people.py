"""Keys, persons and handles that do not open anything: who, what and which, each with its exit code and what would mend it."""

from pathlib import Path

import pytest

from services.platform.database import Database
from services.platform.keyfiles import create_key
from tests.operating import Operator
from tests.stored import log_entries


@pytest.fixture(autouse=True)
def demo(city_at_work: Database) -> Database:
    """A home with the demo's persons and approvals."""
    return city_at_work


def test_a_key_that_nobody_registered_is_refused(operator: Operator, tmp_path: Path) -> None:
    create_key(tmp_path / "stranger.pem")
    answer = operator.json("queue", "list", "--as", tmp_path / "stranger.pem", code=3)
    assert [condition["code"] for condition in answer["conditions"]] == ["PERSON_UNKNOWN"]


def test_a_revoked_person_is_refused_from_then_on(operator: Operator) -> None:
    operator.run("queue", "list", "--as", "caseworker.pem")
    operator.run("person", "revoke", "caseworker", "--as", "admin.pem")
    answer = operator.json("queue", "list", "--as", "caseworker.pem", code=3)
    assert [condition["code"] for condition in answer["conditions"]] == ["PERSON_REVOKED"]


def test_another_role_is_refused_and_the_log_holds_it(operator: Operator, demo: Database) -> None:
    before = len(log_entries(demo))
    answer = operator.json("queue", "list", "--as", "auditor.pem", code=3)
    assert [condition["code"] for condition in answer["conditions"]] == ["ROLE_NOT_HELD"]
    (entry,) = log_entries(demo)[before:]
    assert (entry["act"], entry["decision"]) == ("look", "refuse")


def test_a_key_file_that_others_can_read_is_refused(operator: Operator) -> None:
    (operator.home / "people" / "caseworker.pem").chmod(0o640)
    assert "chmod 600" in operator.json("queue", "list", "--as", "caseworker.pem", code=2)["message"]


@pytest.mark.parametrize("content", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_wrong_usage(operator: Operator, tmp_path: Path, content: str) -> None:
    path = tmp_path / "wrong.pem"
    path.write_text(content, "utf-8")
    path.chmod(0o600)
    assert operator.json("person", "list", "--as", path, code=2)["error"] == "KeyFileError"


UNKNOWN = {
    "alert": ("queue", "show", "nobody", "--as", "caseworker.pem"),
    "alert to act on": ("queue", "act", "nobody", "watch", "--reason", "WAITING", "--as", "caseworker.pem"),
    "act": ("queue", "act", "nobody", "forget", "--as", "caseworker.pem"),
    "run": ("run", "show", "nothing"),
    "run to look at": ("run", "show", "nothing", "--judgements", "--as", "auditor.pem"),
    "run to publish": ("publish", "--run", "nothing"),
    "run to release": ("run", "release", "nothing", "--as", "admin.pem"),
    "child": ("judgement", "show", "nothing", "00000000-0000-4000-8000-000000000000", "--as", "auditor.pem"),
    "no child at all": ("judgement", "show", "nothing", "child", "--as", "auditor.pem"),
    "batch to release": ("feed", "release", "9999", "--as", "admin.pem"),
    "export": ("log", "verify", "nowhere"),
    "entry to prove": ("log", "prove", "99999999"),
    "cosigned checkpoint": ("log", "export", "--out", "out", "--cosigned", "nowhere"),
    "approval": ("approval", "show", "approval-9", "--as", "admin.pem"),
    "person": ("person", "revoke", "nobody", "--as", "admin.pem"),
    "rule set": ("judge", "--as-of", "2026-08-31", "--rules", "nowhere.toml"),
    "day": ("judge", "--as-of", "2026-02-30"),
    "day of another age": ("judge", "--as-of", "0001-01-01"),
    "moment of another age": ("judge", "--as-of", "2026-08-31", "--known-at", "9999-12-31T23:59:59-12:00"),
    "key file that is a folder": ("person", "list", "--as", "/"),
    "moment": ("judge", "--as-of", "2026-08-31", "--known-at", "yesterday"),
    "quarter": ("report", "council", "--quarter", "2026Q2", "--out", "report"),
    "quarter ahead": ("report", "council", "--quarter", "FY2027Q1", "--out", "report"),
    "key file": ("person", "list", "--as", "nowhere.pem"),
    "missing key": ("queue", "list"),
    "command": ("nothing",),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_is_not_there_is_wrong_usage_with_a_message(operator: Operator, what: str) -> None:
    answer = operator.run(*UNKNOWN[what], code=2)
    assert len(answer.document["message"]) > 10
    assert answer.document["message"].splitlines()[0] in answer.stderr
