"""What a command says: one JSON document to standard output with --json, else text for people; all else to standard error."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import Any

from rich.console import Console
from rich.table import Table

as_json: ContextVar[bool] = ContextVar("as_json", default=False)
# Brackets and colons of file names, documents and messages are themselves, never markup.
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)
# A file or another program has no edge to fold a table at.
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=None if sys.stdout.isatty() else 10_000)


def emit(document: Any, text: Callable[[], Any]) -> None:
    """Print the command's one answer: `document` as JSON, or what `text` gives (a string or a table)."""
    if as_json.get():
        out.file.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
    else:
        out.print(text())


def say(message: str) -> None:
    """Progress and notices, to standard error."""
    errors.print(message)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> Table | str:
    """A table for people, or the sentence that says why it is empty. What names a row, its first cell, stays in one piece, and
    nothing is cut off: it is what the next command is given."""
    listed = [["―" if cell is None else str(cell) for cell in row] for row in rows]
    if not listed:
        return empty
    made = Table(box=None, header_style="bold")
    for place, title in enumerate(head):
        made.add_column(title, no_wrap=place == 0, overflow="fold")
    for row in listed:
        made.add_row(*row)
    return made
