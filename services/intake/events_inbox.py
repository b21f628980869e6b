"""The inbox rows of a batch: which fact each event became, and in whose share it is."""

from functools import cache
from typing import Any

import polars as pl
from psycopg import Connection, sql

from schemas.events.kinds import EVENT_FEEDS
from services.intake.events_sift import AT
from services.intake.events_store import Batch
from services.platform.bulk import fetch_frame
from services.platform.inbox import PARTS

INBOX = ("source", "event_id", "digest", "feed", "part", "urgent", "batch", "line")
_SHARES = {"line": pl.Int32(), "part": pl.Int16()}
# The person that a row is about, by whichever of these columns it has.
_ABOUT = ("child_key", "person_key", "member_key", "pupil_key", "sourced_key")


def inbox_rows(conn: Connection[Any], events: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """INBOX and AT of the events that were stored as lines 1, 2, … of a batch.

    A fact is in the share of its household as known now, else of its person: so one household's events stay in order. An event
    that became no fact gives nothing to judge, so any share will do.
    """
    shares = fetch_frame(conn, _statement(batch.contract.feed), {"batch": batch.number}, _SHARES)
    lined = events.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int32()).alias("at_line"))
    found = lined.join(shares, left_on="at_line", right_on="line", how="left", coalesce=False, maintain_order="left")
    digest = pl.lit(r"\x") + pl.col("digest").bin.encode("hex")
    return found.select(
        AT, *INBOX[:2], digest.alias("digest"), "feed", pl.col("part").fill_null(0), "urgent",
        pl.lit(batch.number).alias("batch"), "line",
    )  # fmt: skip


@cache
def _statement(feed: str) -> sql.Composed:
    facts = {column.fact for column in EVENT_FEEDS[feed].columns}
    about = sql.SQL(", ").join(sql.Identifier("f", name) for name in _ABOUT if name in facts)
    person = sql.SQL("coalesce(pupil.person_key, {})" if "pupil_key" in facts else "coalesce({})").format(about)
    home = [sql.Identifier("f", "setai_key")] if "setai_key" in facts else []
    known = sql.SQL(", ").join([*home, sql.SQL("home.setai_key"), person, sql.SQL("f.record_key")])
    mapped = sql.SQL(
        " LEFT JOIN LATERAL (SELECT o.person_key FROM facts.oneroster_map o WHERE o.pupil_key = f.pupil_key AND o.op <> 'D'"
        " ORDER BY o.batch DESC, o.line DESC LIMIT 1) AS pupil ON true"
    )
    return sql.SQL(
        "SELECT f.line, (coalesce({known}) %% {parts})::smallint AS part FROM facts.{feed} f{pupil}"
        " LEFT JOIN LATERAL (SELECT r.setai_key FROM facts.resident r WHERE r.person_key = {person} AND r.op <> 'D'"
        " ORDER BY r.effective_from DESC NULLS LAST, r.batch DESC, r.line DESC LIMIT 1) AS home ON true"
        " WHERE f.batch = %(batch)s"
    ).format(
        known=known, parts=sql.Literal(PARTS), feed=sql.Identifier(feed), person=person,
        pupil=mapped if "pupil_key" in facts else sql.SQL(""),
    )  # fmt: skip
