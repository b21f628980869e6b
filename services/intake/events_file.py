"""Events from a file, one JSON document a line: for a city without a broker, and for trying things out."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from schemas.errors import UsageError
from schemas.events.envelope import LARGEST
from services.intake.events import Dead, Received, Taken, take_in
from services.intake.source import digest_of
from services.platform.database import Database

PORTION = 500  # lines a transaction: a stop in between loses none, and the next time they are there already


@dataclass
class Sent:
    """What came of a file: its lines, and of these the sums of services.intake.events.Taken."""

    file: str
    lines: int = 0
    events: int = 0
    repeated: int = 0
    quarantined: int = 0
    dead: list[Dead] = field(default_factory=list)

    def add(self, lines: int, taken: Taken) -> None:
        """Count a portion."""
        self.lines += lines
        self.events += taken.events
        self.repeated += taken.repeated
        self.quarantined += taken.quarantined
        self.dead += taken.dead

    @property
    def reasons(self) -> dict[str, int]:
        """How many lines are dead letters, by reason; a place that was one before counts no more."""
        return dict(Counter(str(each.reason) for each in self.dead))

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        listed = [{"line": each.position, "reason": each.reason, "detail": each.detail} for each in self.dead]
        return {**vars(self), "dead": listed}


def send_file(database: Database, path: Path, *, progress: Callable[[int], None]) -> Sent:
    """Take in a file's events, portion by portion. progress: called with the lines done so far, once a portion.

    Raises UsageError where there is no such file, RefusedError where a feed in it may not be collected.
    """
    if not path.is_file():
        raise UsageError(f"ファイルがありません: {path.name}")
    sent, messages = Sent(path.name), messages_of(path)
    with database.connect("intake") as conn:
        while portion := list(islice(messages, PORTION)):
            sent.add(len(portion), take_in(database, portion, conn=conn))
            progress(sent.lines)
    return sent


def messages_of(path: Path) -> Iterator[Received]:
    """The lines that are not blank, by their number. The topic is the file by name and content: a line has one place for ever.

    Of a line that is too long only as much is read as shows it.
    """
    topic = f"{path.name}#{digest_of(path).hex()[:12]}"
    with path.open("rb") as file:
        for number, line in enumerate(_lines(file.readline), 1):
            if message := line.strip():
                yield Received(topic, 0, number, message)


def _lines(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while line := read(LARGEST + 2):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = read(LARGEST)
        yield line
