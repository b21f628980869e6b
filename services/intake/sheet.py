"""Answer sheets: one row is one sheet with a list of items and a list of answers. A bad answer leaves the sheet, not its row."""

import polars as pl

from schemas.feeds.contract import Contract
from schemas.feeds.kinds import Answer, Text
from services.intake.checks import COLUMN, RULE, SHEET_COLUMNS, SHEET_FEED
from services.intake.reading import FAULT, LINE
from services.intake.values import value_of

ITEM, ANSWER = SHEET_COLUMNS
_ITEM_TEXT = Text(60)


def is_sheet(contract: Contract) -> bool:
    """Whether the feed's rows are answer sheets."""
    return contract.feed == SHEET_FEED


def as_sheets(block: pl.DataFrame) -> pl.DataFrame:
    """Item and answer as lists; a row of one item becomes a sheet of one. A row without an item is a fault."""
    single = [name for name in SHEET_COLUMNS if block.schema[name] == pl.String()]
    lists = block.with_columns(pl.concat_list(name).alias(name) for name in single)
    named = pl.col(ITEM).list.eval(value_of(_ITEM_TEXT, pl.element()))
    bad = named.list.contains(None) & (pl.col(ITEM).list.len() > 0)
    return lists.with_columns(pl.coalesce(FAULT, pl.when(bad).then(pl.lit("REQUIRED"))).alias(FAULT))


def answers(sheets: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(Sheets with answers 1 to 4 or null, bad answers: LINE, RULE, COLUMN, ITEM and ANSWER as it was written)."""
    read = pl.col(ANSWER).list.eval(value_of(Answer(), pl.element()).cast(pl.Int16()))
    lost = read.list.drop_nulls().list.len() < pl.col(ANSWER).list.drop_nulls().list.len()
    long = sheets.filter(lost).select(LINE, ITEM, ANSWER).explode(ITEM, ANSWER)
    bad = long.filter(pl.col(ANSWER).is_not_null() & value_of(Answer(), pl.col(ANSWER)).is_null())
    refused = bad.with_columns(pl.lit(Answer.rule).alias(RULE), pl.lit(ANSWER).alias(COLUMN))
    return sheets.with_columns(read.alias(ANSWER)), refused


def joined(name: str) -> pl.Expr:
    """One of the lists as a text, for hashing."""
    return pl.col(name).list.eval(pl.element().fill_null("")).list.join(",")
