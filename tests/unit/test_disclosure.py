"""What may be published of a count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.disclosure import BASE, publish, share_text


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (4, 0), (5, 10), (10, 10), (14, 10), (15, 20), (27004, 27000)])
def test_counts_are_rounded_to_ten_halves_up(count: int, shown: int) -> None:
    assert publish(count) == shown


@given(st.integers(0, 10_000))
def test_a_published_count_hides_at_least_ten_exact_ones(count: int) -> None:
    shown = publish(count)
    assert sum(publish(near) == shown for near in range(max(0, shown - 5), shown + 5)) in (5, 10)
    assert abs(shown - count) <= 5


@pytest.mark.parametrize(("part", "whole", "text"), [(3, 40, "―"), (4, 94, "―"), (4, 96, "約0%"), (174, 1000, "約17%")])
def test_a_share_is_of_published_counts_and_of_large_wholes_only(part: int, whole: int, text: str) -> None:
    assert share_text(part, whole) == text


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        publish(-1)


@given(st.lists(st.one_of(st.integers(0, 30), st.integers(0, 5000)), min_size=1, max_size=12))
def test_parts_and_their_total_leave_every_part_open(parts: list[int]) -> None:
    """Whoever knows all published numbers finds at least two values for each part."""
    ranges = [_exact(publish(part)) for part in parts]
    low, high = _exact(publish(sum(parts)))
    for place, (least, most) in enumerate(ranges):
        others = ranges[:place] + ranges[place + 1 :]
        least = max(least, low - sum(most for _, most in others))
        most = min(most, high - sum(least for least, _ in others))
        assert least <= parts[place] <= most
        assert most - least >= 1


def _exact(shown: int) -> tuple[int, int]:
    """The least and the greatest count that is published as `shown`."""
    return max(0, shown - BASE // 2), shown + BASE // 2 - 1
