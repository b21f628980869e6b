"""Judges the feeds of a golden run and prints its root: `python -m tests.golden.run FOLDER [--partitions N] [--shuffle SEED]`.

Facts come by the oracle's reading of the feeds, so that nothing but judging is between them and the lines. In a line a child is its
宛名番号 and a file its name: both are the same in every installation, as a child_id and a digest are not.
"""

import argparse
import sys
import tempfile
import zipfile
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from models.judgement.facts import Facts
from models.judgement.kernel import Judged, judge
from models.judgement.line import lines, run_root
from schemas.rules import parse
from tests.oracle.days import JST
from tests.oracle.judge import seen_at
from tests.oracle.kernel_facts import Frames
from tests.oracle.store import Load, load_all

LOADS = tuple(datetime(2026, 9, day, 9, tzinfo=JST) for day in (1, 3, 5))
AFTER_ALL = date(2026, 9, 9)
DAYS = (date(2025, 8, 30), date(2026, 2, 1), date(2026, 8, 30))  # judged in order, each an official run


@dataclass(frozen=True)
class How:
    """What may change nothing. shuffle: None = rows as they come, else the seed of another order."""

    partitions: int = 1
    shuffle: int | None = None


def golden_lines(folder: Path, how: How) -> list[str]:
    """The lines of the last day, in order."""
    with tempfile.TemporaryDirectory() as feeds:
        zipfile.ZipFile(folder / "feeds.zip").extractall(feeds)
        store = load_all([Load(Path(feeds) / f"step{n}", at, initial=n == 0) for n, at in enumerate(LOADS)])
    rules = parse((folder / "rules.toml").read_text("utf-8"))
    raws: list[dict[str, str]] = []
    for day in DAYS:
        frames = Frames(seen_at(store, day, AFTER_ALL))
        facts = _shuffled(frames.facts(), how.shuffle)
        history = [_by_number(frames, raw) for raw in raws]
        judged = judge(facts, as_of=day, rules=rules, history=history, partitions=how.partitions)
        raws.append(
            {frames.person(n): raw for n, raw in judged.judgements.select("person", "raw_category").iter_rows()}
        )
    return _lines(frames, judged)


def _shuffled(facts: Facts, seed: int | None) -> Facts:
    if seed is None:
        return facts
    frames = {feed: rows.sample(fraction=1, shuffle=True, seed=seed) for feed, rows in facts.frames.items()}
    return replace(facts, frames=frames)


def _by_number(frames: Frames, raws: dict[str, str]) -> pl.DataFrame:
    rows = [(frames.number(atena), raw) for atena, raw in raws.items()]
    return pl.DataFrame(rows, schema={"person": pl.Int64(), "raw_category": pl.String()}, orient="row")


def _lines(frames: Frames, judged: Judged) -> list[str]:
    persons = [(number, frames.person(number)) for number in judged.judgements["person"]]
    children = pl.DataFrame(persons, schema={"person": pl.Int64(), "child_id": pl.String()}, orient="row")
    rows = [(number, row.feed, row.file, row.line) for number, row in frames.sources.items()]
    named = {"source": pl.Int64(), "feed": pl.String(), "file": pl.String(), "line": pl.Int64()}
    sources = pl.DataFrame(rows, schema=named, orient="row")
    return lines(judged.judgements, judged.reasons, children=children, sources=sources)["line"].to_list()


def main() -> None:
    """Print the root, hexadecimal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--partitions", type=int, default=1)
    parser.add_argument("--shuffle", type=int)
    asked = parser.parse_args()
    sys.stdout.write(run_root(golden_lines(asked.folder, How(asked.partitions, asked.shuffle))).hex())


if __name__ == "__main__":
    main()
