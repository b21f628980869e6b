"""Holds what `mimamori` says of a run against what the oracle says, child by child."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from tests.oracle.judge import Run

FIELDS = (
    "economic",
    "nurturing",
    "poverty",
    "t",
    "d1",
    "d2",
    "change",
    "learning",
    "absence",
    "noncognitive",
    "w",
    "raw_category",
    "category",
    "data_check",
)
# Which rows of several a result that is no fact of its own leads to is a matter of taste (of spells that are united,
# of marks and answers): there a source must be named where the oracle has one, not the very same.
FACT_CODES = ("E2_TEATE", "E2_ENJO", "E1_TEATE", "E1_ENJO", "N3_", "N2_", "N1_CHECKUP", "N1_KATEI")


@dataclass(frozen=True)
class Difference:
    """Where the two part. child: atena_no, or empty for the run as a whole."""

    child: str
    field: str
    oracle: Any
    product: Any


def differences(
    run: Run, judged: Mapping[str, Any], shown: Mapping[str, Any], children: Mapping[str, str]
) -> list[Difference]:
    """Everything in which a run differs.

    judged: JSON of `judge`; shown: JSON of `run show --judgements`; children: child_id → atena_no
    """
    said = {children.get(row["child_id"], f"unlinked {row['child_id']}"): row for row in shown["judgements"]}
    return _of_run(run, judged) + of_children(run, said)


def of_children(run: Run, said: Mapping[str, Mapping[str, Any]]) -> list[Difference]:
    """Everything in which the children differ. said: atena_no → the other's judgement."""
    found = [
        Difference(child, "in scope", child in run.children, child in said) for child in run.children.keys() ^ said
    ]
    for child in sorted(run.children.keys() & said):
        found += of_child(child, run.children[child], said[child])
    return found


def _of_run(run: Run, judged: Mapping[str, Any]) -> list[Difference]:
    categories = {name: count for name, count in judged["categories"].items() if count}
    pairs = (
        ("children", len(run.children), judged["children"]),
        ("categories", run.categories, categories),
        ("missing_feeds", set(run.missing_feeds), set(judged["missing_feeds"])),
    )
    return [Difference("", name, ours, theirs) for name, ours, theirs in pairs if ours != theirs]


def of_child(child: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[Difference]:
    """Everything in which one child's judgements differ."""
    pairs = [(name, _plain(ours[name]), _plain(theirs[name])) for name in FIELDS]
    pairs.append(("scales", _scales(ours["scales"]), _scales(theirs["scales"])))
    codes = {row["code"]: _sources(row) for row in ours["reasons"]}
    said = {row["code"]: _sources(row) for row in theirs["reasons"]}
    pairs.append(("codes", sorted(codes), sorted(said)))
    for code in codes.keys() & said:
        if code.startswith(FACT_CODES):
            pairs.append((f"sources of {code}", sorted(codes[code]), sorted(said[code])))
        elif codes[code] and not said[code]:
            pairs.append((f"sources of {code}", sorted(codes[code]), []))
    return [Difference(child, name, mine, other) for name, mine, other in pairs if mine != other]


def _plain(value: Any) -> Any:
    """Numbers as decimals, so that 45.0 and "45.0" are the same."""
    return value if value is None or isinstance(value, str | bool) else Decimal(str(value))


def _scales(scales: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Decimal(str(t)) for name, t in scales.items() if t is not None}


def _sources(reason: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    return [(row["feed"], PurePath(row["file"]).name, row["line"]) for row in reason["sources"]]
