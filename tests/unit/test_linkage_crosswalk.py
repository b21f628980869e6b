"""Links out of the crosswalk, version by version."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from models.linkage.crosswalk import link_versions

TIME = pl.Datetime("us", "UTC")
SCHEMA = {
    "record_key": pl.Int64(), "op": pl.String(), "known_at": TIME, "seal": pl.Int64(), "source_batch_id": pl.String(),
    "event_time": TIME, "content_hash": pl.String(), "person_key": pl.Int64(), "pupil_key": pl.Int64(),
    "sourced_key": pl.Int64(), "uuid_key": pl.Int64(),
}  # fmt: skip


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def row(
    known: int, *, op: str = "I", record: int = 1, atena: int | None = 100, pupil: int | None = 7, **other: Any
) -> dict[str, Any]:
    base = {
        "record_key": record, "op": op, "known_at": day(known), "seal": known, "source_batch_id": "", "event_time": day(known),
        "content_hash": "a", "person_key": atena, "pupil_key": pupil, "sourced_key": None, "uuid_key": None,
    }  # fmt: skip
    return base | other


def versions(*rows: dict[str, Any]) -> list[tuple[int, int, str, int]]:
    found = link_versions(pl.DataFrame(list(rows), schema=SCHEMA)).sort("known_at", "op", "person_key")
    return [(v["person_key"], v["atena_key"], v["op"], v["known_at"].day) for v in found.iter_rows(named=True)]


def test_every_school_number_of_a_row_is_linked_from_the_day_the_row_is_known() -> None:
    assert versions(row(3, sourced_key=8, uuid_key=9)) == [(7, 100, "I", 3), (8, 100, "I", 3), (9, 100, "I", 3)]


def test_a_corrected_number_withdraws_the_old_one() -> None:
    assert versions(row(3), row(5, op="U", pupil=8)) == [(7, 100, "I", 3), (7, 100, "D", 5), (8, 100, "I", 5)]


def test_a_row_that_moves_to_another_child_takes_its_number_along() -> None:
    assert versions(row(3), row(5, op="U", atena=200)) == [(7, 100, "I", 3), (7, 200, "I", 5)]


def test_a_deleted_row_withdraws_its_links() -> None:
    assert versions(row(3), row(5, op="D")) == [(7, 100, "I", 3), (7, 100, "D", 5)]


def test_a_version_replaced_the_moment_it_is_known_gives_nothing() -> None:
    assert versions(row(3), row(3, op="U", pupil=8)) == [(8, 100, "I", 3)]


def test_an_unchanged_row_gives_no_second_version() -> None:
    assert versions(row(3), row(5, op="U")) == [(7, 100, "I", 3)]


@given(st.permutations(range(4)))
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    rows = [row(3), row(5, op="U", pupil=8), row(6, op="D"), row(4, record=2, atena=300, pupil=11)]
    assert versions(*(rows[i] for i in order)) == versions(*rows)
