"""What is told of a run."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class JudgeReport:
    """One run.

    status:     official, held (by the guard) or trial; a held run that two persons released is official
    root:       hexadecimal Merkle root over one canonical line a child
    releases:   how many persons released it
    suspended:  children who were not judged because their 利用停止 is decided
    unchanged:  this run stands as it is, and none was added
    """

    run: str
    as_of: date
    known_at: datetime
    seal: int
    rules: str
    status: str
    children: int
    categories: dict[str, int]
    missing_feeds: list[str]
    root: str
    warnings: dict[str, int]
    guard: tuple[int, int]
    calibration: tuple[int, int]
    releases: int = 0
    suspended: int = 0
    unchanged: bool = False

    @property
    def held(self) -> bool:
        """Whether it waits for two persons."""
        return self.status == "held"

    def as_unchanged(self) -> "JudgeReport":
        """The same run, reported instead of a new one."""
        return replace(self, unchanged=True)

    def json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "run": self.run, "as_of": self.as_of.isoformat(), "known_at": self.known_at.isoformat(), "seal": self.seal,
            "rules": self.rules, "status": self.status, "children": self.children, "categories": self.categories,
            "missing_feeds": self.missing_feeds, "root": self.root, "warnings": self.warnings,
            "guard": {"pupils_flagged": self.guard[0], "pupils": self.guard[1]},
            "calibration": {"environment_factor": self.calibration[0], "children": self.calibration[1]},
            "releases": self.releases, "suspended": self.suspended, "unchanged": self.unchanged,
        }  # fmt: skip
