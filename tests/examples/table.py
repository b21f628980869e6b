"""The lawyer's table: hypothetical acts, what the gate must answer, and the words of the clause that settle it.

One TOML file a profile. `base` holds the facts that its examples share; a clause's own `base` makes of them an act that the
clause permits; an example's `change` is what differs from that, its `unstated` the facts that nobody stated. Facts that are
written nowhere are not stated. `python -m tests.examples.table` prints the whole table as Markdown.
"""

import tomllib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from schemas.records.explain import ExplainRequest

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Example:
    """One act.

    clause:   id of the clause that it is told of; the act is said to rest on it unless the facts say otherwise
    outcome:  permit or refuse
    codes:    every condition that must fail, and no other
    duties:   what a permit obliges to, where the example is about that; others may come with it
    quote:    words of the clause that settle it
    """

    name: str
    profile: str
    clause: str
    story: str
    outcome: str
    codes: frozenset[str]
    duties: frozenset[str]
    quote: str
    request: dict[str, Any]


def examples() -> Iterator[Example]:
    """Every example of every file, in order."""
    for path in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        for clause in table["clauses"]:
            permitted = _merge(table["base"], clause.get("base", {}))
            for number, row in enumerate(clause["examples"], start=1):
                yield _example(table["profile"], clause["clause"], number, permitted, row)


def _example(profile: str, clause: str, number: int, permitted: dict[str, Any], row: dict[str, Any]) -> Example:
    claimed = {"profile": profile, "extra": {"clause_claimed": clause}}
    facts = _merge(_merge(_nothing_stated(), claimed), _merge(permitted, row.get("change", {})))
    for path in row.get("unstated", []):
        group, key = path.split(".")
        facts[group][key] = None
    return Example(
        name=f"{clause}#{number}",
        profile=profile,
        clause=clause,
        story=row["story"],
        outcome=row["outcome"],
        codes=frozenset(row["codes"]),
        duties=frozenset(row.get("duties", [])),
        quote=row["quote"],
        request=facts,
    )


def _nothing_stated() -> dict[str, Any]:
    """A request in which every fact is null; `extra` is left empty."""
    facts: dict[str, Any] = {}
    for name, field in ExplainRequest.model_fields.items():
        group = field.annotation
        inner = group.model_fields if isinstance(group, type) and issubclass(group, BaseModel) else None
        facts[name] = dict.fromkeys(inner) if inner and field.is_required() else None
    return facts | {"extra": {}}


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """`new` laid over `old`, group by group."""
    both = deepcopy(old)
    for key, value in new.items():
        both[key] = _merge(both[key], value) if isinstance(value, dict) and key in both else deepcopy(value)
    return both


def markdown() -> str:
    """The table for a reader."""
    lines = ["| 条項 | 事例 | 結論 | 満たされない条件 | 決め手となる文言 |", "| --- | --- | --- | --- | --- |"]
    for example in examples():
        outcome = "許可" if example.outcome == "permit" else "拒否"
        codes = "、".join(sorted(example.codes))
        lines.append(f"| {example.clause} | {example.story} | {outcome} | {codes} | {example.quote} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown())  # noqa: T201 - this is what the module is run for
