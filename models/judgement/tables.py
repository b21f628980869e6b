"""Decision tables of a rule set as frames to join with."""

from collections.abc import Mapping
from typing import TypeVar

import polars as pl

Row = TypeVar("Row", bound=str)
Column = TypeVar("Column", bound=str)
Cell = TypeVar("Cell", bound=str)


def cells(table: Mapping[Row, Mapping[Column, Cell]], row: str, column: str, value: str) -> pl.DataFrame:
    """One row a cell, in text columns named `row`, `column` and `value`."""
    triples = [(r, c, cell) for r, line in table.items() for c, cell in line.items()]
    return pl.DataFrame(triples, schema=dict.fromkeys((row, column, value), pl.String()), orient="row")
