"""A year of a city's life, event by event through intake and worker, comes to what one run says: rank, reason and source."""

import csv
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from models.judgement.line import leaf_hashes
from schemas.errors import HeldError
from schemas.events.kinds import EVENT_FEEDS
from services.gate.people import authenticate
from services.intake.events import take_in
from services.intake.main import load_folder
from services.judgement import snapshot, ties
from services.judgement.compute import Asked, compute
from services.judgement.ground import ground_of
from services.judgement.look import release_run
from services.judgement.main import judge_city
from services.linkage.main import link_city
from services.platform.database import Database
from services.rulesets import adopted_now
from tests.cloud_events import event, received
from tests.conftest import OpenAt
from tests.events import once, rows
from tests.oracle.folders import LOADS, City, make_city
from tests.stored import log_faults

YEAR_BEGINS = "2025-09-01"
TODAY = LOADS[-1].date()
MANY = 30  # events at once
Sent = tuple[str, dict[str, str]]  # feed, row
SAID = """
SELECT DISTINCT ON (child_id) child_id::text, leaf_hash
FROM judgement.provisional_line JOIN judgement.said USING (judgement) ORDER BY child_id, seal DESC
"""


def test_a_year_event_by_event_comes_to_what_one_run_says(
    city_at_work: Database, open_at: OpenAt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(11)
    city = make_city(rng, tmp_path / "city", children=24)
    before, year = _parted(city, rng)
    database = open_at(LOADS[-1].isoformat())
    load_folder(database, _written(before, city, tmp_path / "before"), initial=True)
    link_city(database)
    _judge_officially(database)
    said = _of_one_run(database)
    turns, judged = 0, 0
    while year:
        some, year = year[: (many := rng.randint(1, MANY))], year[many:]
        take_in(database, received((event(feed, row) for feed, row in some), first=turns * MANY))
        judged += once(database).children
        turns += 1
    said |= dict(rows(database, SAID))
    monkeypatch.setattr(snapshot, "PIECE_PAGES", 1)  # one run, yet read in many pieces
    monkeypatch.setattr(ties, "FEW", 100)  # and every tie asked for by its records
    run = _of_one_run(database)
    assert {child: said[child] for child in run} == run  # who has left the city is said no more of
    assert turns > 10 and judged < turns * len(said) / 2  # each time a few households, not the city
    assert rows(database, "SELECT count(*) FROM bus.inbox WHERE done_at IS NULL") == [0]
    assert log_faults(database) == []


def _parted(city: City, rng: Random) -> tuple[list[Sent], list[Sent]]:
    """What was known when the year began, and whose number is whose; and the year's rows as they come, some of them late."""
    first, *later = (_rows(load.folder.glob("*.csv")) for load in city.loads)
    known = {
        id(row) for feed, row in first if feed not in EVENT_FEEDS or feed == "oneroster_map" or _said(row) < YEAR_BEGINS
    }
    year = sorted((sent for sent in first if id(sent[1]) not in known), key=lambda sent: _said(sent[1]))
    for load in later:
        rng.shuffle(load)
        year += load
    return [sent for sent in first if id(sent[1]) in known], year


def _said(row: dict[str, str]) -> str:
    return row["event_time"]


def _rows(paths: Iterable[Path]) -> list[Sent]:
    found = []
    for path in sorted(paths):
        with path.open(encoding="utf-8", newline="") as file:
            found += [(path.stem, {name: text for name, text in row.items() if text}) for row in csv.DictReader(file)]
    return found


def _written(sent: list[Sent], city: City, folder: Path) -> Path:
    """The rows as files; a feed without any has an empty one, so that none is missing before it begins."""
    folder.mkdir()
    for path in sorted(path for load in city.loads for path in load.folder.glob("*.csv")):
        header = path.read_text("utf-8").splitlines()[0].split(",")
        found = [row for feed, row in sent if feed == path.stem]
        names = dict.fromkeys([*header, *(name for row in found for name in row)])
        with (folder / path.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(names), restval="")
            writer.writeheader()
            writer.writerows(found)
    return folder


def _judge_officially(database: Database) -> None:
    report = judge_city(database, as_of=TODAY)
    for name in ("caseworker", "admin") if report.held else ():
        with suppress(HeldError):
            release_run(database, report.run, authenticate(database, database.settings.home / "people" / f"{name}.pem"))


def _of_one_run(database: Database) -> dict[str, bytes]:
    """Child → leaf of what a run of this moment says, on the norms that 速報 stand on, before the guard."""
    with database.connect("analyst") as conn:
        (seal,) = conn.execute("SELECT max(seal) FROM platform.seal").fetchall()[0]
        ground = ground_of(conn, as_of=TODAY, seal=seal, rules=adopted_now(database))
        assert ground is not None
        run = compute(conn, Asked(TODAY, None, ground.rules, trial=True), seal=seal, chain=[], norms=ground.norms)
        return dict(zip(run.lines["child_id"], leaf_hashes(run.lines["line"]), strict=True))
