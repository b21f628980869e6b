"""Which of two records goes before the other where nothing else tells: the order of their source_record_id (reading 25)."""

from typing import Any

import polars as pl
from psycopg import Connection

from models.judgement.noncognitive.items import SURVEY
from schemas.feeds import FEEDS
from services.judgement.columns import persons_of
from services.platform.arrays import query_arrays
from services.platform.queries import queries

ORDER = {"record_key": pl.Int64(), "tie": pl.Int64()}
FEW = 10  # per cent: to order more of the records by their keys takes longer than to order the whole feed


def with_ties(conn: Connection[Any], feed: str, rows: pl.DataFrame) -> pl.DataFrame:
    """`tie`: the order of records that may meet in a tie; of the others it says nothing.

    rows: record_key and the kernel's columns of a feed, persons among them
    """
    if not FEEDS[feed].ties:
        return rows.with_columns(tie=pl.lit(0, pl.Int64))
    keys = pl.concat([_twice(rows, whose, at) for whose, at in _meetings(feed)]).unique()
    tied = rows.join(_order(conn, feed, keys, of=rows.height), on="record_key", how="left", maintain_order="left")
    return tied.with_columns(pl.col("tie").fill_null(0))


def _order(conn: Connection[Any], feed: str, keys: pl.Series, *, of: int) -> pl.DataFrame:
    """ORDER of at least these records, which are among `of`."""
    if keys.is_empty():
        return pl.DataFrame(schema=ORDER)
    if keys.len() * 100 > of * FEW:
        return query_arrays(conn, queries("services.judgement")["whole_order"], {"feed": feed}, ORDER)
    asked = {"feeds": [feed] * keys.len(), "keys": keys.to_list()}
    return query_arrays(conn, queries("services.judgement")["record_order"], asked, ORDER)


def _meetings(feed: str) -> list[tuple[list[pl.Expr], str | None]]:
    """Whose rows may meet, and the column that two of them then share: the kernel looks at `tie` after `known_at`, person by person.

    Answers: two sheets of one survey, for a blank sheet has no moment. Tax: also a household's own rows.
    """
    if feed == "life_answer":
        return [([pl.col(name) for name in SURVEY], None)]
    if feed == "tax_class":
        return [([pl.coalesce("person", "setai")], "known_at")]
    return [([pl.col(name)], "known_at") for name in persons_of(feed)]


def _twice(rows: pl.DataFrame, whose: list[pl.Expr], at: str | None) -> pl.Series:
    """record_key of all rows of those of whom two rows share `at`."""
    names = [f"_{place}" for place in range(len(whose))]
    named = rows.select(
        "record_key", at or "known_at", *(each.alias(name) for each, name in zip(whose, names, strict=True))
    )
    twice = named.group_by(*names, *([at] if at else [])).len().filter(pl.col("len") > 1)
    return named.join(twice, on=names, how="semi")["record_key"]
