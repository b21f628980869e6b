"""Which version of a record counts (reading 2)."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.judgement.versions import current

EARLY, LATE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
FIRST = {
    "record_key": 1,
    "known_at": EARLY,
    "seal": 1,
    "op": "I",
    "source_batch_id": "B1",
    "event_time": EARLY,
    "content_hash": "00",
    "revises": False,
}


def version(value: str, **changes: Any) -> dict[str, Any]:
    return {**FIRST, "revises": True, **changes, "value": value}


def values(*rows: dict[str, Any]) -> list[str]:
    return sorted(current(pl.DataFrame(list(rows)))["value"])


FIRST_ROW = {**FIRST, "value": "first"}


@pytest.mark.parametrize(
    "greater",
    [
        {"known_at": LATE, "seal": 0},
        {"seal": 2, "op": "I"},
        {"op": "U", "source_batch_id": "A"},
        {"source_batch_id": "B2", "event_time": datetime(2026, 1, 1, tzinfo=UTC)},
        {"event_time": LATE, "content_hash": "0"},
        {"content_hash": "01"},
    ],
)
def test_the_latest_known_counts_and_ties_go_by_seal_op_batch_event_and_hash(greater: dict[str, Any]) -> None:
    assert values(FIRST_ROW, version("second", **greater)) == ["second"]
    assert values(version("second", **greater), FIRST_ROW) == ["second"]


def test_a_version_known_earlier_but_loaded_later_does_not_count() -> None:
    earlier = version("second", known_at=datetime(2026, 4, 1, tzinfo=UTC), seal=9, op="U")
    assert values(FIRST_ROW, earlier) == ["first"]


def test_a_tombstone_takes_the_fact_away() -> None:
    assert values(FIRST_ROW, version("gone", known_at=LATE, op="D")) == []


def test_a_fact_may_come_back_after_its_tombstone() -> None:
    gone = version("gone", known_at=LATE, op="D")
    assert values(FIRST_ROW, gone, version("back", known_at=LATE, seal=2)) == ["back"]


def test_a_tombstone_without_an_earlier_version_leaves_nothing() -> None:
    assert values(version("gone", op="D")) == []


def test_other_records_stay_as_they_are() -> None:
    other = {**FIRST_ROW, "record_key": 2, "value": "other"}
    assert values(FIRST_ROW, other) == ["first", "other"]
    assert values(FIRST_ROW, other, version("second", op="U")) == ["other", "second"]


VERSIONS = st.lists(
    st.builds(
        lambda key, known, seal, op, letter: (key, known, seal, op, letter),
        st.integers(1, 3),
        st.sampled_from([EARLY, LATE]),
        st.integers(1, 3),
        st.sampled_from("IUD"),
        st.sampled_from("abc"),
    ),
    min_size=1,
    unique=True,
)


@given(VERSIONS, st.randoms(use_true_random=False))
def test_order_changes_nothing(drawn: list[tuple[int, datetime, int, str, str]], random: Any) -> None:
    rows = [
        version(f"{i}", record_key=key, known_at=known, seal=seal, op=op, content_hash=letter)
        for i, (key, known, seal, op, letter) in enumerate(drawn)
    ]
    shuffled = random.sample(rows, len(rows))
    assert values(*rows) == values(*shuffled)
