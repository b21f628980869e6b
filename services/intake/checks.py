"""Bulk validation: a contract compiled to expressions. Good rows come out as values, bad ones with the rule that refused them."""

from dataclasses import dataclass

import polars as pl

from schemas.feeds.contract import Column, Contract
from schemas.feeds.kinds import Day
from schemas.feeds.rule import Context, NotAboveMax
from services.intake.holds import MAXIMUM, MAXIMUM_KEY, broken, maxima_frame
from services.intake.reading import FAULT, LINE
from services.intake.values import value_of

RULE, COLUMN = "_rule", "_column"  # of a refused row; COLUMN is null where the row as a whole is refused
SHEET_FEED, SHEET_COLUMNS = "life_answer", ("item_code", "answer")  # lists; see services.intake.sheet


@dataclass(frozen=True)
class Checked:
    """A block after the checks.

    values:   good rows: LINE and every contract column, typed
    refused:  LINE, RULE, COLUMN of the others
    """

    values: pl.DataFrame
    refused: pl.DataFrame


@dataclass(frozen=True)
class _Check:
    """One reason to refuse: an expression over texts `name` and values `=name`."""

    rule: str
    column: str | None
    bad: pl.Expr


class Checker:
    """A contract's checks for one load. kept: columns that are taken; nothing is asked of any other."""

    def __init__(self, contract: Contract, kept: frozenset[str], context: Context) -> None:
        self.contract = contract
        self.context = context
        self._columns = [c for c in contract.columns if c.name in kept and not _in_sheet(contract, c)]
        self._rules = [rule for rule in contract.rules if rule.column in kept]
        self._maxima = maxima_frame(context) if any(isinstance(rule, NotAboveMax) for rule in self._rules) else None

    def check(self, block: pl.DataFrame) -> Checked:
        """Split a canonical block (services.intake.mapping) into good values and refused rows."""
        values = block.with_columns(value_of(c.kind, pl.col(c.name)).alias(c.name) for c in self._columns)
        if self._maxima is not None:
            values = values.join(self._maxima, on=MAXIMUM_KEY, how="left", maintain_order="left")
        checks = [_Check("", None, pl.col(FAULT).is_not_null()), *self._field_checks(block), *self._rule_checks()]
        bad = values.select(pl.any_horizontal(check.bad for check in checks)).to_series()
        dropped = [FAULT, MAXIMUM] if self._maxima is not None else [FAULT]
        if not bad.any():
            return Checked(values.drop(dropped), _none_refused())
        return Checked(values.filter(~bad).drop(dropped), self._reasons(block.filter(bad), values.filter(bad)))

    def _field_checks(self, texts: pl.DataFrame) -> list[_Check]:
        found = []
        for column in self._columns:
            name, text = column.name, pl.lit(texts[column.name])
            if not column.nullable and not isinstance(column.kind, Day):
                found.append(_Check("REQUIRED", name, text.is_null()))
            found.append(_Check(column.kind.rule, name, text.is_not_null() & pl.col(name).is_null()))
        return found

    def _rule_checks(self) -> list[_Check]:
        return [_Check(rule.code, rule.column, broken(rule, self.context)) for rule in self._rules]

    def _reasons(self, texts: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
        """The first reason of each refused row: its shape, its columns in the contract's order, then the rules."""
        checks = [*self._field_checks(texts), *self._rule_checks()]
        fault = pl.col(FAULT)
        rule = pl.coalesce(fault, *(pl.when(check.bad).then(pl.lit(check.rule)) for check in checks))
        column = pl.coalesce(*(pl.when(check.bad).then(pl.lit(check.column)) for check in checks))
        return values.select(LINE, rule.alias(RULE), pl.when(fault.is_null()).then(column).alias(COLUMN))


def _in_sheet(contract: Contract, column: Column) -> bool:
    return contract.feed == SHEET_FEED and column.name in SHEET_COLUMNS


def _none_refused() -> pl.DataFrame:
    return pl.DataFrame(schema={LINE: pl.Int32(), RULE: pl.String(), COLUMN: pl.String()})
