"""What a manifest names of the data that a run could see."""

import polars as pl

from services.judgement.compute import BATCH
from services.judgement.manifest import named

FILES = [(1, "resident", "resident.csv", "aa", False), (4, "soudan", "soudan.csv", "bb", False)]
EVENTS = [(2, "soudan", "topic", "cc", True), (3, "soudan", "topic", "dd", True), (5, "academic", "topic", "ee", True)]


def frame(*rows: tuple[int, str, str, str, bool]) -> pl.DataFrame:
    """Batches in their order."""
    return pl.DataFrame(sorted(rows), schema=BATCH, orient="row")


def test_files_are_named_one_by_one_and_a_feeds_events_together() -> None:
    assert named(frame(*FILES)) == [{"feed": "resident", "digest": "aa"}, {"feed": "soudan", "digest": "bb"}]
    found = named(frame(*FILES, *EVENTS))
    assert found[:2] == named(frame(*FILES))
    assert [(each["feed"], each["events"]) for each in found[2:]] == [("soudan", 2), ("academic", 1)]


def test_every_event_counts_and_so_does_the_order() -> None:
    one, other = EVENTS[:2]
    swapped = [(2, *other[1:]), (3, *one[1:])]
    digests = {named(frame(*rows))[0]["digest"] for rows in ([one], [one, other], swapped)}
    assert len(digests) == 3
