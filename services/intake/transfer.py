"""One file's rows, block by block, into one open transaction: compare, key, store."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from psycopg import Connection

from schemas.feeds.column import Check
from schemas.feeds.contract import Contract
from services.intake.checks import COLUMN, RULE
from services.intake.memory import Memory
from services.intake.prepare import Prepared, wrong_codes
from services.intake.quarantine import Mending, write_refusals
from services.intake.store import with_keys, write_rows, write_tombstones
from services.intake.versions import Versions
from services.platform.queries import queries

MOST_REFUSED = (100, 5)  # rows and per cent: above both the file is held
MOST_VANISHED = (20, 2)  # records and per cent, of a snapshot
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Taken:
    """One file that is about to be stored.

    kept:     contract columns that are taken
    snapshot: what the file lacks has vanished
    again:    the same file was the last of its name: rows are compared with every stored version, nothing has vanished
    """

    contract: Contract
    file: str
    batch: int
    kept: frozenset[str]
    snapshot: bool
    again: bool


@dataclass
class Counts:
    """What came of it. last_line: of the last row."""

    rows: int = 0
    refused: int = 0
    answers: int = 0
    loaded: int = 0
    tombstones: int = 0
    vanished: int = 0
    new_refusals: int = 0
    last_line: int = 1
    warnings: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    holds: dict[str, int] = field(default_factory=dict)

    def add(self, block: Prepared) -> None:
        """Count a block's rows and refusals."""
        self.rows += block.rows
        self.answers += block.answers
        self.refused += block.refused.height - block.answers
        self.last_line = max(self.last_line, block.last_line)
        self.warnings["erased_person"] += block.erased
        for column, rule, number in block.refused.group_by(COLUMN, RULE).len().iter_rows():
            self.refusals[rule if column is None else f"{column}: {rule}"] += number

    @property
    def unchanged(self) -> int:
        """Rows that are stored already."""
        return self.rows - self.refused - self.loaded

    @property
    def changed(self) -> bool:
        """Whether anything was stored."""
        return bool(self.loaded or self.tombstones or self.new_refusals)


class Transfer:
    """The work on one file in one transaction."""

    def __init__(self, conn: Connection[Any], taken: Taken, key: bytes, memory: Memory) -> None:
        self.conn, self.taken, self.key, self.memory = conn, taken, key, memory
        self.counts = Counts()
        conn.execute(queries("services.intake")["hold_feed"], {"feed": taken.contract.feed})
        latest_only = taken.contract.reference or (taken.snapshot and not taken.again)
        self._mending = Mending(conn, taken.contract.feed, memory.records)
        stored, sent = memory.stored(conn, taken.contract), _event_batches(conn, taken) if taken.snapshot else ()
        self.versions = Versions(stored, taken.contract, latest_only=latest_only, by_events=sent)
        self._bases = [row[0] for row in conn.execute(queries("services.intake")["legal_bases"])]

    def run(self, blocks: Iterable[Prepared], *, budgets: bool, progress: Progress) -> Counts:
        """Store the blocks. With `budgets` exceeded, `holds` says so and the caller rolls back."""
        for block in blocks:
            self._take(block)
            progress(self.taken.contract.feed, self.counts.rows)
        self._bury(budgets=budgets)
        if budgets and exceeds(self.counts.refused, self.counts.rows, MOST_REFUSED):
            self.counts.holds["REFUSED_ROWS"] = self.counts.refused
        self._mending.mark()
        return self.counts

    def _take(self, block: Prepared) -> None:
        self.versions.saw(block.records)
        self._store(block.values)
        taken = self.taken
        self.counts.new_refusals += write_refusals(
            self.conn, block.refused, feed=taken.contract.feed, file=taken.file, batch=taken.batch, key=self.key
        )
        self.counts.add(block)

    def _store(self, values: pl.DataFrame) -> None:
        contract, warnings = self.taken.contract, self.counts.warnings
        asked = values if not contract.reference else values.with_columns(pl.lit("I").alias("op"))
        fresh = self.versions.new_only(asked)
        if not contract.reference:
            self._mending.saw(fresh)
        keyed, wrong = with_keys(self.conn, fresh, contract, self.memory.keyring)
        warnings.update(wrong_codes(fresh, contract))
        warnings.update(
            {Check.ATENA.value: wrong, "older_than_18": self.memory.ages.too_old(self.conn, keyed, contract)}
        )
        if not contract.reference and contract.feed != "legal_basis":
            warnings["legal_basis_unknown"] += int((~fresh["legal_basis_id"].is_in(self._bases)).sum())
        write_rows(self.conn, keyed, contract, self.taken.batch)
        self.counts.loaded += fresh.height

    def _bury(self, *, budgets: bool) -> None:
        """Write tombstones for what a snapshot lacks; nothing where it lacks so much that it is held."""
        if not self.taken.snapshot or self.taken.again or self.taken.contract.reference:
            return
        vanished = self.versions.vanished()
        self.counts.vanished = vanished.height
        if budgets and exceeds(vanished.height, self.versions.standing.height, MOST_VANISHED):
            self.counts.holds["VANISHED_RECORDS"] = vanished.height
        elif vanished.height:
            write_tombstones(self.conn, self.taken.contract, vanished, self.taken.batch, self.counts.last_line)
            self.counts.tombstones = vanished.height


def _event_batches(conn: Connection[Any], taken: Taken) -> list[int]:
    """Batches of the feed that events brought."""
    rows = conn.execute(queries("services.intake")["event_batches"], {"feed": taken.contract.feed})
    return [batch for (batch,) in rows]


def exceeds(count: int, of: int, budget: tuple[int, int]) -> bool:
    """Whether a count is above both parts of a budget: a number, and a percentage of `of`."""
    number, per_cent = budget
    return count > number and count * 100 > of * per_cent
