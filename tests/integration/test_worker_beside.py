"""Workers side by side, an event that cannot be judged among the rest, and connections that are cut under them."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from services.judgement.by_event import ByEvent, judge_events
from services.judgement.ground import Ground
from services.judgement.touched import Touched
from services.platform.database import Database
from services.publication.main import publish_run
from services.worker import shift, turn
from services.worker.figures import Totals
from services.worker.main import work
from tests.events import arrive, differences, judged_town, moved, report, rows, until
from tests.stored import log_faults

WAITING = "SELECT count(*) FROM bus.inbox WHERE done_at IS NULL AND failed IS NULL"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'worker' AND datname = current_database()"


def test_two_workers_judge_each_event_once_whatever_befalls_them(
    city_at_work: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = city_at_work
    judged_town(database, tmp_path / "town")
    publish_run(database)
    poison = _key_of(database, 7)
    monkeypatch.setattr(turn, "judge_events", _failing(poison))
    monkeypatch.setattr(shift, "RENEW_SECONDS", 0.1)  # so that the second soon has its share
    with _working(database, 2) as totals:
        until(lambda: len(rows(database, "SELECT DISTINCT holder FROM bus.lease")) == 2)
        for first in (2, 12, 22):
            arrive(database, "soudan", [report(number) for number in range(first, first + 10)])
            rows(database, CUT)
        until(lambda: rows(database, WAITING) == [0])
    done = [future.result() for future in totals]
    assert sum(each.events for each in done) == 29 and sum(each.failed for each in done) == 1
    assert rows(database, "SELECT failed FROM bus.inbox WHERE done_at IS NULL") == ["LookupError"]
    assert sum(each.published for each in done) == 29
    assert rows(database, "SELECT count(DISTINCT child_id) FROM publication.alert WHERE provisional IS NOT NULL") == [
        29
    ]
    assert rows(database, "SELECT count(*) FROM bus.worker") == [0]  # who stops gives its share back
    assert differences(database) == [] and log_faults(database) == []


def test_who_waited_for_a_household_judges_it_as_it_has_become(city_at_work: Database, tmp_path: Path) -> None:
    database = city_at_work
    judged_town(database, tmp_path / "town")
    arrive(database, "soudan", [report(2)])
    (home,) = rows(database, "SELECT setai_key FROM identity.household WHERE number = '900000002'")
    with database.connect("worker") as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (home,))
        with _working(database, 1) as totals:
            until(lambda: bool(rows(database, "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")))
            arrive(database, "resident", [moved(2, setai_no="900000003")])
            (seal,) = rows(database, "SELECT max(seal) FROM facts.batch")
            other.rollback()
            until(lambda: rows(database, WAITING) == [0])
    assert totals[0].result().events == 2
    assert rows(database, "SELECT min(read_seal) FROM judgement.provisional") == [seal]
    said = "SELECT count(DISTINCT child_id) FROM judgement.provisional_line JOIN judgement.said USING (judgement)"
    assert rows(database, said) == [2]  # who was at home there already is judged too
    assert differences(database) == []


@contextmanager
def _working(database: Database, count: int) -> Iterator[list[Future[Totals]]]:
    """So many workers while the block lasts; what they did, once it is over."""
    stop = threading.Event()
    with ThreadPoolExecutor(count) as threads:
        try:
            yield [threads.submit(work, database, stop) for _ in range(count)]
        finally:
            stop.set()


def _key_of(database: Database, number: int) -> int:
    (key,) = rows(
        database, f"SELECT person_key FROM identity.person WHERE system = 'atena_no' AND number = '{number:010d}'"
    )
    return int(key)


def _failing(poison: int) -> Callable[..., ByEvent]:
    """`judge_events` that cannot judge what touches one person."""

    def fail(conn: Connection[Any], ground: Ground, touched: Touched, *, today: date) -> ByEvent:
        if poison in touched.keys:
            raise LookupError
        return judge_events(conn, ground, touched, today=today)

    return fail
