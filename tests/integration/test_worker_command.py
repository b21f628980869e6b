"""`mimamori worker` as it runs beside the rest: what it tells whoever watches, and how it waits, recovers and stops."""

import signal
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from psycopg import sql

from services.judgement.main import judge_city
from services.platform.database import Database
from tests.events import DAY, arrive, linked_town, nursery, report, rows, until
from tests.operating import Operator

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


def test_it_waits_for_a_run_and_for_the_database_and_stops_when_told(
    city_at_work: Database, operator: Operator, tmp_path: Path
) -> None:
    database = city_at_work
    linked_town(database, tmp_path / "town")
    arrive(database, "hoiku", [nursery(9)])
    process = operator.start("worker", "--metrics", "0")
    try:
        assert process.stderr is not None
        address = next(line for line in process.stderr if line.startswith("http")).strip().removesuffix("/metrics")
        until(lambda: "公式の判定がまだない" in _page(f"{address}/readyz")[1])
        judge_city(database, as_of=DAY)
        arrive(database, "soudan", [report(2)])
        until(lambda: _page(f"{address}/readyz")[0] == 200)
        _allow_connections(database, False)
        until(lambda: "データベースに接続できません" in _page(f"{address}/readyz")[1])
        _allow_connections(database, True)
        arrive(database, "soudan", [report(3)])
        until(lambda: "mimamori_worker_events_total 3.0" in _page(f"{address}/metrics")[1])
        assert _page(f"{address}/livez") == (200, "ok\n")
        assert _page(f"{address}/") == (404, "not found\n")
    finally:
        process.send_signal(signal.SIGTERM)
        said, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert '"events": 3' in said and '"failed": 0' in said
    assert rows(database, "SELECT count(*) FROM bus.worker") == [0]
    assert "見守" not in told and "00000000" not in told  # nobody's name or number


def _page(address: str) -> tuple[int, str]:
    try:
        with urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _allow_connections(database: Database, allowed: bool) -> None:
    with database.endpoint.connect_administrator(autocommit=True) as conn:
        conn.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(
                sql.Identifier(database.endpoint.database), sql.Literal(allowed)
            )
        )
        if not allowed:
            conn.execute(CUT, (database.endpoint.database,))
