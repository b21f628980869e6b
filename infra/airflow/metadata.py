"""Airflow's own database: emptied and made anew before each passage.

What an aborted passage left queued or running would otherwise go first, or block the new one.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg

from infra.airflow.errors import MigrationFailedError


def prepare_metadata(connection: psycopg.Connection, *, environment: Mapping[str, str], log: Path) -> None:
    """Empty the database and let Airflow make its tables.

    connection:  of the database's owner; closed on return
    environment: Airflow's settings, naming the same database
    """
    with connection:
        connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
        connection.execute("CREATE SCHEMA public")
    with log.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise MigrationFailedError(log)
