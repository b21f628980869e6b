"""Runs Airflow for one passage of the chain: `python -m infra.airflow.supervisor --as-of DAY --quarter Q [--initial]`.

Starts the three processes over a fresh metadata database, triggers `ingest_feeds`, follows the runs that its assets
start until all five DAGs have succeeded, and stops Airflow again, whatever happens. Progress goes to standard error;
the exit code is 0 only if every run succeeded.
"""

import argparse
import fcntl
import json
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType

from infra.airflow.chain import Watch, follow
from infra.airflow.client import AirflowApi, Run
from infra.airflow.environment import OPERATOR, PASSWORDS, airflow_environment
from infra.airflow.errors import AlreadyRunningError, PassageError
from infra.airflow.fleet import Fleet, airflow_commands, end_survivors
from infra.airflow.logtail import log_tail
from infra.airflow.metadata import prepare_metadata
from schemas.errors import MimamoriError
from services.platform.endpoint import Endpoint
from services.platform.settings import Settings

DAGS = Path(__file__).parents[2] / "dags"
CHAIN = ("ingest_feeds", "link_children", "judge_children", "publish_alerts", "council_report")
START_SECONDS = 120.0
PASSAGE_SECONDS = 900.0  # all five runs; a city of 27,000 children takes a fraction of it


def main() -> int:
    """Run one passage; the exit code of the process."""
    asked = _arguments()
    settings = Settings.from_environment()
    home = settings.home / "airflow"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _alone(home):
            run_passage(home, Endpoint.of(settings), conf=vars(asked))
    except PassageError as error:
        say(f"failed: {error}")
        if error.log:
            say(f"{log_tail(error.log)}\n  (from {error.log})")
        return 1
    except MimamoriError as error:
        say(f"failed: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        say("interrupted; Airflow is stopped")
        return 130
    return 0


def run_passage(home: Path, endpoint: Endpoint, *, conf: dict[str, object]) -> None:
    """Start Airflow, let one passage run, stop Airflow. conf: the parameters of `ingest_feeds`."""
    end_survivors(home)
    password, port = secrets.token_urlsafe(24), _free_port()
    _write_password(home, password)
    environment = airflow_environment(os.environ, home=home, dags=DAGS, database_url=endpoint.url("airflow"), port=port)
    with _timed("Airflow's own database is ready"):
        prepare_metadata(endpoint.connect("airflow"), environment=environment, log=home / "db-migrate.log")
    with Fleet(airflow_commands(), home=home, environment=environment) as fleet:
        api = AirflowApi(port, user=OPERATOR, password=password)
        with _timed("scheduler, API server and DAG processor are up"):
            _await_airflow(api, Watch(START_SECONDS, fleet.check))
        _watch_chain(api, conf, logs=home / "logs", watch=Watch(PASSAGE_SECONDS, fleet.check))
    say("Airflow is stopped")


def say(line: str) -> None:
    """Tell the operator how far things are."""
    sys.stderr.write(line + "\n")


def _await_airflow(api: AirflowApi, watch: Watch) -> None:
    """Wait for heartbeats younger than this moment (the health page also tells of dead processes), then for the DAGs."""
    started = datetime.now(UTC)
    watch.until("Airflow's heartbeats", lambda: [beat > started for beat in api.heartbeats()] == [True, True])
    api.sign_in()
    watch.until("the DAGs", lambda: api.dag_ids() >= set(CHAIN))


def _watch_chain(api: AirflowApi, conf: dict[str, object], *, logs: Path, watch: Watch) -> None:
    first = Run(CHAIN[0], f"passage-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    api.trigger(first, conf=conf)
    say(f"{first.dag} is started; the others follow from it")
    for run in follow(api, first, logs=logs, watch=watch):
        say(f"{run.dag}: success ({api.seconds(run):.1f} s)")
        if run.dag == CHAIN[-1]:
            return


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say(f"{what} ({time.monotonic() - began:.1f} s)")


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One passage at a time; the kernel frees the lock of a killed one."""
    with (home / "supervisor.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError from None
        yield


def _write_password(home: Path, password: str) -> None:
    """Where Airflow looks for its one user's password; readable by this operating-system user alone."""
    path = home / PASSWORDS
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({OPERATOR: password}, file)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _day(text: str) -> str:
    """A day in the form that travels from run to run; argparse makes a usage error of anything else."""
    return date.fromisoformat(text).isoformat()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="supervisor", description="Run one passage of the chain in Airflow.")
    parser.add_argument("--as-of", required=True, type=_day, metavar="DAY", help="day to be judged, YYYY-MM-DD")
    parser.add_argument("--quarter", required=True, metavar="FYyyyyQn", help="quarter to be reported")
    parser.add_argument("--initial", action="store_true", help="the first load of these feeds")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
