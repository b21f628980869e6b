"""The day of the act decides, by the service's clock: one approval ends on 2023-03-31, the other begins the day after."""

from pathlib import Path

import pytest

from services.approvals.demo import set_up_demo
from services.platform.database import Database
from tests.canonical import write_town
from tests.operating import Operator
from tests.stored import log_entries, stored


@pytest.fixture
def demo(database: Database) -> Database:
    """The demo's approvals, heard before either act."""
    set_up_demo(database)
    return database


@pytest.mark.parametrize(
    ("day", "clause"), [("2023-03-31T23:59:59+09:00", "minoh/support"), ("2023-04-01T00:00:00+09:00", "appi/61-1")]
)
def test_every_act_rests_on_the_edition_in_force_on_its_day(
    operator: Operator, demo: Database, tmp_path: Path, day: str, clause: str
) -> None:
    folder = write_town(tmp_path / "town", children=3, recorded="2022-06-10T09:00:00+09:00")
    before = len(log_entries(demo))
    then = operator.at(day)
    then.run("feed", "load", folder, "--initial")
    then.run("link")
    then.run("judge", "--as-of", "2023-03-31")
    then.run("publish")
    then.run("queue", "list", "--as", "caseworker.pem")
    then.run("report", "council", "--quarter", "FY2022Q4", "--out", tmp_path / "report")

    entries = log_entries(demo)[before:]
    assert {entry["act"] for entry in entries} == {"collect", "link", "judge", "publish", "look", "report"}
    assert {(entry["decision"], entry["clause"], entry["day"]) for entry in entries} == {("permit", clause, day[:10])}


def test_before_the_first_and_after_the_last_day_nothing_is_collected(
    operator: Operator, demo: Database, tmp_path: Path
) -> None:
    folder = write_town(tmp_path / "town", children=3, recorded="2015-01-10T09:00:00+09:00")
    for day in ("2015-12-30T12:00+09:00", "2031-04-01T12:00+09:00"):
        answer = operator.at(day).json("feed", "load", folder, code=3)
        assert all(batch["errors"] for batch in answer["batches"])
    assert stored(demo)["batches"] == []


def test_with_the_approval_revoked_publishing_is_refused_with_the_reason_and_logged(
    operator: Operator, demo: Database, tmp_path: Path
) -> None:
    folder = write_town(tmp_path / "town", children=30)
    operator.run("feed", "load", folder, "--initial")
    operator.run("link")
    judged = operator.json("judge", "--as-of", "2026-08-31")
    operator.run("approval", "revoke", "approval-2", "--reason", "審議会の指摘による", "--as", "drafter.pem")
    before = len(log_entries(demo))

    answer = operator.run("publish", "--run", judged["run"], code=3)

    document = answer.document
    assert (document["published"], document["refused"]) == (0, 30)
    assert document["conditions"]
    assert all(condition["code"] and condition["text"] in answer.stderr for condition in document["conditions"])
    entries = log_entries(demo)[before:]
    assert {(entry["act"], entry["decision"]) for entry in entries} == {("publish", "refuse")}
    assert stored(demo)["alerts"] == []
    for command in (("link",), ("judge", "--as-of", "2026-08-31"), ("queue", "list", "--as", "caseworker.pem")):
        assert operator.json(*command, code=3)["conditions"]
