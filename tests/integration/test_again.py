"""The same again changes nothing but the log; what changed in the files is all that changes in the facts."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from services.approvals.demo import set_up_demo
from services.platform.database import Database
from tests.canonical import resident, write_feed
from tests.operating import Operator
from tests.stored import Rows, log_entries, log_faults, stored


@pytest.fixture
def feeds(synthetic_city: Path, tmp_path: Path) -> Path:
    """A copy of the synthetic city's files that a test may change."""
    return Path(shutil.copytree(synthetic_city / "feeds", tmp_path / "feeds"))


def _go(operator: Operator, feeds: Path, report: Path) -> None:
    """The demo's way, as an operator repeats it."""
    operator.run("up", "--demo")
    operator.run("feed", "load", feeds, "--profile", "demo", "--initial")
    operator.run("link")
    operator.run("judge", "--as-of", "2026-08-31")
    operator.run("publish")
    operator.run("report", "council", "--quarter", "FY2026Q2", "--out", report)


@pytest.mark.e2e
def test_the_way_twice_leaves_the_same_and_one_changed_row_is_one_new_version(
    operator: Operator, database: Database, feeds: Path, tmp_path: Path
) -> None:
    _go(operator, feeds, tmp_path / "report")
    first, before = stored(database), log_entries(database)
    assert first["alerts"]
    assert log_faults(database) == []

    _go(operator, feeds, tmp_path / "report")
    second, after = stored(database), log_entries(database)
    assert second == first
    assert after[: len(before)] == before
    attempt = [entry["act"] for entry in after[len(before) :]]
    assert sorted(set(attempt)) == ["collect", "judge", "link", "report"]
    assert attempt.count("collect") == len(list(feeds.iterdir()))
    assert log_faults(database) == []

    _change_one_row(feeds / "gakuryoku_2026.csv")
    loaded = operator.json("feed", "load", feeds, "--profile", "demo")["batches"]
    assert {batch["file"]: batch["loaded"] for batch in loaded if batch["loaded"]} == {"gakuryoku_2026.csv": 1}
    third = stored(database)
    assert {name: len(third[name]) - len(rows) for name, rows in first.items() if third[name] != rows} == {
        "academic": 1,
        "batches": 1,
    }


def _change_one_row(path: Path) -> None:
    """Another 標準スコア in the file's last row."""
    lines = path.read_text("utf-8-sig").splitlines()
    place, fields = lines[0].split(",").index("標準スコア"), lines[-1].split(",")
    fields[place] = "61.6" if fields[place] == "61.5" else "61.5"
    path.write_text("\n".join([*lines[:-1], ",".join(fields), ""]), "utf-8-sig")


SNAPSHOT = """
name = "town"

[feeds.resident]
glob = "resident.csv"
mode = "snapshot"
"""


def _snapshot(operator: Operator, folder: Path, numbers: range, *, code: int = 0) -> dict[str, Any]:
    """Load the residents of these numbers as a full dump."""
    write_feed(folder, "resident", [resident(n, source_record_id=f"R{n}") for n in numbers])
    profile = folder.parent / "town.toml"
    profile.write_text(SNAPSHOT, "utf-8")
    (batch,) = operator.json("feed", "load", folder, "--profile", profile, code=code)["batches"]
    return dict(batch)


def test_records_that_vanish_from_a_full_dump_become_tombstones(
    operator: Operator, database: Database, tmp_path: Path
) -> None:
    set_up_demo(database)
    _snapshot(operator, tmp_path / "a", range(1, 201))
    second = _snapshot(operator, tmp_path / "b", range(1, 181))  # 20 of 200: as many as may vanish
    assert (second["held"], second["tombstones"], second["unchanged"]) == (False, 20, 180)
    assert _ops(stored(database)["resident"]) == {"I": 200, "D": 20}


def test_too_many_vanished_records_are_held_until_a_person_releases_them(
    operator: Operator, database: Database, tmp_path: Path
) -> None:
    set_up_demo(database)
    _snapshot(operator, tmp_path / "a", range(1, 201))
    before = stored(database)
    held = _snapshot(operator, tmp_path / "b", range(1, 180), code=4)
    assert (held["held"], held["loaded"], held["tombstones"]) == (True, 0, 0)
    assert stored(database) == before
    assert [each["batch"] for each in operator.json("status")["held"]] == [held["batch"]]

    again = _snapshot(operator, tmp_path / "b", range(1, 180), code=4)  # it waits: nothing is asked twice
    assert again["batch"] == held["batch"]

    operator.run("feed", "release", str(held["batch"]), "--as", "auditor.pem", code=3)  # not for an auditor to say
    (released,) = operator.json("feed", "release", str(held["batch"]), "--as", "caseworker.pem")["batches"]
    assert (released["held"], released["tombstones"]) == (False, 21)
    assert operator.json("status")["held"] == []
    unknown = operator.json("feed", "release", str(held["batch"]), "--as", "caseworker.pem", code=2)
    assert str(held["batch"]) in unknown["message"]
    assert log_faults(database) == []


def _ops(rows: Rows) -> dict[str, int]:
    counts = {op: sum(f'"op": "{op}"' in row for row in rows) for op in "IUD"}
    return {op: count for op, count in counts.items() if count}
