"""A worker that is killed anywhere leaves its events waiting, or done: the next one ends what it began, once."""

from pathlib import Path

from services.platform.database import Database
from services.publication.main import publish_run
from tests.dying import killed_worker
from tests.events import arrive, differences, judged_town, once, report, rows
from tests.stored import log_entries, log_faults

BEFORE = (
    "after-taking-before-judging",
    "after-decision-before-publishing",
    "after-publishing-before-marking",
    "after-marking-before-commit",
)


def test_whoever_is_killed_loses_nothing_and_nothing_is_done_twice(city_at_work: Database, tmp_path: Path) -> None:
    database = city_at_work
    judged_town(database, tmp_path / "town")
    publish_run(database)
    arrive(database, "soudan", [report(2), report(3)])
    before = len(log_entries(database))
    for place in BEFORE:
        killed_worker(database.settings, place)
    assert len(log_entries(database)) == before
    assert rows(database, "SELECT count(*) FROM bus.inbox WHERE done_at IS NULL") == [2]
    killed_worker(database.settings, "after-commit-of-turn")
    assert once(database).events == 0
    acts = "SELECT act, count(*) FROM gate.decision WHERE act LIKE '%_event' GROUP BY act ORDER BY act"
    assert rows(database, acts) == [("judge_event", 1), ("publish_event", 2)]
    assert rows(database, "SELECT count(*) FROM publication.alert WHERE provisional IS NOT NULL") == [2]
    assert differences(database) == [] and log_faults(database) == []
