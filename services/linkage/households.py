"""Membership of households, append-only: what the register newly says is added, what it no longer says is withdrawn."""

from typing import Any

import polars as pl
from psycopg import Connection, sql

from services.platform.bulk import copy_in, query_frame
from services.platform.queries import queries

MEMBER = pl.Schema({"setai_key": pl.Int64(), "person_key": pl.Int64(), "from_date": pl.Date(), "to_date": pl.Date()})


def record_households(conn: Connection[Any], seal: int) -> None:
    """Bring linkage.household to what the resident register says now, under the seal of this linkage run."""
    now, before = (
        query_frame(conn, queries("services.linkage")[name], {}, MEMBER)
        for name in ("households", "recorded_households")
    )
    key = ["setai_key", "person_key", "from_date"]
    gone = before.join(now, on=key, how="anti").with_columns(op=pl.lit("D"))
    new = now.join(before, on=list(MEMBER), how="anti", nulls_equal=True).with_columns(op=pl.lit("I"))
    copy_in(
        conn,
        pl.concat([gone, new]).with_columns(seal=pl.lit(seal)),
        sql.Identifier("linkage", "household"),
        [*MEMBER, "op", "seal"],
    )
