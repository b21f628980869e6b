"""Takes a generated city through `mimamori` as an operator would, and holds every run against the oracle.

Only the command line is used. The oracle's side knows the same loads, days and moments and nothing of the product.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.oracle.compare import Difference, differences
from tests.oracle.days import JST
from tests.oracle.folders import City
from tests.oracle.judge import Official, Run, judge
from tests.oracle.store import Store, load_all

DONE, HELD = 0, 4
FIRST_RUN = datetime(2026, 9, 6, 9, tzinfo=JST)  # the first official run; each later one a day later
DAY = timedelta(days=1)


class CommandFailedError(AssertionError):
    """A command of the product ended otherwise than it should have."""


@dataclass
class Operator:
    """Runs commands for one home. environ: MIMAMORI_… of that home; the clock is set for every command."""

    environ: Mapping[str, str]
    people: Path

    def run(self, at: datetime, *arguments: str, codes: tuple[int, ...] = (DONE,)) -> dict[str, Any]:
        """One command at a moment; its JSON."""
        ended = subprocess.run(
            [sys.executable, "-m", "services.cli.main", *arguments, "--json"],
            env={**self.environ, "MIMAMORI_CLOCK": f"fixed:{at.isoformat()}"},
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode not in codes:
            raise CommandFailedError(f"{' '.join(arguments)}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}")
        answer: dict[str, Any] = json.loads(ended.stdout)
        return answer

    def key(self, name: str) -> str:
        """The key file of a demo person."""
        return str(self.people / f"{name}.pem")


@dataclass
class Passage:
    """One city on its way: the oracle's store and chain beside the product."""

    city: City
    operator: Operator
    store: Store = field(default_factory=Store)
    chain: list[Official] = field(default_factory=list)
    children: dict[str, str] = field(default_factory=dict)  # child_id → atena_no
    found: list[tuple[str, Difference]] = field(default_factory=list)

    def load(self) -> None:
        """Load and link, folder by folder."""
        for load in self.city.loads:
            more = ("--initial",) if load.initial else ()
            self.operator.run(load.at, "feed", "load", str(load.folder), "--profile", "canonical", *more)
            linked = self.operator.run(load.at, "link", "--show", "--as", self.operator.key("auditor"))
        self.store = load_all(self.city.loads)
        rows = linked["crosswalk"]
        self.children = {row["child_id"]: row["number"] for row in rows if row["system"] == "atena_no"}

    def judge_officially(self) -> None:
        """Every day in order, at a moment of its own; held runs are released but every third."""
        for place, day in enumerate(self.city.as_ofs):
            at = FIRST_RUN + place * DAY
            run = judge(self.store, day, known_at=at, chain=self.chain)
            judged = self._compare(f"as of {day}", run, at, "--as-of", day.isoformat())
            self._expect(f"as of {day}", "status", run.status, judged["status"])
            if judged["status"] == "held" and (place + len(self.store.refused)) % 3:
                keys = ("--as", self.operator.key("caseworker"), "--as", self.operator.key("admin"))
                self.operator.run(at, "run", "release", judged["run"], *keys)
                judged["status"] = "official"
            if judged["status"] == "official":
                self.chain.append(Official(day, run.raws))

    def judge_as_known(self) -> None:
        """What was known at earlier moments; official runs released later are not seen."""
        at = FIRST_RUN + len(self.city.as_ofs) * DAY
        for day, known in [*self.city.asked, (self.city.as_ofs[-1], FIRST_RUN.date())]:
            seen = [run for run in self.chain if self._released(run) <= known]
            run = judge(self.store, day, known_at=known, chain=seen)
            name = f"as of {day} known at {known}"
            judged = self._compare(name, run, at, "--as-of", day.isoformat(), "--known-at", known.isoformat())
            self._expect(name, "status", "trial", judged["status"])

    def _released(self, run: Official) -> date:
        return (FIRST_RUN + self.city.as_ofs.index(run.as_of) * DAY).date()

    def _compare(self, name: str, run: Run, at: datetime, *arguments: str) -> dict[str, Any]:
        judged = self.operator.run(at, "judge", *arguments, codes=(DONE, HELD))
        look = ("--judgements", "--as", self.operator.key("auditor"))
        shown = self.operator.run(at, "run", "show", judged["run"], *look)
        self.found += [(name, part) for part in differences(run, judged, shown, self.children)]
        return judged

    def _expect(self, name: str, what: str, ours: str, theirs: str) -> None:
        if ours != theirs:
            self.found.append((name, Difference("", what, ours, theirs)))


def pass_through(city: City, operator: Operator) -> list[tuple[str, Difference]]:
    """The whole way of one city; (run, difference) for everything in which the two part."""
    passage = Passage(city, operator)
    passage.load()
    passage.judge_officially()
    passage.judge_as_known()
    return passage.found


__all__ = ["CommandFailedError", "Operator", "pass_through"]
