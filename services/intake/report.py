"""What a load says it did."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class FileReport:
    """One file. Counts are of rows; None = the file was not read to its end.

    rows:             = loaded + unchanged + refused rows
    quarantined:      refused rows, and refused answers of sheets that were taken
    tombstones:       records that vanished from a snapshot
    held:             nothing was loaded: it waits for `feed release`
    batch, seal:      of the batch that holds the file's rows (an earlier one where nothing is new); None = none
    dropped_columns:  columns of the file that no approval in force names
    refusals:         "column: rule" → count of what stands in `quarantined`
    warnings, holds:  code → count
    errors:           {"code", "text"}: why the file was not loaded
    """

    feed: str
    file: str
    rows: int = 0
    loaded: int = 0
    unchanged: int = 0
    quarantined: int = 0
    tombstones: int = 0
    held: bool = False
    batch: int | None = None
    seal: int | None = None
    dropped_columns: list[str] = field(default_factory=list)
    refusals: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    holds: dict[str, int] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)
    exit_code: int = 0

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {name: value for name, value in vars(self).items() if name != "exit_code"}


@dataclass(frozen=True)
class LoadReport:
    """One call of `feed load`. unknown: names of files in the folder that the profile does not know."""

    batches: list[FileReport]
    unknown: list[str]

    @property
    def exit_code(self) -> int:
        """1 if a file could not be read, 3 if the gate refused one, 4 if one is held for a person, else 0."""
        codes = {report.exit_code for report in self.batches}
        return next((code for code in (1, 3, 4) if code in codes), 0)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"batches": [report.as_json() for report in self.batches], "unknown_files": self.unknown}
