"""Events as the inbox has them, a town with an official run for them to arrive in, and what an official run would say."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

from models.judgement.line import leaf_hashes
from services.intake.events import take_in
from services.intake.main import load_folder
from services.judgement.compute import Asked, compute
from services.judgement.ground import ground_of
from services.judgement.main import judge_city
from services.linkage.main import link_city
from services.platform.database import Database
from services.rulesets import adopted
from services.worker.figures import Totals
from services.worker.main import work
from tests.canonical import Row, protection, resident, write_town
from tests.cloud_events import event, received

DAY = date(2026, 8, 31)
_ids = count(1)


def linked_town(database: Database, folder: Path, *, children: int = 40) -> None:
    """The town of tests.canonical, loaded and linked."""
    load_folder(database, write_town(folder, children=children), initial=True)
    link_city(database)


def judged_town(database: Database, folder: Path, *, children: int = 40) -> None:
    """The same with an official run, of which nothing is published."""
    linked_town(database, folder, children=children)
    judge_city(database, as_of=DAY)


def report(number: int, **changes: str) -> Row:
    """A report of violence (虐待通告) of the day before the town's first event."""
    row = {**protection(number, "虐待通告"), "received": "2026-08-30", "event_time": "2026-08-30T10:00:00+09:00"}
    return {**row, "source_record_id": f"report-{number}", **changes}


def moved(number: int, **changes: str) -> Row:
    """A child's second entry in the resident register (転居), in the household it was in unless `setai_no` is changed."""
    said = {
        "rireki_no": "2",
        "ido_jiyu": "転居",
        "effective_from": "2026-08-25",
        "event_time": "2026-08-25T10:00:00+09:00",
    }
    return {**resident(number), **said, "source_record_id": f"move-{number}", **changes}


def nursery(number: int) -> Row:
    """A place in a nursery (保育), which no rank rests on."""
    said = {"facility_code": "H001", "kind": "保育所", "from": "2026-04-01", "event_time": "2026-08-25T10:00:00+09:00"}
    return {"source_record_id": f"nursery-{number}", "child_atena_no": f"{number:010d}", **said}


def arrive(database: Database, feed: str, rows: Sequence[Row]) -> None:
    """An event for each of these rows comes in, all at once."""
    taken = take_in(database, received([event(feed, row, id=f"event-{next(_ids)}") for row in rows]))
    assert taken.events == len(rows) and not taken.quarantined


def once(database: Database) -> Totals:
    """A worker judges what waits, and ends."""
    return work(database, Event(), once=True)


def rows(database: Database, query: str) -> list[Any]:
    """The answer of a query, as the administrator sees it; of one column its values alone."""
    with database.admin() as conn:
        found = conn.execute(query.encode()).fetchall()
    return [row[0] if len(row) == 1 else row for row in found]


def until(true: Callable[[], bool]) -> None:
    """Wait until it is true; a minute is too long."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def differences(database: Database) -> list[int]:
    """Seals of 速報 that say of a child what a run of the same day, seal, norms and chain would not; none, if all is well."""
    found = []
    with database.connect("analyst") as conn:
        for seal, as_of, read in conn.execute("SELECT seal, as_of, read_seal FROM judgement.provisional").fetchall():
            ground = ground_of(conn, as_of=as_of, seal=read, rules=adopted(conn, as_of))
            assert ground is not None
            asked = Asked(as_of, None, ground.rules, trial=True)
            lines = compute(conn, asked, seal=read, chain=ground.chain, norms=ground.norms).lines
            of_run = dict(zip(lines["child_id"], leaf_hashes(lines["line"]), strict=True))
            said = conn.execute(_SAID, {"seal": seal}).fetchall()
            found += [] if said and all(of_run[child] == leaf for child, leaf in said) else [seal]
    return found


_SAID = """
SELECT child_id::text, leaf_hash FROM judgement.provisional_line JOIN judgement.said USING (judgement) WHERE seal = %(seal)s
"""
