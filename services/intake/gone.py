"""Persons who were erased: no row about them is taken in again, and rows about others come without their number."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import polars as pl
from psycopg import Connection

from schemas.feeds.column import System
from schemas.feeds.contract import Column, Contract
from schemas.records.erasure import BESIDE
from services.platform.queries import queries

LIST = "|"  # between the numbers of a list


@dataclass(frozen=True)
class Gone:
    """Who is gone: rights.number_handle of each number, made with the home's pepper (`key`)."""

    handles: frozenset[bytes]
    key: bytes

    @classmethod
    def now(cls, conn: Connection[Any], key: bytes) -> "Gone":
        """As of this transaction; while a load runs nobody is erased."""
        return cls(frozenset(handle for (handle,) in conn.execute(queries("services.intake")["gone"])), key)

    def without(self, block: pl.DataFrame, contract: Contract) -> pl.DataFrame:
        """Of a block of texts the rows that are about nobody who is gone."""
        for column, numbers in self._found(block, contract, beside=False):
            block = block.filter(~pl.col(column.name).is_in(numbers).fill_null(False))
        return block

    def hidden(self, rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
        """Texts or values of rows about others, with nobody beside them who is gone. In a text a list with such a number is empty."""
        for column, numbers in self._found(rows, contract, beside=True):
            rows = rows.with_columns(_clean(rows.schema[column.name], column, numbers).alias(column.name))
        return rows

    def _found(self, rows: pl.DataFrame, contract: Contract, *, beside: bool) -> list[tuple[Column, list[str]]]:
        """Columns in which somebody is named who is gone, and by which numbers."""
        if not self.handles:
            return []
        asked = [(c, c.about.system) for c in contract.columns if (c.name in BESIDE) is beside]
        found = [(c, self._numbers(rows[c.name], system)) for c, system in asked if system and system.of_person]
        return [(column, numbers) for column, numbers in found if numbers]

    def _numbers(self, column: pl.Series, system: System) -> list[str]:
        single = column.explode() if isinstance(column.dtype, pl.List) else column.str.split(LIST).explode()
        return [
            number for number in single.drop_nulls().unique().to_list() if self._handle(system, number) in self.handles
        ]

    def _handle(self, system: System, number: str) -> bytes:
        """As the database makes it."""
        return sha256(self.key + sha256(self.key + f"{system.value}:{number}".encode()).digest()).digest()


def _clean(kind: pl.DataType, column: Column, numbers: list[str]) -> pl.Expr:
    cell = pl.col(column.name)
    if isinstance(kind, pl.List):
        return cell.list.eval(pl.element().filter(~pl.element().is_in(numbers)))
    named = cell.str.split(LIST).list.eval(pl.element().is_in(numbers)).list.any()
    return pl.when(~named.fill_null(False)).then(cell)
