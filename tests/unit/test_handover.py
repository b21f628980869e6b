"""What one scheduled run hands to the next."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from schemas.errors import UsageError
from services.cli.handover import handed_over


@dataclass(frozen=True)
class Event:
    extra: dict[str, object] = field(default_factory=dict)
    timestamp: datetime = datetime(2026, 9, 1, tzinfo=UTC)


def test_the_newest_event_speaks_whatever_order_they_come_in() -> None:
    older = Event({"run": "1"}, datetime(2026, 9, 1, 9, 0, 0, tzinfo=UTC))
    newer = Event({"run": "2"}, datetime(2026, 9, 1, 9, 0, 1, tzinfo=UTC))

    assert handed_over({"judged": [newer, older]}, "judged", "run") == {"run": "2"}
    assert handed_over({"judged": [older, newer]}, "judged", "run") == {"run": "2"}


def test_only_what_is_asked_for_is_read_as_text() -> None:
    events = {"loaded": [Event({"as_of": "2026-08-31", "batches": 21})]}

    assert handed_over(events, "loaded", "batches") == {"batches": "21"}


@pytest.mark.parametrize("extra", [{}, {"as_of": None}, {"as_of": ""}, {"run": "1"}])
def test_an_event_without_the_day_is_refused(extra: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="as_of"):
        handed_over({"linked": [Event(extra)]}, "linked", "as_of")


def test_nothing_loaded_is_a_count_and_no_absence() -> None:
    assert handed_over({"loaded": [Event({"batches": 0})]}, "loaded", "batches") == {"batches": "0"}


def test_a_run_started_by_hand_has_no_event_and_is_refused() -> None:
    with pytest.raises(UsageError, match=r"as_of, run"):
        handed_over({}, "judged", "as_of", "run")
