"""One thing that is wrong with a rule set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]  # a rule set as TOML gives it: nothing in it can be relied on yet


@dataclass(frozen=True, order=True)
class Finding:
    """A finding.

    where:  table and cell, as a dotted path in the file (`matrix.A.4`, `learning.bands.T_35_40.below`); 全体 for the whole
    code:   stable, for machines
    text:   what is wrong, in Japanese
    mend:   how to mend it
    """

    where: str
    code: str
    text: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}（{self.mend}）"


def table_at(document: Document, path: str) -> Document:
    """The table at a dotted path; an empty one where there is none, or something else (the schema says so)."""
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def number_at(document: Document, path: str) -> int | None:
    """The whole number at a dotted path, or None."""
    table, _, name = path.rpartition(".")
    found = table_at(document, table).get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Place and value of every number and word; entries of a list that bear a code stand under it, other lists are one."""
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from leaves(below, f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple) and value and all(isinstance(e, Mapping) and "code" in e for e in value):
        for entry in value:
            yield from leaves({name: e for name, e in entry.items() if name != "code"}, f"{path}.{entry['code']}")
    elif value is not None:
        yield path, value
