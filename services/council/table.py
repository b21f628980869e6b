"""One table of the report: the same cells on the page and in its CSV file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

NONE = "―"  # there is no such number, or it is not published


class Digest(str):
    """A hexadecimal digest: whole in the CSV file, its beginning on the page."""

    __slots__ = ()


Cell = int | str | date
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """One table. Whole numbers in it are published counts, rounded already.

    name:    of the CSV file
    notes:   what the numbers mean and what they do not, a sentence or two each
    totals:  rows rounded from the exact totals
    empty:   what the page says where there are no rows
    """

    name: str
    title: str
    notes: tuple[str, ...]
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...] = ()
    empty: str = "この期間にはありません。"


def csv_rows(table: Table) -> Iterable[Sequence[Cell]]:
    """Head, rows and totals, as the CSV file has them: numbers without separators, dates as 2026-09-30."""
    yield table.head
    yield from table.rows
    yield from table.totals


def numeric(cell: Cell) -> bool:
    """Whether the page sets it as a number: a count, a share, or the absence of one."""
    return isinstance(cell, int) or cell == NONE or (isinstance(cell, str) and cell.startswith("約"))


def shown(cell: Cell) -> str:
    """A cell as the page has it."""
    match cell:
        case Digest():
            return f"{cell[:12]}…"
        case int():
            return f"{cell:,}"
        case date():
            return f"{cell.year}年{cell.month}月{cell.day}日"
        case _:
            return cell
