"""Which feeds may come event by event, what their events are called, and which of them cannot wait."""

from collections.abc import Mapping

from schemas.feeds import FEEDS
from schemas.feeds.contract import Contract

PREFIX, VERSION = "jp.mimamori.feed.", "v1"
SCHEMA = "urn:mimamori:schema:"

# Rows about persons. Reference files and the register of legal bases come as files alone.
EVENT_FEEDS: dict[str, Contract] = {feed: contract for feed, contract in FEEDS.items() if contract.systems}

# Rows on which a caseworker is told at once: feed → column and its values.
URGENT = {"soudan": ("kind", ("虐待通告",))}


def is_urgent(feed: str, row: Mapping[str, str]) -> bool:
    """Whether such a row, in canonical texts, cannot wait; one that takes a record back can."""
    column, values = URGENT.get(feed, ("", ()))
    return row.get(column) in values and row.get("op") != "D"


def type_of(feed: str) -> str:
    """The CloudEvents type of a feed's events, for instance jp.mimamori.feed.soudan.v1."""
    return f"{PREFIX}{feed}.{VERSION}"


def schema_of(feed: str) -> str:
    """The value of `dataschema`, for instance urn:mimamori:schema:soudan:v1."""
    return f"{SCHEMA}{feed}:{VERSION}"


FEED_OF = {type_of(feed): feed for feed in EVENT_FEEDS}
