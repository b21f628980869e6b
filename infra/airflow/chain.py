"""Follows a run, and the runs that its assets start, one after another."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.airflow.client import AirflowApi, Run
from infra.airflow.errors import ApiUnavailableError, RunFailedError, WaitedTooLongError

PAUSE = 0.3  # seconds between two looks


class Watch:
    """Waits for one thing after another, all before one deadline, and looks after the processes meanwhile."""

    def __init__(self, seconds: float, check: Callable[[], None]) -> None:
        self._deadline = time.monotonic() + seconds
        self._check = check

    def until(self, waiting_for: str, done: Callable[[], bool]) -> None:
        """Return as soon as `done()` is true; raise at the deadline, or what `check` raises.

        done:  asked again and again; an API that gives no answer counts as not yet
        """
        while not _answered(done):
            self._check()
            if time.monotonic() > self._deadline:
                raise WaitedTooLongError(waiting_for)
            time.sleep(PAUSE)


def _answered(done: Callable[[], bool]) -> bool:
    try:
        return done()
    except ApiUnavailableError:
        return False


def follow(api: AirflowApi, first: Run, *, logs: Path, watch: Watch) -> Iterator[Run]:
    """Yield each run once it has succeeded, then wait for the one it starts: endless, so the caller knows the last.

    logs:  Airflow's folder of task logs, for what to show of a failure
    """
    run = first
    while True:
        _await_success(api, run, logs, watch)
        yield run
        run = _await_next(api, run, watch)


def _await_success(api: AirflowApi, run: Run, logs: Path, watch: Watch) -> None:
    def succeeded() -> bool:
        state = api.state(run)
        if state == "failed":
            raise RunFailedError(run.dag, next((log for log in _failed_logs(api, run, logs) if log.exists()), None))
        return state == "success"

    watch.until(run.dag, succeeded)


def _failed_logs(api: AirflowApi, run: Run, logs: Path) -> Iterator[Path]:
    for task, attempt in api.failed_tasks(run):
        yield logs / f"dag_id={run.dag}" / f"run_id={run.id}" / f"task_id={task}" / f"attempt={attempt}.log"


def _await_next(api: AirflowApi, run: Run, watch: Watch) -> Run:
    """An event is taken up one loop of the scheduler after its producer ended: no run yet is not the end."""
    watch.until(f"the run that {run.dag} starts", lambda: bool(api.runs_started_by(run)))
    return api.runs_started_by(run)[0]
