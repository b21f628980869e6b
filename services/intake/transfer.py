"""One file's rows, block by block, into one open transaction: check, compare, key, store."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from psycopg import Connection

from schemas.feeds.column import Check
from schemas.feeds.contract import Contract
from schemas.feeds.rule import Context
from services.intake import sheet
from services.intake.ages import Ages
from services.intake.check_digits import municipality_holds, school_holds
from services.intake.checks import Checker
from services.intake.keyring import Keyring
from services.intake.quarantine import mend_by_later_rows, with_raw, write_refusals
from services.intake.reading import LINE
from services.intake.store import with_keys, write_rows, write_tombstones
from services.intake.versions import RECORD, Versions, content_hashes, record_keys
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

    def reduced(self, block: pl.DataFrame) -> pl.DataFrame:
        """Minimisation: a canonical block without what is not taken; a dropped column is empty from here on."""
        dropped = [pl.lit(None, pl.String()).alias(name) for name in self.contract.by_name if name not in self.kept]
        return block.with_columns(dropped)


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
    holds: dict[str, int] = field(default_factory=dict)

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

    def __init__(
        self, conn: Connection[Any], taken: Taken, context: Context, key: bytes, keyring: Keyring, ages: Ages
    ) -> None:
        self.conn, self.taken, self.key = conn, taken, key
        self.keyring, self.ages = keyring, ages
        self.counts = Counts()
        self._checker = Checker(taken.contract, taken.kept, context)
        latest_only = taken.contract.reference or (taken.snapshot and not taken.again)
        self._versions = Versions(conn, taken.contract, latest_only=latest_only)
        self._bases = [row[0] for row in conn.execute(queries("services.intake")["legal_bases"])]

    def run(self, blocks: Iterable[pl.DataFrame], *, budgets: bool, progress: Progress) -> Counts:
        """Store the blocks (canonical, reduced). With `budgets` exceeded, `holds` says so and the caller rolls back."""
        for block in blocks:
            self._take(block)
            progress(self.taken.contract.feed, self.counts.rows)
        self._bury(budgets=budgets)
        if budgets and _exceeds(self.counts.refused, self.counts.rows, MOST_REFUSED):
            self.counts.holds["REFUSED_ROWS"] = self.counts.refused
        if not self.taken.contract.reference and self.counts.loaded:
            mend_by_later_rows(self.conn, self.taken.contract.feed, self.taken.batch)
        return self.counts

    def _take(self, block: pl.DataFrame) -> None:
        contract, counts = self.taken.contract, self.counts
        if sheet.is_sheet(contract):
            block = sheet.as_sheets(block)
        block = block.with_columns(record_keys(block, contract, self.key))
        checked = self._checker.check(block)
        self._versions.saw(block[RECORD])
        refused = with_raw(checked.refused, block, sorted(self.taken.kept))
        good = block.filter(~pl.col(LINE).is_in(refused[LINE].implode())) if refused.height else block
        values = checked.values.with_columns(content_hashes(good, contract, self.key))
        if sheet.is_sheet(contract):
            values, lost = sheet.answers(values)
            refused = pl.concat([refused, _lost_answers(lost, values)])
            counts.answers += lost.height
        self._store(values)
        counts.rows += block.height
        counts.refused += checked.refused.height
        counts.last_line = int(block[LINE].max() or 1) if block.height else counts.last_line  # type: ignore[arg-type]
        counts.new_refusals += write_refusals(
            self.conn, refused, feed=contract.feed, file=self.taken.file, batch=self.taken.batch, key=self.key
        )

    def _store(self, values: pl.DataFrame) -> None:
        contract = self.taken.contract
        asked = values if not contract.reference else values.with_columns(pl.lit("I").alias("op"))
        fresh = self._versions.new_only(asked)
        self._warn(fresh)
        keyed, wrong = with_keys(self.conn, fresh, contract, self.keyring)
        self.counts.warnings[Check.ATENA] += wrong
        self.counts.warnings["older_than_18"] += self.ages.too_old(self.conn, keyed, contract)
        write_rows(self.conn, keyed, contract, self.taken.batch)
        self.counts.loaded += fresh.height

    def _warn(self, rows: pl.DataFrame) -> None:
        for column in self.taken.contract.columns:
            holds = {Check.SCHOOL: school_holds, Check.MUNICIPALITY: municipality_holds}.get(
                column.about.check or Check.ATENA
            )
            if holds is not None:
                wrong = rows.select((~holds(pl.col(column.name))).sum()).item()
                self.counts.warnings[column.about.check or ""] += int(wrong)
        if not self.taken.contract.reference and self.taken.contract.feed != "legal_basis":
            self.counts.warnings["legal_basis_unknown"] += int((~rows["legal_basis_id"].is_in(self._bases)).sum())

    def _bury(self, *, budgets: bool) -> None:
        """Write tombstones for what a snapshot lacks; nothing where it lacks so much that it is held."""
        if not self.taken.snapshot or self.taken.again or self.taken.contract.reference:
            return
        vanished = self._versions.vanished()
        self.counts.vanished = vanished.height
        if budgets and _exceeds(vanished.height, self._versions.standing, MOST_VANISHED):
            self.counts.holds["VANISHED_RECORDS"] = vanished.height
        elif vanished.height:
            write_tombstones(self.conn, self.taken.contract, vanished, self.taken.batch, self.counts.last_line)
            self.counts.tombstones = vanished.height


def _lost_answers(lost: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Refused answers as refusals: the item and what was answered are their texts."""
    raw = pl.struct(sheet.ITEM, sheet.ANSWER).struct.json_encode().alias("_raw")
    records = values.select(LINE, RECORD)
    return lost.with_columns(raw).join(records, on=LINE, how="left").select(LINE, "_rule", "_column", RECORD, "_raw")


def _exceeds(count: int, of: int, budget: tuple[int, int]) -> bool:
    number, per_cent = budget
    return count > number and count * 100 > of * per_cent
