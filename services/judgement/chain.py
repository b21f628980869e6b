"""The chain of earlier official runs that hysteresis looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from psycopg import Connection

from services.platform.bulk import query_frame
from services.platform.queries import queries

_SAID = {"child_id": pl.String(), "raw_category": pl.String()}


@dataclass(frozen=True)
class Official:
    """An official run of an earlier as-of date; root in hexadecimal."""

    as_of: date
    run: str
    root: str


def official_runs(conn: Connection[Any], *, as_of: date, seal: int, released_by: datetime | None) -> list[Official]:
    """In order of as-of date, one a date before `as_of`: the one released last, among those released up to `seal`.

    released_by:  of a run that asks for an earlier known-at: the time up to which releases count; None = no such limit
    """
    asked = {"as_of": as_of, "seal": seal, "released_by": released_by}
    return [Official(*row) for row in conn.execute(queries("services.judgement")["chain"], asked)]


def history_of(conn: Connection[Any], chain: Sequence[Official], children: pl.DataFrame) -> list[pl.DataFrame]:
    """What each run of the chain said before hysteresis: person, raw_category."""
    said = (
        query_frame(conn, queries("services.judgement")["raw_categories"], {"run": each.run}, _SAID) for each in chain
    )
    return [frame.join(children, on="child_id").select("person", "raw_category") for frame in said]
