"""How the last official run of the quarter stands to the ones before it: the counts that were kept when each was judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from models import calendar
from services.platform.queries import queries

TREND_MONTHS = 36


@dataclass(frozen=True)
class RunChange:
    """One official run. counts: as services.judgement.changes kept them; without `rose` where no run came before."""

    as_of: date
    children: int
    counts: Mapping[str, Any]


def read_changes(conn: Connection[Any], run: str, as_of: date) -> tuple[RunChange, ...]:
    """The run, last, after the official runs of the three years before, one a date."""
    asked = {"run": run, "as_of": as_of, "since": calendar.plus_months(as_of, -TREND_MONTHS)}
    return tuple(RunChange(*row) for row in conn.execute(queries("services.council")["changes"], asked))
