"""`kill -9` of the command or of the database server at any point, then the same command again: as if nothing had been."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest

from services.platform import postgres
from services.platform.cluster import find_cluster
from services.platform.database import Database
from services.platform.settings import Settings
from tests.canonical import write_town
from tests.e2e.conftest import MakeHome
from tests.operating import FAULT, TRACEBACK, Operator
from tests.stored import log_entries, log_faults, stored

pytestmark = pytest.mark.e2e

Victim = Literal["command", "server"]


@dataclass(frozen=True)
class Point:
    """Where a command is stopped. lock: what the test holds so that the command waits there; victim: who is killed then."""

    command: str
    lock: str
    victim: Victim


ALL_OF = "LOCK TABLE {} IN EXCLUSIVE MODE"
HEAD = "SELECT FROM ledger.head FOR UPDATE"
SEALS = "SELECT FROM platform.seal_head FOR UPDATE"
POINTS = (
    Point("load", ALL_OF.format("identity.person"), "command"),  # before the first row
    Point("load", HEAD, "server"),  # a file's rows are written, nothing decided
    Point("load", ALL_OF.format("facts.batch"), "command"),  # decided; the batch, which is written last, is not
    Point("load", ALL_OF.format("facts.oneroster_map"), "server"),  # between two files
    Point("load", ALL_OF.format("facts.academic"), "command"),  # within a file
    Point("load", ALL_OF.format("facts.soudan"), "server"),
    Point("link", HEAD, "command"),  # everything computed, nothing decided
    Point("link", ALL_OF.format("linkage.link"), "server"),  # decided, not yet written
    Point("judge", SEALS, "server"),  # before anything
    Point("judge", ALL_OF.format("judgement.line"), "command"),  # the run is written, its judgements are not
    Point("publish", ALL_OF.format("publication.outbox"), "command"),  # the alert is written, its event is not
    Point("publish", ALL_OF.format("publication.alert"), "server"),
    Point("publish", ALL_OF.format("casework.inbox"), "command"),  # published, not handed on
    Point("publish", ALL_OF.format("casework.item"), "server"),  # handed on, not taken up
    Point("report", HEAD, "command"),  # the files are written aside, nothing decided
    Point("report", HEAD, "server"),
)  # fmt: skip


def _commands(folder: Path, report: Path) -> dict[str, tuple[str | Path, ...]]:
    return {
        "load": ("feed", "load", folder, "--profile", "canonical", "--initial"),
        "link": ("link",),
        "judge": ("judge", "--as-of", "2026-08-31"),
        "publish": ("publish",),
        "report": ("report", "council", "--quarter", "FY2026Q2", "--out", report),
    }


def test_a_kill_at_any_point_and_the_same_command_again_is_as_if_nothing_had_been(
    make_home: MakeHome, tmp_path: Path
) -> None:
    folder = write_town(tmp_path / "town")
    whole, killed = make_home(), make_home()
    for command in _commands(folder, _report(whole)).values():
        whole.run(*command)
    for name, command in _commands(folder, _report(killed)).items():
        for point in (point for point in POINTS if point.command == name):
            _killed(killed, point, command)
            assert log_faults(_database(killed)) == [], point
        killed.run(*command)

    expected, found = stored(_database(whole)), stored(_database(killed))
    assert len(expected["alerts"]) == 40
    assert found == expected
    assert log_faults(_database(killed)) == log_faults(_database(whole)) == []
    assert _acts(killed) == _acts(whole)
    assert _names(_report(killed)) == _names(_report(whole))
    assert _names(_report(killed).parent) == _names(_report(whole).parent)  # nothing half written is left beside


def _report(operator: Operator) -> Path:
    return operator.home.parent / "report"


@dataclass(frozen=True)
class _Held:
    """The connection that holds the lock, and how it sees who waits."""

    conn: psycopg.Connection[Any]
    backend: int

    def waiting(self) -> bool:
        with self.conn.cursor() as cursor:
            found = cursor.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid))", (self.backend,)
            ).fetchone()
        return found is not None


def _killed(operator: Operator, point: Point, command: tuple[str | Path, ...]) -> None:
    """Run the command until it waits at the point, and kill it or the server there."""
    with _holding(operator, point.lock) as held:
        process = operator.start(*command)
        deadline = time.monotonic() + 60
        while not held.waiting():
            assert process.poll() is None, (point, process.communicate())
            assert time.monotonic() < deadline, point
            time.sleep(0.05)
        if point.victim == "command":
            process.kill()
            process.communicate()
            assert process.returncode == -signal.SIGKILL
            return
        os.kill(_postmaster(operator.home), signal.SIGKILL)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 1, (point, stdout, stderr)
    assert TRACEBACK not in stderr and FAULT not in stderr, stderr
    assert "もう一度" in stderr or "接続できません" in stderr


@contextmanager
def _holding(operator: Operator, lock: str) -> Iterator[_Held]:
    # The server may be killed meanwhile, and the connection with it.
    with suppress(psycopg.OperationalError), _database(operator).admin() as conn:
        conn.execute(lock.encode())
        yield _Held(conn, conn.info.backend_pid)
        conn.rollback()


def _database(operator: Operator) -> Database:
    return Database.open(Settings.from_environment(operator.environ))


def _postmaster(home: Path) -> int:
    assert postgres.is_running(home)
    cluster = find_cluster(home)
    assert cluster is not None
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def _acts(operator: Operator) -> dict[tuple[str, str], int]:
    """Permits and refusals of the acts that write, by what they let be written; attempts that wrote nothing aside."""
    found: dict[tuple[str, str], int] = {}
    for entry in log_entries(_database(operator)):
        if entry.get("act") in ("judge", "publish"):
            key = (entry["act"], entry["decision"])
            found[key] = found.get(key, 0) + 1
    return found


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
