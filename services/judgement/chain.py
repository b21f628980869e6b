"""The chain of earlier official runs that hysteresis looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from psycopg import Connection

from services.gate.releases import releases
from services.platform.bulk import query_frame
from services.platform.queries import queries

RELEASERS_NEEDED = 2
_SAID = {"child_id": pl.String(), "raw_category": pl.String()}


@dataclass(frozen=True)
class Official:
    """An official run of an earlier as-of date; root in hexadecimal."""

    as_of: date
    run: str
    root: str


def official_runs(conn: Connection[Any], *, as_of: date, seal: int, released_by: datetime | None) -> list[Official]:
    """In order of as-of date, one a date before `as_of`: the one released last, among those released up to `seal`.

    A held run counts from the second release that a registered person signed.

    released_by:  of a run that asks for an earlier known-at: the time up to which releases count; None = no such limit
    """
    official = _made_official(conn, as_of)
    asked = {
        "as_of": as_of, "seal": seal, "released_by": released_by, "runs": list(official), "seals": list(official.values()),
    }  # fmt: skip
    return [Official(*row) for row in conn.execute(queries("services.judgement")["chain"], asked)]


def _made_official(conn: Connection[Any], as_of: date) -> dict[str, int]:
    """Held runs before a date that two persons released → the seal of the second release."""
    held = [run for (run,) in conn.execute(queries("services.judgement")["held_before"], {"as_of": as_of}).fetchall()]
    seals: dict[str, list[int]] = {}
    for release in releases(conn, held):
        seals.setdefault(release.run, []).append(release.seal)
    return {run: each[1] for run, each in seals.items() if len(each) >= RELEASERS_NEEDED}


def history_of(conn: Connection[Any], chain: Sequence[Official], children: pl.DataFrame) -> list[pl.DataFrame]:
    """What each run of the chain said before hysteresis: person, raw_category."""
    said = (
        query_frame(conn, queries("services.judgement")["raw_categories"], {"run": each.run}, _SAID) for each in chain
    )
    return [frame.join(children, on="child_id").select("person", "raw_category") for frame in said]
