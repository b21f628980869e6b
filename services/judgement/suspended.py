"""Leaves children whose 利用停止 is decided out of what a run sees: they are not judged, and no norm rests on their rows.

By the run's seal and not by T: a suspension bars the use of data from when it is recorded, however old the day that is judged.
"""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import polars as pl
from psycopg import Connection

from models.judgement.facts import Facts
from services.gate.suspended import barred
from services.judgement.snapshot import Snapshot
from services.platform.queries import queries

SUBJECTS = (
    "person",
    "child",
    "member",
)  # whom a row is about; a row that only names the child beside another is the other's


def leave_out(conn: Connection[Any], snapshot: Snapshot, *, seal: int) -> Snapshot:
    """The snapshot without the rows about children who were suspended up to the seal; rows about their households stay."""
    decided = barred(conn, seal=seal)
    if not decided:
        return snapshot
    asked = {"children": list(decided), "seal": seal}
    ids = [str(child) for (child,) in conn.execute(queries("services.judgement")["same_children"], asked)]
    left_out = snapshot.children.filter(pl.col("child_id").is_in(ids))
    persons = left_out["person"].to_list()
    return replace(
        snapshot,
        facts=Facts(
            {feed: _without(rows, persons) for feed, rows in snapshot.facts.frames.items()}, snapshot.facts.missing
        ),
        children=snapshot.children.filter(~pl.col("child_id").is_in(ids)),
        suspended=tuple(sorted(left_out["child_id"].to_list())),
    )


def suspended_digest(children: Collection[str]) -> str:
    """SHA-256 over the linkage IDs that were left out, one a line in order; hexadecimal."""
    return hashlib.sha256("".join(f"{child}\n" for child in sorted(children)).encode()).hexdigest()


def _without(rows: pl.DataFrame, persons: list[int]) -> pl.DataFrame:
    """A row that is about nobody, such as a household's, stays."""
    about = [pl.col(column).is_in(persons).fill_null(value=False) for column in SUBJECTS if column in rows.columns]
    return rows.filter(~pl.any_horizontal(about)) if about else rows
