"""How a line of the boundary table is written, and read.

A line is one child, with a household of its own: a name, what the offices hold of it, and what is judged.

Held: facts, "; " between. A fact is a feed with the columns that matter ("soudan kind=要保護 received=2026-08-31"; the rest
is filled in; @child, @parent, @sibling, @home, @pupil stand for this line's own numbers), or one of

    born 2014-06-01[/month|/year|/unknown]   the child's birth, if it is not the table's usual one
    no tax          no tax class (else 課税, so that nothing else hides what the line shows)
    no parent       the child lives alone (else with one parent)
    no map          the pupil's number is not mapped to the child's 宛名番号
    T 34.9          this year's survey: two subjects of so much; T-1 and T-2: last year's, that of two years ago
    scales 50.0 motivation=29.9   this year's life survey by its results: all eight scales so much, but …; scales-1: last year's
    absent 202608 15              days absent by illness in a month

Judged: "column=value", "+CODE" for a reason that is given, "-CODE" for one that is not, "out" for a child out of scope.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

PUPIL, SMALL, JUNIOR, TEEN = (
    "2014-06-01",
    "2021-05-01",
    "2013-06-01",
    "2009-06-01",
)  # P6, pre-school, J1, H2 in fiscal 2026
MAIN = date(2026, 8, 31)
SCALES = ("motivation", "self_control", "sociality", "confidence", "habits", "health", "family", "school")


@dataclass(frozen=True)
class Line:
    """One line: see the module's text. on: the as-of date."""

    name: str
    held: str
    judged: str
    born: str = PUPIL
    on: date = MAIN

    @property
    def facts(self) -> list[str]:
        """What is held, fact by fact."""
        return [fact for fact in self.held.split("; ") if fact]


@dataclass(frozen=True)
class Expected:
    """What a line says is judged."""

    values: dict[str, str] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    not_given: frozenset[str] = frozenset()
    out: bool = False


def expected(judged: str) -> Expected:
    """Read what is judged."""
    words = judged.split()
    return Expected(
        values=dict(word.split("=", 1) for word in words if "=" in word),
        given=frozenset(word[1:] for word in words if word.startswith("+")),
        not_given=frozenset(word[1:] for word in words if word.startswith("-")),
        out="out" in words,
    )


def differences(line: Line, judgement: dict[str, Any] | None) -> Iterator[str]:
    """Everything in which the judgement (None: not judged) is not what the line says."""
    wanted = expected(line.judged)
    if judgement is None or wanted.out:
        if not wanted.out or judgement is not None:
            yield f"{line.name}: {'not judged' if judgement is None else 'judged'}"
        return
    found = {**judgement, **judgement["scales"]}
    for column, value in wanted.values.items():
        if written(found.get(column)) != value:
            yield f"{line.name}: {column} is {written(found.get(column))}, not {value}"
    codes = {reason["code"] for reason in judgement["reasons"]}
    for code in sorted((wanted.given - codes) | (wanted.not_given & codes)):
        yield f"{line.name}: {code} is {'given' if code in codes else 'missing'} among {sorted(codes)}"


def written(value: Any) -> str:
    """A value of a judgement as a line writes it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def cells(table: str) -> Iterator[tuple[str, str, str]]:
    """(row, column, cell) of a printed table: the first line names the columns, the first word of each other its row."""
    head, *rows = table.strip().split("\n")
    columns = head.split()
    for row in rows:
        name, *values = row.split()
        for column, value in zip(columns, values, strict=True):
            yield name, column, value
