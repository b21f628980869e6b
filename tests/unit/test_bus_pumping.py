"""Pumps go on for ever: what they wait for, how long, and what they say of it."""

from collections.abc import Callable
from threading import Event

import psycopg
import pytest
from structlog.testing import capture_logs

from services.bus.errors import BrokerUnreachableError
from services.bus.pumping import keep_on


class Waits(Event):
    """An event that is set after some waits, none of which takes any time."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        if len(self.seconds) == self.most:
            self.set()
        return self.is_set()


def test_each_wait_is_longer_up_to_a_bound_and_why_is_said_once() -> None:
    stop = Waits(7)

    def work(well: Callable[[], None]) -> None:
        if len(stop.seconds) == 5:
            well()
        raise BrokerUnreachableError("kafka:9092", "Connection refused")

    with capture_logs() as said:
        keep_on(work, stop)
    assert stop.seconds == [0.5, 1.0, 2.0, 4.0, 5.0, 0.5, 1.0]
    assert [each["kind"] for each in said] == ["BrokerUnreachableError"] * 2  # again, for all was well in between


def test_what_the_database_says_is_not_repeated_and_other_errors_are_ours() -> None:
    stop = Waits(1)

    def gone(well: Callable[[], None]) -> None:
        raise psycopg.OperationalError("Key (number)=(1234567890) …")

    with capture_logs() as said:
        keep_on(gone, stop)
    assert "1234567890" not in str(said)

    def wrong(well: Callable[[], None]) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        keep_on(wrong, Waits(1))
