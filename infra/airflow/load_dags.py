"""Loads every DAG in Airflow itself: `python -m infra.airflow.load_dags`.

Prints, as one JSON document, the assets that start each DAG and those that it makes; fails if a file does not load.
Airflow writes where AIRFLOW_HOME says, here a folder that is thrown away.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

DAGS = Path(__file__).parents[2] / "dags"


def main() -> int:
    """Load the DAGs; the exit code of the process."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"AIRFLOW_HOME": home, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
        os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"
        # Only now: Airflow makes its home when it is imported.
        from airflow.dag_processing.dagbag import DagBag
        from airflow.sdk import Asset

        bag = DagBag(DAGS)
    for file, error in bag.import_errors.items():
        sys.stderr.write(f"{file}: {error}\n")
    found = {
        name: {
            "started_by": [asset.name for asset in _listed(dag.schedule) if isinstance(asset, Asset)],
            "makes": [asset.name for task in dag.tasks for asset in task.outlets if isinstance(asset, Asset)],
        }
        for name, dag in sorted(bag.dags.items())
    }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 1 if bag.import_errors else 0


def _listed(schedule: object) -> list[object]:
    """The assets of an asset schedule; no other schedule starts one DAG after another."""
    return schedule if isinstance(schedule, list) else []


if __name__ == "__main__":
    sys.exit(main())
