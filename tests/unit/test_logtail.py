"""The end of a log, for a person."""

import json
from pathlib import Path

from infra.airflow.logtail import LINES, log_tail


def _event(text: str) -> str:
    frames = [{"filename": "outer.py", "lineno": 1}, {"filename": "judge.py", "lineno": 40}]
    return json.dumps({"error_detail": [{"exc_type": "HeldError", "exc_value": text, "frames": frames}]})


def test_a_tasks_log_gives_its_last_error_with_the_place_it_came_from(tmp_path: Path) -> None:
    log = tmp_path / "attempt=1.log"
    log.write_text("\n".join([_event("first"), _event("保留"), json.dumps({"event": "Task finished"})]))

    assert log_tail(log) == "HeldError: 保留 (judge.py:40)"


def test_any_other_log_gives_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "scheduler.log"
    log.write_text("\n".join(f"line {number}" for number in range(100)))

    assert log_tail(log).splitlines() == [f"line {number}" for number in range(100 - LINES, 100)]


def test_json_that_is_no_event_is_a_line_like_any_other(tmp_path: Path) -> None:
    log = tmp_path / "api-server.log"
    log.write_text('17\n"text"\n{"event": "no error", "error_detail": null}')

    assert log_tail(log).splitlines()[0] == "17"
