"""Loaded event by event, and judged only where an event touches, a city comes to be judged as if at once: rank, reason and source."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from schemas.errors import HeldError
from services.approvals.demo import set_up_demo
from services.gate.people import authenticate
from services.intake.main import load_folder
from services.judgement import snapshot
from services.judgement.compute import Asked, compute
from services.judgement.ground import ground_of
from services.judgement.look import release_run
from services.judgement.main import judge_city
from services.judgement.provisional import judge_touched
from services.judgement.store import list_runs
from services.judgement.touched import Touched, touched_by
from services.linkage.main import link_city
from services.platform.database import Database
from services.rulesets.standing import adopted_now
from tests.conftest import OpenAt
from tests.oracle.folders import City, make_city

ROWS = 6  # of one event
MINUTE = timedelta(minutes=1)


def test_only_whom_events_touch_is_judged_again_and_nobody_is_missed(
    database: Database, open_at: OpenAt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_demo(database)
    city = make_city(Random(11), tmp_path / "city", children=24)
    first, day = city.loads[0], city.as_ofs[-1]
    start = open_at(first.at.isoformat())
    load_folder(start, first.folder, initial=True)
    link_city(start)
    _judge_officially(start, day)
    state, known, judged = _last_run(start), _seal(start), []
    for at, folder in _events(city, tmp_path / "events"):
        now = open_at(at.isoformat())
        load_folder(now, folder)
        link_city(now)
        with now.connect("analyst") as conn:
            seal = _seal(now)
            ground = ground_of(conn, as_of=day, seal=seal, rules=adopted_now(now))
            assert ground is not None
            touched = touched_by(conn, after=known, until=seal)
            everybody = {key for (key,) in conn.execute("SELECT person_key FROM linkage.link").fetchall()}
            asked = Touched(frozenset(everybody)) if touched.everybody else touched
            lines = judge_touched(conn, ground, asked, seal=seal, known_at=at).lines
            state |= dict(zip(lines["child_id"], lines["line"], strict=True))
            judged += [] if touched.everybody else [lines.height]
        known = seal
    assert ground is not None
    monkeypatch.setattr(snapshot, "PIECE_PAGES", 1)  # at once, yet read in many pieces
    with now.connect("analyst") as conn:
        once = compute(conn, Asked(day, at, ground.rules, trial=True), seal=known, chain=[], norms=ground.norms).lines
    assert {child: state[child] for child in once["child_id"]} == dict(once.iter_rows())
    assert len(judged) > 10 and sum(judged) < len(judged) * once.height / 2  # each time a few households, not the city


def _judge_officially(database: Database, day: date) -> None:
    report = judge_city(database, as_of=day)
    for name in ("caseworker", "admin") if report.held else ():
        with suppress(HeldError):
            release_run(database, report.run, authenticate(database, database.settings.home / "people" / f"{name}.pem"))


def _events(city: City, root: Path) -> Iterator[tuple[datetime, Path]]:
    """The later loads, a few rows of one feed at a time."""
    for load in city.loads[1:]:
        at = load.at
        for path in sorted(load.folder.glob("*.csv")):
            head, *rows = path.read_text("utf-8").splitlines(keepends=True)
            for place in range(0, len(rows), ROWS):
                at += MINUTE
                folder = root / f"{at:%d%H%M}"
                folder.mkdir(parents=True)
                (folder / path.name).write_text("".join([head, *rows[place : place + ROWS]]), "utf-8")
                yield at, folder


def _last_run(database: Database) -> dict[str, str]:
    """The lines of the one run there is."""
    with database.connect("analyst") as conn:
        run = list_runs(conn)[0]
        asked = Asked(run.as_of, run.known_at, adopted_now(database), trial=True)
        return dict(compute(conn, asked, seal=run.seal).lines.iter_rows())


def _seal(database: Database) -> int:
    with database.connect("analyst") as conn:
        return int(conn.execute("SELECT max(seal) FROM platform.seal").fetchall()[0][0])
