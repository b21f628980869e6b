"""The quarter in figures: exact counts, as read; rounding is the page's business."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from services.council.quarter import Quarter
from services.platform.queries import queries


@dataclass(frozen=True)
class Figures:
    """One quarter, exact.

    first, last, entries:  range of indexes of the log that counts of acts come from; None where it has none
    acts:       (act, decision, clause, approval hash, recipient, count)
    items:      (feed or kind of result, decision, count)
    other:      (kind of entry that is no decision, count)
    approvals, runs, loads, linkage, queue, closings:  see queries.sql
    """

    first: int | None
    last: int | None
    entries: int
    acts: list[tuple[Any, ...]]
    items: list[tuple[Any, ...]]
    other: list[tuple[Any, ...]]
    approvals: list[tuple[Any, ...]]
    runs: list[tuple[Any, ...]]
    loads: list[tuple[Any, ...]]
    linkage: tuple[Any, ...] | None
    queue: list[tuple[Any, ...]]
    closings: list[tuple[Any, ...]]


def read_figures(conn: Connection[Any], quarter: Quarter) -> Figures:
    """Read the quarter's figures in the caller's transaction."""
    days = {"first": quarter.first.isoformat(), "last": quarter.last.isoformat()}

    def rows(name: str) -> list[tuple[Any, ...]]:
        return conn.execute(queries("services.council")[name], days).fetchall()

    first, last, entries = rows("range")[0]
    linkage = rows("linkage")
    return Figures(
        first, last, entries, rows("acts"), rows("items"), rows("human_acts"), rows("approvals"), rows("runs"), rows("loads"),
        linkage[0] if linkage else None, rows("queue"), rows("closings"),
    )  # fmt: skip
