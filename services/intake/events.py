"""Take events in: from a topic's partitions or from a file, into facts and inbox, all of a call in one transaction.

    taken = take_in(database, records, topics=inbound_topics())    # then commit the offsets

Storing an event is collecting it, so it needs the permit that a file needs. What an event says is stored as a fact and nowhere
else; the inbox says which fact it became. A message that cannot be taken in is a dead letter, without its body.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl
from psycopg import Connection, sql

from schemas.events.kinds import EVENT_FEEDS
from services.gate import Request, approved_items, check, record_refusal
from services.intake import events_dead as letters
from services.intake.collecting import collect_request, kept_columns
from services.intake.events_inbox import INBOX, inbox_rows
from services.intake.events_sift import AT, TURN, Dead, Received, Sifted, Topics, sift
from services.intake.events_store import Batch, Collecting, RefusedBatchError, add_batch, permit, store
from services.intake.versions import pepper
from services.platform.bulk import copy_in
from services.platform.database import Database
from services.platform.inbox import announce
from services.platform.lock import share

__all__ = ["LOCK", "Dead", "Received", "Taken", "Topics", "refusals", "take_in"]

LOCK = "events"  # shared by those who are at work on events; services.rights.erase is alone


@dataclass(frozen=True)
class Taken:
    """What came of a call.

    events:      put into the inbox
    repeated:    were there already
    quarantined: of the events, those whose row broke a rule of its contract; they are mended like a file's rows
    dead:        not taken in; a message that was a dead letter before is not listed again
    batches:     feed and number of each batch
    """

    events: int
    repeated: int
    quarantined: int
    dead: list[Dead]
    batches: list[tuple[str, int]]


def take_in(
    database: Database,
    records: Sequence[Received],
    *,
    topics: Topics | None = None,
    conn: Connection[Any] | None = None,
) -> Taken:
    """Take messages in, in their order; a call that is repeated, in whole or in other portions, changes nothing.

    topics: topic → feeds that it may bring, of messages from a broker, each of which has to bear its record's key;
            None: from a file, which may bring any feed and needs no keys
    conn:   a connection of the role intake without an open transaction, kept by the caller; None = one for this call
    Raises RefusedError, the refusal logged, where a feed among them may not be collected; then nothing is taken in.
    """
    permitted: list[Request] = []
    try:
        with _transaction(database, conn) as own:
            return _take_in(database, own, records, topics, permitted)
    except RefusedBatchError as refusal:
        record_refusal(database, "intake", refusal.request, refusal.conditions)
        raise
    except BaseException as error:
        for request in permitted:
            record_refusal(database, "intake", request, [("ERROR_AFTER_PERMIT", type(error).__name__)])
        raise


def refusals(database: Database, feeds: Iterable[str]) -> list[tuple[str, str]]:
    """Why events of these feeds from a broker would be refused now: (code, sentence); empty = they would not. Logs nothing."""
    with database.connect("intake") as conn:
        today = database.clock.today()
        approved = approved_items(conn, act="collect", today=today)
        contracts = [EVENT_FEEDS[feed] for feed in feeds]
        requests = [collect_request(each, kept_columns(each, approved), scheduled=True) for each in contracts]
        return list(dict.fromkeys(found for request in requests for found in check(conn, request, today=today)))


@contextmanager
def _transaction(database: Database, conn: Connection[Any] | None) -> Iterator[Connection[Any]]:
    if conn is None:
        with database.connect("intake") as own:
            yield own
    else:
        with conn.transaction():
            yield conn


def _take_in(
    database: Database,
    conn: Connection[Any],
    records: Sequence[Received],
    topics: Topics | None,
    permitted: list[Request],
) -> Taken:
    share(conn, LOCK)
    key = pepper(conn)
    sifted = sift(conn, records, now=database.clock.now(), topics=topics, key=key)
    dead = letters.write(conn, sifted.dead)
    letters.resolve(conn, records, sifted.dead, key=key)
    batches: list[Batch] = []
    if sifted.events.height:
        collecting = Collecting.now(conn, database.clock, key, scheduled=topics is not None)
        batches = _store(collecting, sifted)
        announce(conn)
        for batch in batches:
            seal, decision = permit(collecting, batch)
            permitted.append(batch.request)
            add_batch(conn, batch, seal, decision)
    numbers = [(batch.contract.feed, batch.number) for batch in batches]
    return Taken(sifted.events.height, sifted.repeated, sum(b.counts.refused for b in batches), dead, numbers)


def _store(collecting: Collecting, sifted: Sifted) -> list[Batch]:
    """Facts and inbox rows. Of several events of one record each has a batch of its own: within a record arrival decides."""
    batches, inbox = [], []
    for group in sifted.events.sort(TURN, AT).partition_by(TURN, "feed", "topic", maintain_order=True):
        feed, topic = group["feed"][0], group["topic"][0]
        batch = store(collecting, feed, topic, [sifted.rows[at] for at in group[AT]], group["digest"].to_list())
        batches.append(batch)
        inbox.append(inbox_rows(collecting.conn, group, batch))
    rows = pl.concat(inbox).sort(AT)
    copy_in(collecting.conn, rows, sql.Identifier("bus", "inbox"), INBOX)
    return batches
