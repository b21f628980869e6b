"""The few calls of Airflow's REST API that following a chain takes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

from infra.airflow.errors import ApiRefusedError, ApiUnavailableError

TIMEOUT = 10.0  # seconds a call


@dataclass(frozen=True)
class Run:
    """One run of a DAG."""

    dag: str
    id: str

    @property
    def path(self) -> str:
        """Where the API keeps it; ids hold colons and a plus sign."""
        return f"/api/v2/dags/{self.dag}/dagRuns/{quote(self.id, safe='')}"


class AirflowApi:
    """Airflow on 127.0.0.1, spoken to as its one user; no proxy of the environment is asked."""

    def __init__(self, port: int, *, user: str, password: str) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._credentials = {"username": user, "password": password}
        self._opener = build_opener(ProxyHandler({}))
        self._token = ""

    def sign_in(self) -> None:
        """Exchange the password for a token, used from then on."""
        self._token = str(self._call("/auth/token", body=self._credentials)["access_token"])

    def heartbeats(self) -> list[datetime]:
        """The last heartbeats of scheduler and DAG processor, be they alive or not."""
        health = self._call("/api/v2/monitor/health")
        beats = (
            health["scheduler"]["latest_scheduler_heartbeat"],
            health["dag_processor"]["latest_dag_processor_heartbeat"],
        )
        return [datetime.fromisoformat(beat) for beat in beats if beat]

    def dag_ids(self) -> set[str]:
        """The DAGs that the DAG processor has read."""
        return {dag["dag_id"] for dag in self._call("/api/v2/dags")["dags"]}

    def trigger(self, run: Run, *, conf: Mapping[str, object]) -> None:
        """Start a run, without a logical date."""
        body = {"dag_run_id": run.id, "logical_date": None, "conf": dict(conf)}
        self._call(f"/api/v2/dags/{run.dag}/dagRuns", body=body)

    def state(self, run: Run) -> str:
        """queued, running, success or failed."""
        return str(self._call(run.path)["state"])

    def seconds(self, run: Run) -> float:
        """How long a run that has ended took."""
        row = self._call(run.path)
        return (datetime.fromisoformat(row["end_date"]) - datetime.fromisoformat(row["start_date"])).total_seconds()

    def failed_tasks(self, run: Run) -> list[tuple[str, int]]:
        """The tasks of a run that failed, each with the number of its last try."""
        tasks = self._call(f"{run.path}/taskInstances")["task_instances"]
        return [(task["task_id"], task["try_number"]) for task in tasks if task["state"] == "failed"]

    def runs_started_by(self, run: Run) -> list[Run]:
        """The runs that the asset events of a run have started so far."""
        query = urlencode({"source_dag_id": run.dag, "source_run_id": run.id})
        events = self._call(f"/api/v2/assets/events?{query}")["asset_events"]
        return [Run(child["dag_id"], child["run_id"]) for event in events for child in event["created_dagruns"]]

    def _call(self, path: str, *, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        request = Request(
            self._address + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                return dict(json.load(answer))
        except HTTPError as error:
            if error.code < 500:
                raise ApiRefusedError(path, error.read().decode(errors="replace")) from error
            raise ApiUnavailableError(path) from error
        except (URLError, ConnectionError, TimeoutError) as error:
            raise ApiUnavailableError(path) from error
