"""Snapshots, budgets, minimisation and bad files: what is held, what is dropped, what is refused, and what stays whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg import errors

from schemas.errors import UsageError
from schemas.feeds import FEEDS
from services.intake import batch
from services.intake.main import check_folder, list_quarantine, load_folder, mend_file, release_batch
from services.platform.database import Database
from services.platform.lock import BusyError, exclusive

HEADER = (
    "source_system,source_record_id,op,event_time,effective_from,legal_basis_id,batch_id,pupil_no,survey_id,fy,date,grade,"
    "subject,dev,absent"
)
SNAPSHOT = """
name = "dump"
[feeds.academic]
glob = "academic.csv"
mode = "snapshot"
"""


def line(number: int, *, dev: str = "50.0", subject: str = "国") -> str:
    return f"s,{number},I,2026-04-10T09:00:00,2026-04-01,LB,B,P{number},S,2026,2026-04-09,P5,{subject},{dev},false"


def write(folder: Path, *lines: str, name: str = "academic.csv", header: str = HEADER) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", "utf-8")
    return path


@pytest.fixture
def demo(city_at_work: Database) -> Database:
    return city_at_work


@pytest.fixture
def dump(tmp_path: Path) -> str:
    """A profile whose file is a full dump."""
    path = tmp_path / "dump.toml"
    path.write_text(SNAPSHOT, "utf-8")
    return str(path)


def load(database: Database, folder: Path, **options: Any) -> dict[str, Any]:
    (report,) = load_folder(database, folder, **options).as_json()["batches"]
    return dict(report)


def fetch(database: Database, query: str, role: str = "intake") -> list[tuple[Any, ...]]:
    with database.connect(role) as conn:
        return conn.execute(query.encode()).fetchall()


STATE = (
    "SELECT (SELECT count(*) FROM facts.academic), (SELECT count(*) FROM facts.batch), (SELECT count(*) FROM identity.person),"
    " (SELECT count(*) FROM intake.quarantine)"
)


# -- snapshots --


def test_a_vanished_record_becomes_a_tombstone_and_returns_as_a_new_version(
    demo: Database, tmp_path: Path, dump: str
) -> None:
    write(tmp_path / "a", line(1), line(2))
    write(tmp_path / "b", line(1))
    load(demo, tmp_path / "a", profile=dump)
    second = load(demo, tmp_path / "b", profile=dump)
    assert (second["unchanged"], second["tombstones"]) == (1, 1)
    third = load(demo, tmp_path / "a", profile=dump)
    assert (third["loaded"], third["unchanged"]) == (1, 1)
    assert load(demo, tmp_path / "a", profile=dump)["unchanged"] == 2
    versions = fetch(demo, "SELECT op::text, dev, revises, line FROM facts.academic ORDER BY batch, line")
    assert versions == [("I", 50, False, 2), ("I", 50, False, 3), ("D", 50, True, 3), ("I", 50, True, 3)]


def test_a_refused_row_has_not_vanished(demo: Database, tmp_path: Path, dump: str) -> None:
    write(tmp_path / "a", line(1), line(2))
    write(tmp_path / "b", line(1), line(2, subject="音"))
    load(demo, tmp_path / "a", profile=dump)
    report = load(demo, tmp_path / "b", profile=dump)
    assert (report["quarantined"], report["tombstones"]) == (1, 0)


@pytest.mark.parametrize(("kept", "held"), [(80, False), (79, True)])
def test_above_20_records_and_2_per_cent_vanished_the_file_is_held(
    demo: Database, tmp_path: Path, dump: str, kept: int, held: bool
) -> None:
    write(tmp_path / "a", *map(line, range(100)))
    write(tmp_path / "b", *map(line, range(kept)))
    load(demo, tmp_path / "a", profile=dump)
    before = fetch(demo, STATE)
    report = load(demo, tmp_path / "b", profile=dump)
    assert (report["held"], report["tombstones"]) == (held, 0 if held else 20)
    assert not held or fetch(demo, STATE) == before


# -- budgets and release --


@pytest.mark.parametrize(("bad", "held"), [(100, False), (101, True)])
def test_above_100_rows_and_5_per_cent_refused_the_file_is_held(
    demo: Database, tmp_path: Path, bad: int, held: bool
) -> None:
    write(tmp_path, *(line(n, subject="音") for n in range(bad)), *map(line, range(bad, 300)))
    report = load_folder(demo, tmp_path)
    assert (report.batches[0].held, report.exit_code) == (held, 4 if held else 0)
    assert fetch(demo, "SELECT count(*) FROM facts.academic") == [(0 if held else 200,)]


def test_five_per_cent_of_many_rows_is_within_the_budget(demo: Database, tmp_path: Path) -> None:
    write(tmp_path, *(line(n, subject="音") for n in range(105)), *map(line, range(105, 2100)))
    assert not load(demo, tmp_path)["held"]


def test_a_held_file_waits_in_the_spool_until_a_person_releases_it(demo: Database, tmp_path: Path) -> None:
    write(tmp_path, *(line(n, subject="音") for n in range(150)), *map(line, range(150, 300)))
    held = load(demo, tmp_path, initial=True)
    spool = demo.settings.home / "spool" / f"batch-{held['batch']}"
    assert {path.stat().st_mode & 0o777 for path in spool.iterdir()} == {0o600}
    assert load(demo, tmp_path, initial=True)["batch"] == held["batch"]  # it waits; it is not held twice
    report = release_batch(demo, held["batch"], "caseworker").batches[0]
    assert (report.loaded, report.quarantined, report.batch) == (150, 150, held["batch"])
    assert not spool.exists()
    assert fetch(demo, "SELECT released_by, initial FROM facts.batch") == [("caseworker", True)]
    again = load(demo, tmp_path)
    assert (again["held"], again["unchanged"]) == (False, 150)


# -- quarantine --


def test_a_corrected_row_leaves_the_list(demo: Database, tmp_path: Path) -> None:
    write(tmp_path / "a", line(1), line(2, subject="音"))
    load(demo, tmp_path / "a")
    (refusal,) = list_quarantine(demo)
    assert (refusal.line, refusal.column, refusal.rule, refusal.mended) == (3, "subject", "CODE", False)
    assert "P2" not in str(refusal.as_json())
    mend_file(demo, "academic", write(tmp_path, line(2), name="mended.csv"))
    assert list_quarantine(demo) == []
    assert [each.mended for each in list_quarantine(demo, everything=True)] == [True]


def test_a_refusal_that_comes_again_is_kept_once(demo: Database, tmp_path: Path) -> None:
    write(tmp_path, line(1), line(2, subject="音"))
    first, again = load(demo, tmp_path), load(demo, tmp_path)
    assert (first["quarantined"], again["quarantined"], len(list_quarantine(demo))) == (1, 1, 1)
    assert again["seal"] == first["seal"]


def test_what_a_check_refuses_is_told_and_not_kept(demo: Database, tmp_path: Path) -> None:
    write(tmp_path, line(1), line(2, subject="音"))
    before = fetch(demo, STATE)
    (report,) = check_folder(demo, tmp_path).batches
    assert (report.rows, report.refusals) == (2, {"subject: CODE": 1})
    assert fetch(demo, STATE) == before


@pytest.mark.parametrize("role", ["analyst", "linkage", "publisher", "casework", "council"])
def test_no_other_role_reads_refused_texts_or_names(demo: Database, role: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        fetch(demo, "SELECT raw FROM intake.quarantine", role)
    if role != "linkage":
        with pytest.raises(errors.InsufficientPrivilege):
            fetch(demo, "SELECT * FROM identity.resident_name", role)


# -- minimisation --


@pytest.fixture
def approve(monkeypatch: pytest.MonkeyPatch, demo: Database) -> Callable[[set[str] | None], None]:
    """Let the approval name fewer items than it does; None: what it really names."""
    real = batch.Load.__init__

    def narrow(items: set[str] | None) -> None:
        def narrowed(self: batch.Load, *arguments: Any, **options: Any) -> None:
            real(self, *arguments, **options)
            if items is not None:
                object.__setattr__(self, "approved", frozenset(items))

        monkeypatch.setattr(batch.Load, "__init__", narrowed)

    return narrow


def test_a_column_that_no_approval_names_is_dropped_and_filled_by_a_wider_one(
    demo: Database, tmp_path: Path, approve: Callable[[set[str] | None], None]
) -> None:
    write(tmp_path, line(1, dev="45.0"))
    approve({f"academic.{name}" for name in FEEDS["academic"].by_name} - {"academic.dev"})
    first = load(demo, tmp_path, initial=True)
    assert (first["loaded"], first["dropped_columns"]) == (1, ["dev"])
    assert fetch(demo, "SELECT dev, subject FROM facts.academic") == [(None, "国")]
    approve(None)
    second = load(demo, tmp_path, initial=True)
    assert (second["loaded"], second["dropped_columns"]) == (1, [])
    assert fetch(demo, "SELECT dev, revises FROM facts.academic ORDER BY batch") == [(None, False), (45, True)]


def test_a_feed_that_no_approval_names_is_refused_and_the_rest_loads(database: Database, tmp_path: Path) -> None:
    write(tmp_path, line(1))
    report = load_folder(database, tmp_path)  # a home without any approval
    assert report.exit_code == 3
    assert {error["code"] for error in report.batches[0].errors} >= {"NO_APPROVAL"}
    assert fetch(database, "SELECT count(*) FROM facts.academic") == [(0,)]
    assert fetch(database, "SELECT outcome, act FROM gate.decision") == [("refuse", "collect")]


# -- bad files --


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY"),
        ("a,b\n1,髙\n".encode("cp932"), "ENCODING"),
        (b"PK\x03\x04\x00", "BINARY"),
        ((HEADER + ",extra\n").encode(), "EXTRA_COLUMN"),
        (HEADER.replace(",subject", "").encode() + b"\n", "MISSING_COLUMN"),
        ((HEADER + "\n" + line(1) + "\n" + "x" * (2 << 20)).encode(), "LONG_LINE"),
    ],
)
def test_a_bad_file_is_refused_whole_and_the_others_load(
    demo: Database, tmp_path: Path, content: bytes, code: str
) -> None:
    (tmp_path / "academic.csv").write_bytes(content)
    write(tmp_path, name="physical.csv", header=HEADER.split(",survey_id", maxsplit=1)[0] + ",fy,event_code,value")
    report = load_folder(demo, tmp_path)
    shown = {each.feed: ([error["code"] for error in each.errors], each.held) for each in report.batches}
    assert shown == {"academic": ([code], False), "physical": ([], False)}
    assert report.exit_code == 1
    assert fetch(demo, "SELECT feed FROM facts.batch") == [("physical",)]


class TornOffError(Exception):
    """Stands for whatever ends a load between its rows and its seal."""


def torn_off(conn: object, kind: str) -> int:
    raise TornOffError


def test_an_error_in_the_middle_leaves_nothing(demo: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, line(1), line(2, subject="音"))
    before = fetch(demo, STATE)
    with monkeypatch.context() as patch:
        patch.setattr(batch, "give_seal", torn_off)
        with pytest.raises(TornOffError):
            load(demo, tmp_path)
    assert fetch(demo, STATE) == before
    assert load(demo, tmp_path)["loaded"] == 1


def test_two_loads_at_once_are_one_too_many(demo: Database, tmp_path: Path) -> None:
    write(tmp_path, line(1))
    with exclusive(demo, "intake"), pytest.raises(BusyError):
        load(demo, tmp_path)


def test_a_folder_without_files_is_a_usage_error(demo: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load_folder(demo, tmp_path)


def test_a_held_file_that_a_later_one_overtook_is_not_released(demo: Database, tmp_path: Path, dump: str) -> None:
    write(tmp_path / "a", *map(line, range(100)))
    write(tmp_path / "b", *map(line, range(50)))
    load(demo, tmp_path / "a", profile=dump)
    held = load(demo, tmp_path / "b", profile=dump)
    write(tmp_path / "c", *map(line, range(101)))
    load(demo, tmp_path / "c", profile=dump)
    before = fetch(demo, STATE)
    with pytest.raises(UsageError, match="より新しい"):
        release_batch(demo, held["batch"], "caseworker")
    assert fetch(demo, STATE) == before
