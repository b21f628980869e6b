"""Events of one feed and topic become facts as a file's rows do: one batch, one permit to collect, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import polars as pl
from psycopg import Connection
from psycopg.types.json import Jsonb

from schemas.errors import RefusedError
from schemas.events.envelope import AHEAD
from schemas.events.kinds import EVENT_FEEDS
from schemas.feeds.contract import Contract
from services.gate import Permit, Request, approved_items
from services.intake.batch import next_batch
from services.intake.collecting import collect_request, context_of, kept_columns
from services.intake.gone import Gone
from services.intake.keyring import Keyring
from services.intake.memory import Glance
from services.intake.prepare import Preparer
from services.intake.reading import FAULT, LINE
from services.intake.transfer import Counts, Taken, Transfer
from services.platform.clock import Clock
from services.platform.queries import queries
from services.platform.seal import give_seal

PROFILE = "event"  # of a batch that events brought

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Collecting:
    """What all batches of one call share.

    scheduled: nobody started it: a broker brings events all day, which is 恒常 whatever an approval says
    approved:  item codes that may be collected
    key:       of keyed hashes
    """

    conn: Connection[Any]
    clock: Clock
    scheduled: bool
    approved: frozenset[str]
    key: bytes
    keyring: Keyring
    gone: Gone

    @classmethod
    def now(cls, conn: Connection[Any], clock: Clock, key: bytes, *, scheduled: bool) -> "Collecting":
        """As it stands in this transaction."""
        approved = approved_items(conn, act="collect", today=clock.today())
        return cls(conn, clock, scheduled, approved, key, Keyring(narrow=True), Gone.now(conn, key))


class RefusedBatchError(RefusedError):
    """出来事の受け入れをゲートが許可しませんでした。"""

    def __init__(self, request: Request, conditions: list[tuple[str, str]]) -> None:
        self.request = request
        super().__init__(conditions)


@dataclass(frozen=True)
class Batch:
    """Events of one feed and topic, none of them of the same record, about to be stored or stored already."""

    contract: Contract
    topic: str
    number: int
    scheduled: bool
    kept: frozenset[str]
    dropped: tuple[str, ...]
    digest: bytes
    counts: Counts

    @property
    def request(self) -> Request:
        """What the gate is asked."""
        return collect_request(self.contract, self.kept, scheduled=self.scheduled)

    @property
    def detail(self) -> dict[str, Any]:
        """What its entry commits to, as a file's does."""
        counts = {"loaded": self.counts.loaded, "quarantined": self.counts.refused}
        return {"file": self.topic, "digest": self.digest.hex(), **counts}


def store(shared: Collecting, feed: str, topic: str, rows: Rows, digests: Sequence[bytes]) -> Batch:
    """Check the rows and store them under a new batch number, line 1 being the first; its own row comes with `add_batch`."""
    contract, conn = EVENT_FEEDS[feed], shared.conn
    kept = kept_columns(contract, shared.approved)
    dropped = tuple(sorted(set().union(*rows) - kept))
    number = next_batch(conn)
    batch = Batch(
        contract, topic, number, shared.scheduled, kept, dropped, sha256(b"".join(digests)).digest(), Counts()
    )
    if not kept:
        return batch  # the gate says why
    context = context_of(conn, contract, now=shared.clock.now() + AHEAD)
    prepared = Preparer(contract, kept, context, shared.key, shared.gone).prepare(_block(rows, contract))
    taken = Taken(contract, topic, number, kept, snapshot=False, again=False)
    transfer = Transfer(conn, taken, shared.key, Glance(prepared.records, shared.keyring))
    counts = transfer.run([prepared], budgets=False, progress=lambda feed, rows: None)
    return replace(batch, counts=counts)


def permit(shared: Collecting, batch: Batch) -> tuple[int, UUID]:
    """Give the batch its seal and have the permit to collect it recorded: seal and decision. Raises RefusedBatchError.

    To be called last: everybody locks the seals first and the log's head after them, so nobody waits in a circle.
    """
    seal = give_seal(shared.conn, "batch")
    asked = Permit(shared.conn, batch.request, shared.clock.today())
    try:
        return seal, asked.record(count=batch.counts.rows, detail=batch.detail).id
    except RefusedError as refusal:
        raise RefusedBatchError(batch.request, refusal.conditions) from refusal


def add_batch(conn: Connection[Any], batch: Batch, seal: int, decision: UUID) -> None:
    """Write the batch's own row."""
    counts = batch.counts
    conn.execute(
        queries("services.intake")["add_batch"],
        {"batch": batch.number, "feed": batch.contract.feed, "file": batch.topic, "digest": batch.digest}
        | {"profile": PROFILE, "initial": False, "kept": sorted(batch.kept), "dropped": list(batch.dropped)}
        | {"rows": counts.rows, "loaded": counts.loaded, "unchanged": counts.unchanged}
        | {"quarantined": counts.refused + counts.answers, "tombstones": 0, "released_by": None}
        | {"warnings": Jsonb({code: number for code, number in counts.warnings.items() if number})}
        | {"seal": seal, "decision": decision},
    )


def _block(rows: Rows, contract: Contract) -> pl.DataFrame:
    """The rows as a file in canonical form would bring them."""
    texts = {name: pl.Series([row.get(name) for row in rows], dtype=pl.String()) for name in contract.by_name}
    lines = pl.int_range(1, len(rows) + 1, dtype=pl.Int32(), eager=True)
    return pl.DataFrame({LINE: lines, **texts}).with_columns(pl.lit(None, pl.String()).alias(FAULT))
