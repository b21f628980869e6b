"""Airflow's settings for one machine, all as environment variables: every process is started with the same."""

import secrets
from collections.abc import Mapping
from pathlib import Path

OPERATOR = "operator"  # the one user of this Airflow; its password is made anew at each start
PASSWORDS = "passwords.json"  # in AIRFLOW_HOME; where Airflow looks for it


def airflow_environment(
    base: Mapping[str, str], *, home: Path, dags: Path, database_url: str, port: int
) -> dict[str, str]:
    """Add Airflow's settings to `base`.

    home:          AIRFLOW_HOME: logs, and the file in which Airflow keeps secrets of its own
    database_url:  SQLAlchemy URL of the metadata database, good for sync and async use
    port:          of the API, on 127.0.0.1 alone
    """
    address = f"http://127.0.0.1:{port}"
    return {
        **base,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{OPERATOR}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / PASSWORDS),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": database_url,  # else Airflow looks for asyncpg
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(64),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(64),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        # A task's supervisor may sleep a whole interval after its task has ended: 5 s by default, each time.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    }
