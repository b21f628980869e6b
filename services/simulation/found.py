"""What was found out about children after past runs: by caseworkers on alerts, and by the office that keeps 要対協 cases."""

from datetime import date
from typing import Any

import polars as pl
from psycopg import Connection

from models.judgement.days import first
from models.simulation.outcomes import OUTCOMES
from schemas.rules import RuleSet
from services.judgement.snapshot import take_snapshot
from services.judgement.suspended import leave_out
from services.platform.bulk import query_frame
from services.platform.database import Database
from services.platform.queries import queries
from services.platform.settings import JAPAN

FOUND_IN_NEED = ("虐待通告", "要保護", "要支援")  # kinds of feed 18 by which an office says that support was needed
_ACTS = {"child_id": pl.String(), "need": pl.Boolean(), "day": pl.Date()}


def outcomes(
    conn: Connection[Any], database: Database, rules: RuleSet, *, seal: int, with_casework: bool
) -> pl.DataFrame:
    """models.simulation.outcomes.OUTCOMES, as the city knows them now.

    with_casework:  the approval lets the analyst use what caseworkers found
    """
    today = database.clock.today()
    found = [_by_office(conn, database, rules, today, seal)]
    if with_casework:
        acts = query_frame(conn, queries("services.simulation")["acts"], None, _ACTS)
        found.append(acts.with_columns(known="day", until=pl.lit(None, dtype=pl.Date), by=pl.lit("casework")))
    return pl.concat([frame.select(pl.col(name).cast(kind) for name, kind in OUTCOMES.items()) for frame in found])


def _by_office(conn: Connection[Any], database: Database, rules: RuleSet, today: date, seal: int) -> pl.DataFrame:
    """Every case of feed 18 that says so, from the first day it may have been received."""
    snapshot = take_snapshot(conn, as_of=today, seal=seal, known_at=database.clock.now(), rules=rules)
    snapshot = leave_out(conn, snapshot, seal=seal)
    cases = snapshot.facts.frame("soudan").filter(pl.col("kind").is_in(FOUND_IN_NEED))
    return (
        cases.rename({"child": "person"})
        .join(snapshot.children, on="person")
        .select(
            "child_id",
            day=first("received"),
            known=pl.col("known_at").dt.convert_time_zone(JAPAN.key).dt.date(),
            until="closed",
            need=pl.lit(value=True),
            by=pl.lit("office"),
        )
    )
