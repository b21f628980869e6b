"""Whichever events cannot be judged: just these are put aside, and all others are judged once, in order."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection, errors

from services.platform import inbox
from services.platform.database import Database
from services.platform.inbox import Waiting
from services.worker import shift
from services.worker.turn import Turn
from tests.events import once, rows

PUT_IN = """
INSERT INTO bus.inbox (source, event_id, digest, feed, part, urgent, batch, line)
SELECT 'urn:mimamori:test', n::text, sha256(n::text::bytea), 'soudan', n % 32, n % 7 = 0, 1, n FROM generate_series(1, {count}) AS n
"""


class Error2(Exception):
    """A class whose name has a digit."""


ERRORS = [LookupError, pl.exceptions.PanicException, Error2]


def test_what_no_event_brings_about_puts_none_aside(database: Database) -> None:
    with database.admin() as conn:
        conn.execute(PUT_IN.format(count=1).encode())
    not_ours = patch.object(shift, "judge_waiting", side_effect=errors.InsufficientPrivilege)
    with not_ours, pytest.raises(shift.OtherDatabaseError):
        once(database)
    assert rows(database, "SELECT count(*) FROM bus.inbox WHERE done_at IS NULL AND failed IS NULL") == [1]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(1, 24), poison=st.sets(st.integers(1, 24)), error=st.sampled_from(ERRORS))
def test_only_events_that_fail_alone_are_put_aside(
    database: Database, count: int, poison: set[int], error: type[BaseException]
) -> None:
    with database.admin() as conn:
        conn.execute("TRUNCATE bus.inbox RESTART IDENTITY CASCADE")
        conn.execute(PUT_IN.format(count=count).encode())
    judged: list[int] = []

    def judge(conn: Connection[Any], database: Database, footing: object, events: Sequence[Waiting]) -> Turn:
        if poison & {event.id for event in events}:
            raise error
        inbox.done(conn, [event.id for event in events], None)
        judged.extend(event.id for event in events)
        return Turn(events)

    with patch.object(shift, "judge_waiting", judge):
        totals = once(database)
    whole = sorted(set(range(1, count + 1)) - poison, key=lambda event: (event % 7 != 0, event))
    assert judged == whole and totals.events == len(whole)
    failed = rows(database, "SELECT id, failed FROM bus.inbox WHERE failed IS NOT NULL ORDER BY id")
    assert failed == [(event, error.__name__.rstrip("2")) for event in sorted(poison & set(range(1, count + 1)))]
    assert totals.failed == len(failed)
    assert rows(database, "SELECT count(*) FROM bus.inbox WHERE done_at IS NULL AND failed IS NULL") == [0]
