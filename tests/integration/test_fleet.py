"""Airflow's processes end with what they forked; real processes, stand-ins for Airflow's by their command alone."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.airflow.chain import Watch
from infra.airflow.errors import ApiUnavailableError, ComponentDiedError, WaitedTooLongError
from infra.airflow.fleet import Fleet, end_survivors
from infra.procfs import BOOT_ID, kill_session, read_process, session_members

# Like Airflow's scheduler: forks a task that leaves the process group and does not heed SIGTERM.
STUBBORN_FAMILY = (
    sys.executable,
    "-c",
    """
import os, signal, time
if os.fork() == 0:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(60)
""",
)


def _wait_for_two(session: int) -> None:
    deadline = time.monotonic() + 10
    while len(session_members(session)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _sessions(home: Path) -> list[int]:
    return [session for session, _ in json.loads((home / "processes.json").read_text())["sessions"]]


def test_stopping_a_fleet_ends_also_what_left_the_process_group(tmp_path: Path) -> None:
    with Fleet({"scheduler": STUBBORN_FAMILY}, home=tmp_path, environment=os.environ) as fleet:
        (session,) = _sessions(tmp_path)
        _wait_for_two(session)
        fleet.check()

    assert session_members(session) == []
    assert not (tmp_path / "processes.json").exists()


def test_a_component_that_ends_by_itself_is_noticed_and_its_log_named(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('no database')")
    with (
        Fleet({"scheduler": command}, home=tmp_path, environment=os.environ) as fleet,
        pytest.raises(ComponentDiedError) as failure,
    ):
        Watch(10.0, fleet.check).until("the end of time", lambda: False)

    assert failure.value.log == tmp_path / "scheduler.log"
    assert failure.value.log.read_text() == "no database\n"


def test_what_a_killed_supervisor_left_is_ended_by_the_next(tmp_path: Path) -> None:
    left = subprocess.Popen(STUBBORN_FAMILY, start_new_session=True)
    leader = read_process(left.pid)
    assert leader is not None
    _wait_for_two(left.pid)
    _note(tmp_path, boot=BOOT_ID.read_text(), session=left.pid, started=leader.started)

    end_survivors(tmp_path)

    assert left.wait(timeout=5) == -signal.SIGKILL
    assert session_members(left.pid) == []
    assert not (tmp_path / "processes.json").exists()


@pytest.mark.parametrize(("boot", "shift"), [("another boot", 0), (BOOT_ID.read_text(), -1)])
def test_a_stranger_with_the_same_number_is_left_alone(tmp_path: Path, boot: str, shift: int) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        leader = read_process(stranger.pid)
        assert leader is not None
        _note(tmp_path, boot=boot, session=stranger.pid, started=leader.started + shift)

        end_survivors(tmp_path)

        assert stranger.poll() is None
    finally:
        kill_session(stranger.pid)
        stranger.wait()


def test_nothing_left_behind_is_nothing_to_do(tmp_path: Path) -> None:
    end_survivors(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_waiting_ends_at_the_deadline() -> None:
    with pytest.raises(WaitedTooLongError, match="the DAGs"):
        Watch(0.0, lambda: None).until("the DAGs", lambda: False)


def test_an_api_that_does_not_answer_yet_is_asked_again() -> None:
    answers = iter([False, True])

    def done() -> bool:
        if not next(answers):
            raise ApiUnavailableError("/api/v2/dags")
        return True

    Watch(10.0, lambda: None).until("the DAGs", done)

    assert next(answers, None) is None


def _note(home: Path, *, boot: str, session: int, started: int) -> None:
    (home / "processes.json").write_text(json.dumps({"boot": boot, "sessions": [[session, started]]}))
