"""Bad files: each has a message that says what to do and its exit code; nothing of it is stored and the others load."""

import random
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

import pytest

from services.platform.database import Database
from tests.canonical import crosswalk, protection, resident, score, write_feed
from tests.operating import Operator
from tests.stored import log_faults, stored

Spoil = Callable[[Path], object]


@pytest.fixture
def demo(city_at_work: Database) -> Database:
    """A home whose approvals cover every column."""
    return city_at_work


@dataclass(frozen=True)
class Case:
    """One way to spoil resident.csv (five good rows) and what the report has to say of it.

    code: of the error; says: words of its message
    """

    spoil: Spoil
    code: str
    says: str


def _text(change: Callable[[str], str], encoding: str = "utf-8") -> Spoil:
    return lambda path: path.write_bytes(change(path.read_text("utf-8")).encode(encoding))


def _without_last_column(text: str) -> str:
    return "\n".join(line.rsplit(",", 1)[0] for line in text.splitlines()) + "\n"


def _sparse_line(path: Path) -> None:
    """The header and a line of 2 GB: a hole of the file system, which takes no room."""
    with path.open("r+b") as file:
        file.readline()
        file.truncate(2 << 30)


def _long_line(path: Path) -> None:
    """The header and a line of 64 MB of text."""
    header = path.read_bytes().split(b"\n", 1)[0]
    path.write_bytes(header + b"\n" + b"x" * (64 << 20))


def _bomb(path: Path) -> None:
    """A small ZIP of a file of 64 MB: its good rows, over and over."""
    header, rows = path.read_bytes().split(b"\n", 1)
    with (
        zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(path.name, "w") as file,
    ):
        file.write(header + b"\n")
        for _ in range(64):
            file.write(rows[: rows.index(b"\n") + 1] * ((1 << 20) // rows.index(b"\n")))
    path.unlink()


CASES = {
    "wrong encoding": Case(_text(lambda text: text, "cp932"), "ENCODING", "文字コード"),
    "missing column": Case(_text(_without_last_column), "MISSING_COLUMN", "ido_date"),
    "extra column": Case(_text(lambda text: text.replace(",birth", ",shumi,birth", 1)), "EXTRA_COLUMN", "shumi"),
    "empty file": Case(_text(lambda text: ""), "EMPTY", "見出しの行だけ"),
    "same column twice": Case(_text(lambda text: text.replace("birth", "zokugara", 1)), "HEADER", "zokugara"),
    "open quote": Case(_text(lambda text: text.rstrip("\n") + '\n"x'), "QUOTE", "引用符"),
    "2 GB line": Case(_sparse_line, "BINARY", "CSV で出力"),
    "64 MB line": Case(_long_line, "LONG_LINE", "行目が長すぎます"),
    "binary named .csv": Case(
        lambda path: path.write_bytes(random.Random(1).randbytes(1 << 16)), "BINARY", "CSV で出力"
    ),
    "ZIP bomb": Case(_bomb, "ZIP_BOMB", "展開後の大きさ"),
    "no ZIP": Case(lambda path: path.rename(path.with_suffix(".zip")), "ZIP", "作り直してください"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_that_cannot_be_read_is_refused_and_the_others_load(
    operator: Operator, demo: Database, tmp_path: Path, name: str
) -> None:
    case = CASES[name]
    write_feed(tmp_path / "feeds", "oneroster_map", [crosswalk(n) for n in range(1, 6)])
    path = write_feed(tmp_path / "feeds", "resident", [resident(n) for n in range(1, 6)])
    case.spoil(path)

    answer = operator.run("feed", "load", tmp_path / "feeds", "--profile", "canonical", "--initial", code=1)

    batches = {batch["feed"]: batch for batch in answer.document["batches"]}
    (error,) = batches["resident"]["errors"]
    assert (error["code"], batches["resident"]["seal"]) == (case.code, None)
    assert case.says in error["text"] and error["text"] in answer.stderr
    assert "児童" not in answer.stderr  # of the rows nothing is shown
    found = stored(demo)
    assert (len(found["resident"]), len(found["oneroster_map"]), len(found["batches"])) == (0, 5, 1)
    assert log_faults(demo) == []


def test_a_line_of_2_gb_is_given_up_with_little_memory(operator: Operator, demo: Database, tmp_path: Path) -> None:
    path = write_feed(tmp_path / "feeds", "resident", [resident(1)])
    _stream_long_text(path, 2 << 30)
    before = getrusage(RUSAGE_CHILDREN)
    answer = operator.json("feed", "load", tmp_path / "feeds", code=1)
    after = getrusage(RUSAGE_CHILDREN)
    assert answer["batches"][0]["errors"][0]["code"] == "LONG_LINE"
    assert after.ru_maxrss < 700_000, "KiB"  # the program itself takes about 200 MB
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 30, "seconds"


def _stream_long_text(path: Path, size: int) -> None:
    """After the header one line of `size` bytes: letters as far as a reader may look, then a hole."""
    with path.open("r+b") as file:
        file.readline()
        file.write(b"x" * (64 << 20))
        file.truncate(size)


def test_a_header_alone_is_a_batch_and_says_that_there_is_nothing(
    operator: Operator, demo: Database, tmp_path: Path
) -> None:
    path = write_feed(tmp_path / "feeds", "soudan", [protection(1)])
    path.write_text(path.read_text("utf-8").split("\n", 1)[0] + "\n", "utf-8")
    (batch,) = operator.json("feed", "load", tmp_path / "feeds", "--initial")["batches"]
    assert (batch["rows"], batch["loaded"], batch["errors"], batch["seal"] is not None) == (0, 0, [], True)
    assert len(stored(demo)["batches"]) == 1


FAULTY_ROWS = {
    "recorded in the future": ({"event_time": "2026-09-02T09:00:00+09:00"}, "event_time"),
    "born after the day it was recorded": ({"birth": "2026-07-01"}, "birth"),
    "no such day": ({"birth": "2014-02-30"}, "birth"),
    "unknown code": ({"status": "休眠"}, "status"),
    "no number": ({"atena_no": ""}, "atena_no"),
}


def test_faulty_rows_wait_in_quarantine_with_how_to_mend_them_and_the_rest_loads(
    operator: Operator, demo: Database, tmp_path: Path
) -> None:
    faulty = [{**resident(100 + place), **change} for place, (change, _) in enumerate(FAULTY_ROWS.values())]
    write_feed(tmp_path / "feeds", "resident", [*(resident(n) for n in range(1, 6)), *faulty])

    answer = operator.run("feed", "load", tmp_path / "feeds", "--initial")

    (batch,) = answer.document["batches"]
    assert (batch["rows"], batch["loaded"], batch["quarantined"]) == (10, 5, 5)
    listed = operator.run("quarantine", "list", "--as", "auditor.pem")
    refused = sorted(listed.document["quarantine"], key=lambda row: int(row["line"]))
    assert [(row["line"], row["column"]) for row in refused] == [
        (7 + place, column) for place, (_, column) in enumerate(FAULTY_ROWS.values())
    ]
    assert all(row["mend"] for row in refused)
    assert "児童" not in answer.stderr + listed.stdout + listed.stderr


def test_a_child_older_than_18_warns_and_loads(operator: Operator, demo: Database, tmp_path: Path) -> None:
    write_feed(tmp_path / "feeds", "resident", [resident(1, birth="2000-05-01")])
    write_feed(tmp_path / "feeds", "oneroster_map", [crosswalk(1)])
    write_feed(tmp_path / "feeds", "academic", [score(1, "国", "50.0")])
    batches = operator.json("feed", "load", tmp_path / "feeds", "--initial")["batches"]
    (academic,) = (batch for batch in batches if batch["feed"] == "academic")
    assert (academic["loaded"], academic["warnings"].get("older_than_18")) == (1, 1)


APPROVAL = Path(__file__).resolve().parents[2] / "infra" / "demo" / "approval-2.toml"


def _without_feed(feed: str) -> str:
    """The demo's approval, naming no column of this feed."""
    return "\n".join(line for line in APPROVAL.read_text("utf-8").split("\n") if f'"{feed}.' not in line)


def test_a_feed_that_no_approval_covers_is_refused_by_the_gate_and_the_others_load(
    operator: Operator, demo: Database, tmp_path: Path
) -> None:
    narrowed = tmp_path / "approval.toml"
    narrowed.write_text(_without_feed("soudan").replace("version = 1", "version = 2", 1), "utf-8")
    operator.run("approval", "narrow", narrowed, "--reason", "相談の記録は用いない", "--as", "drafter.pem")
    write_feed(tmp_path / "feeds", "resident", [resident(1)])
    write_feed(tmp_path / "feeds", "soudan", [protection(1)])

    answer = operator.run("feed", "load", tmp_path / "feeds", "--initial", code=3)

    batches: dict[str, Any] = {batch["feed"]: batch for batch in answer.document["batches"]}
    assert batches["soudan"]["errors"] and batches["soudan"]["errors"][0]["text"] in answer.stderr
    assert (batches["soudan"]["loaded"], batches["resident"]["loaded"]) == (0, 1)
    found = stored(demo)
    assert (len(found["soudan"]), len(found["resident"])) == (0, 1)


def test_a_folder_or_profile_that_is_not_there_is_wrong_usage(
    operator: Operator, demo: Database, tmp_path: Path
) -> None:
    write_feed(tmp_path / "feeds", "resident", [resident(1)])
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.toml").write_text("name = [", "utf-8")
    wrong = [
        ("feed", "load", tmp_path / "nowhere"),
        ("feed", "load", tmp_path / "empty"),
        ("feed", "load", tmp_path / "feeds", "--profile", "nobody"),
        ("feed", "load", tmp_path / "feeds", "--profile", tmp_path / "bad.toml"),
        ("feed", "check", tmp_path / "nowhere"),
        ("feed", "schema", "nothing"),
    ]
    for command in wrong:
        assert operator.json(*command, code=2)["message"]
    assert stored(demo)["batches"] == []


def test_a_second_run_while_one_is_going_is_told_to_wait(operator: Operator, demo: Database, tmp_path: Path) -> None:
    write_feed(tmp_path / "feeds", "resident", [resident(1)])
    with demo.admin() as conn:
        conn.execute("LOCK TABLE identity.person IN EXCLUSIVE MODE")
        first = operator.start("feed", "load", tmp_path / "feeds", "--initial")
        _until_it_waits(conn.info.backend_pid, demo)
        second = operator.json("feed", "load", tmp_path / "feeds", "--initial", code=1)
        conn.rollback()
    assert second["error"] == "BusyError"
    assert "もう一度実行" in second["message"]
    stdout, stderr = first.communicate(timeout=60)
    assert first.returncode == 0, stdout + stderr
    assert len(stored(demo)["resident"]) == 1


def _until_it_waits(holder: int, database: Database) -> None:
    deadline = time.monotonic() + 60
    with database.admin() as conn:
        while (
            conn.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid))", (holder,)
            ).fetchone()
            is None
        ):
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.parametrize(("column", "dropped"), [("office", True), ("child_atena_no", False)])
def test_what_the_approval_does_not_name_is_dropped_or_where_rows_need_it_the_feed_is_refused(
    operator: Operator, demo: Database, tmp_path: Path, column: str, dropped: bool
) -> None:
    """Nothing is stored that the approval does not name, not even what a row cannot do without."""
    text = APPROVAL.read_text("utf-8").replace("version = 1", "version = 2", 1)
    narrowed = re.sub(rf'"soudan.{column}",? ?', "", text, count=1)
    assert narrowed != text
    (tmp_path / "approval.toml").write_text(narrowed, "utf-8")
    operator.run("approval", "narrow", tmp_path / "approval.toml", "--reason", "用いない", "--as", "drafter.pem")
    write_feed(tmp_path / "feeds", "soudan", [protection(1)])

    answer = operator.run("feed", "load", tmp_path / "feeds", "--initial", code=0 if dropped else 3)

    batch: dict[str, Any] = answer.document["batches"][0]
    assert batch["dropped_columns"] == ([column] if dropped else [])
    assert dropped or f"soudan.{column}" in answer.stderr
    assert len(stored(demo)["soudan"]) == (1 if dropped else 0)
