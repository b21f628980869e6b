"""Which numbers are one child, as a run may know it."""

from datetime import datetime
from typing import Any

import polars as pl
from psycopg import Connection

from services.platform.arrays import query_arrays
from services.platform.queries import queries

LINK = {"person_key": pl.Int64(), "child_id": pl.String(), "known_at": pl.Datetime("us", "UTC"), "basis": pl.String()}


def links_at(conn: Connection[Any], *, seal: int, known_at: datetime) -> pl.DataFrame:
    """person_key, child_id, person: the number that stands for the child in the kernel (its smallest key)."""
    rows = query_arrays(conn, queries("services.judgement")["links"], {"seal": seal, "known_at": known_at}, LINK)
    return newest_links(rows)


def newest_links(rows: pl.DataFrame) -> pl.DataFrame:
    """Links in force (columns LINK) as `links_at` gives them: a number that two claim belongs to the one known last."""
    newest = rows.sort("known_at", "basis").unique("person_key", keep="last", maintain_order=True)
    return newest.with_columns(pl.col("person_key").min().over("child_id").alias("person")).select(
        "person_key", "child_id", "person"
    )
