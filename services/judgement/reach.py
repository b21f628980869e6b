"""Whose rows bear on the judgement of some persons: theirs, and everybody's who ever lived in a household of theirs.

The kernel decides by itself who lives where at the judged day. What is read here is never less than it looks at for these
households; of others in reach it may be less, so only these are judged.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
from psycopg import Connection

from services.judgement.links import LINK, newest_links
from services.judgement.touched import Touched
from services.platform.bulk import fetch_frame
from services.platform.queries import queries

ALWAYS = datetime(
    9999, 12, 31, tzinfo=UTC
)  # a known-at that leaves out nothing: no fact is known later than its seal's time


@dataclass(frozen=True)
class Reach:
    """Some households and the numbers of all who bear on them.

    households: setai keys, in order
    keys:       person keys
    links:      person_key, child_id, person of every one of the keys that is linked, as services.judgement.links
    seal:       up to which rows and links are seen
    """

    households: tuple[int, ...]
    keys: tuple[int, ...]
    links: pl.DataFrame
    seal: int

    @property
    def children(self) -> pl.DataFrame:
        """person, child_id of every linked child in reach."""
        return self.links.select("person", "child_id").unique()


def hold(conn: Connection[Any], touched: Touched) -> Reach:
    """The households touched, and those that the persons touched ever lived in by any version of their rows: locked until the
    transaction ends, and seen up to the newest seal that was committed by then.

    So whoever judges one of these households after this transaction sees all that it saw. Raises psycopg's DeadlockDetected where
    a move brings two into a circle: the transaction then begins anew.
    """
    held: set[int] = set()
    while True:
        row = conn.execute(queries("services.judgement")["newest_seal"]).fetchone()
        assert row is not None
        households, keys = _around(conn, touched)
        if held.issuperset(households):
            return Reach(tuple(households), tuple(keys), _links(conn, keys, row[0]), row[0])
        new = sorted(set(households) - held)
        conn.execute(queries("services.judgement")["hold"], {"households": new})
        held.update(new)


def _around(conn: Connection[Any], touched: Touched) -> tuple[list[int], list[int]]:
    """Households, and the numbers of all who bear on them; whatever the seal of the rows that say so."""
    asked = {"keys": list(touched.keys), "households": list(touched.households)}
    row = conn.execute(queries("services.judgement")["around"], asked).fetchone()
    assert row is not None
    households, keys = row
    return households, keys


def _links(conn: Connection[Any], keys: list[int], seal: int) -> pl.DataFrame:
    seen = {"seal": seal, "known_at": ALWAYS, "keys": keys}
    return newest_links(fetch_frame(conn, queries("services.judgement")["links_of"], seen, LINK))
