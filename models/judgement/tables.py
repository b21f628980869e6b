"""Decision tables of a rule set as expressions: a cell is looked up by place, without a join."""

from collections.abc import Mapping
from functools import cache
from typing import TypeVar

import polars as pl

Row = TypeVar("Row", bound=str)
Column = TypeVar("Column", bound=str)
Cell = TypeVar("Cell", bound=str)
Value = TypeVar("Value", str, int)


def cell(table: Mapping[Row, Mapping[Column, Cell]], row: pl.Expr, column: pl.Expr) -> pl.Expr:
    """The table's cell at two columns of words; null where one of them is null. A word the table lacks is an error."""
    columns = tuple(next(iter(table.values())))
    cells = tuple(line[name] for line in table.values() for name in columns)
    return listed(cells).gather(_place(row, tuple(table)) * len(columns) + _place(column, columns))


def value(table: Mapping[Row, Value], word: pl.Expr) -> pl.Expr:
    """What the table gives for a column of words; null stays null. A word the table lacks is an error."""
    return listed(tuple(table.values())).gather(_place(word, tuple(table)))


def _place(word: pl.Expr, words: tuple[str, ...]) -> pl.Expr:
    return word.cast(_enum(words)).to_physical().cast(pl.UInt32)


@cache
def listed(values: tuple[str | None, ...] | tuple[int, ...]) -> pl.Expr:
    """The values as a column to look up in."""
    return pl.lit(pl.Series(values))


@cache
def _enum(words: tuple[str, ...]) -> pl.Enum:
    return pl.Enum(words)
