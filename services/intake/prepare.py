"""All that can be done with a block without the database: fold sheets, check, hash. Runs ahead of the storing."""

from dataclasses import dataclass

import polars as pl

from schemas.feeds.column import Check
from schemas.feeds.contract import Contract
from schemas.feeds.rule import Context
from services.intake import sheet
from services.intake.check_digits import municipality_holds, school_holds
from services.intake.checks import COLUMN, RULE, Checker
from services.intake.gone import Gone
from services.intake.quarantine import RAW, with_raw
from services.intake.reading import LINE
from services.intake.versions import RECORD, content_hashes, record_keys

CODE_CHECKS = {Check.SCHOOL: school_holds, Check.MUNICIPALITY: municipality_holds}


@dataclass(frozen=True)
class Prepared:
    """One block, checked.

    values:   good rows, typed, with RECORD, CONTENT and SHORT
    records:  RECORD of all rows, good and refused
    refused:  LINE, RULE, COLUMN, RECORD, RAW of refused rows and, last, of refused answers (so many of them: answers)
    erased:   rows about erased persons, which count in nothing else
    """

    values: pl.DataFrame
    records: pl.Series
    refused: pl.DataFrame
    answers: int
    rows: int
    last_line: int
    erased: int


class Preparer:
    """Prepares one file's blocks. key: of the keyed hashes."""

    def __init__(self, contract: Contract, kept: frozenset[str], context: Context, key: bytes, gone: Gone) -> None:
        self._contract, self._kept, self._key, self._gone = contract, kept, key, gone
        self._checker = Checker(contract, kept, context)

    def prepare(self, block: pl.DataFrame) -> Prepared:
        """One canonical block."""
        block = reduced(block, self._contract, self._kept)
        if sheet.is_sheet(self._contract):
            block = sheet.as_sheets(block)
        last_line, handed_in = (block[LINE].item(-1) if block.height else 1), block.height
        block = self._gone.without(block, self._contract)
        block = block.with_columns(record_keys(block, self._contract, self._key))
        checked = self._checker.check(block)
        refused = with_raw(checked.refused, self._gone.hidden(block, self._contract), sorted(self._kept))
        good = block.filter(~pl.col(LINE).is_in(refused[LINE].implode())) if refused.height else block
        values = self._gone.hidden(checked.values, self._contract)
        # hashed as it was handed in: a row that has lost somebody beside it stays the row that it was
        values = values.with_columns(*content_hashes(good, self._contract, self._key))
        answers = 0
        if sheet.is_sheet(self._contract):
            values, lost = sheet.answers(values)
            refused, answers = pl.concat([refused, _as_refusals(lost, values)]), lost.height
        return Prepared(values, block[RECORD], refused, answers, block.height, last_line, handed_in - block.height)


def reduced(block: pl.DataFrame, contract: Contract, kept: frozenset[str]) -> pl.DataFrame:
    """Minimisation: a canonical block without what is not taken; a dropped column is empty from here on."""
    return block.with_columns(pl.lit(None, pl.String()).alias(name) for name in contract.by_name if name not in kept)


def wrong_codes(rows: pl.DataFrame, contract: Contract) -> dict[str, int]:
    """How many rows have a wrong check digit in a school's or municipality's code, by warning code."""
    asked = [(column, CODE_CHECKS.get(column.about.check)) for column in contract.columns if column.about.check]
    return {
        str(column.about.check): int(rows.select((~holds(pl.col(column.name))).sum()).item())
        for column, holds in asked
        if holds is not None
    }


def _as_refusals(lost: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Refused answers: the item and what was answered are their texts."""
    raw = pl.struct(sheet.ITEM, sheet.ANSWER).struct.json_encode().alias(RAW)
    found = lost.with_columns(raw).join(values.select(LINE, RECORD), on=LINE, how="left", maintain_order="left")
    return found.select(LINE, RULE, COLUMN, RECORD, RAW)
