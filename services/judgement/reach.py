"""Whose rows bear on the judgement of some persons: theirs, and everybody's who ever lived in a household of theirs.

The kernel decides by itself who lives where at the judged day. What is read here is never less than it looks at for these
households; of others in reach it may be less, so only these are judged.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from psycopg import Connection

from services.judgement.links import LINK, newest_links
from services.judgement.touched import Touched
from services.platform.bulk import fetch_frame
from services.platform.queries import queries


@dataclass(frozen=True)
class Reach:
    """Some households and the numbers of all who bear on them.

    households: setai keys
    keys:       person keys
    links:      person_key, child_id, person of every one of the keys that is linked, as services.judgement.links
    """

    households: tuple[int, ...]
    keys: tuple[int, ...]
    links: pl.DataFrame

    @property
    def children(self) -> pl.DataFrame:
        """person, child_id of every linked child in reach."""
        return self.links.select("person", "child_id").unique()


def reach_of(conn: Connection[Any], touched: Touched, *, seal: int, known_at: datetime) -> Reach:
    """The households touched, and those that the persons touched ever lived in, by any version of their rows."""
    asked = queries("services.judgement")
    with_links = _linked(conn, touched.keys)
    lived_in = conn.execute(asked["households_of"], {"keys": with_links}).fetchall()
    households = sorted({key for (key,) in lived_in} | touched.households)
    members = conn.execute(asked["members_of"], {"households": households}).fetchall()
    keys = _linked(conn, {key for (key,) in members} | set(with_links))
    beside = conn.execute(asked["named_beside"], {"keys": keys}).fetchall()  # whose grants of 就学援助 decide another's
    keys = _linked(conn, {key for (key,) in beside} | set(keys))
    seen = {"seal": seal, "known_at": known_at, "keys": keys}
    links = newest_links(fetch_frame(conn, asked["links_of"], seen, LINK))
    return Reach(tuple(households), tuple(keys), links)


def _linked(conn: Connection[Any], keys: Collection[int]) -> list[int]:
    """The keys, and every other that was ever linked to a child of one of them."""
    return [
        key for (key,) in conn.execute(queries("services.judgement")["linked_keys"], {"keys": list(keys)}).fetchall()
    ]
