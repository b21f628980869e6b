"""Dead letters once more: their bodies are read again from where they still are, and taken in if they can be now."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from psycopg.rows import class_row

from schemas.events.topics import inbound_topics
from services.bus.bodies import bodies, browsing
from services.bus.client import kafka_of
from services.bus.poison import take_in_or_put_aside
from services.intake.events import Received
from services.intake.events_sift import keyed_digest
from services.intake.versions import pepper
from services.platform.database import Database
from services.platform.inbox import announce
from services.platform.queries import queries

PORTION = 500  # messages a transaction


@dataclass(frozen=True)
class Letter:
    """A dead letter that stands: where its body is, if it still is, and why it was not taken in."""

    topic: str
    partition: int
    position: int
    digest: bytes
    reason: str


@dataclass
class Replayed:
    """What came of a replay.

    letters: dead letters that stood, by reason
    found:   of them, those whose bodies the brokers still have; of the others only the senders have them
    taken:   of these, those that were taken in after all
    again:   events in the inbox whose judging had failed and that wait anew
    dry_run: nothing was taken in, and `again` is what would wait
    """

    letters: dict[str, int]
    found: int = 0
    taken: int = 0
    again: int = 0
    dry_run: bool = False
    still: dict[str, int] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return asdict(self)


def replay(database: Database, *, reason: str | None = None, dry_run: bool = False) -> Replayed:
    """Try dead letters that came from a broker once more, and let events whose judging failed wait again.

    reason: only of this reason, or of this class of error
    Raises RefusedError where a feed among them may not be collected now; what was taken in until then stays.
    """
    letters = _standing(database, reason)
    report = Replayed(_by_reason(letters), dry_run=dry_run)
    if letters:
        report.found = _read_again(database, letters, dry_run=dry_run)
    report.again = _judge_again(database, reason, dry_run=dry_run)
    left = set(letters) & set(_standing(database, reason))
    report.taken, report.still = len(letters) - len(left), _by_reason(left)
    return report


def _read_again(database: Database, letters: Sequence[Letter], *, dry_run: bool) -> int:
    """Read bodies, and take them in unless it is a dry run; how many were there."""
    found = 0
    with browsing(kafka_of(database.settings)) as browser, database.connect("intake") as conn:
        messages = _messages(browser, letters, pepper(conn))
        conn.commit()
        while portion := list(islice(messages, PORTION)):
            found += len(portion)
            if not dry_run:
                take_in_or_put_aside(database, conn, portion)
    return found


def _messages(browser: Any, letters: Sequence[Letter], key: bytes) -> Iterator[Received]:
    """What the letters are of: a topic that was made anew has other messages in the same places."""
    for (topic, partition), here in groupby(letters, attrgetter("topic", "partition")):
        wanted = {(letter.position, letter.digest) for letter in here}
        for message in bodies(browser, topic, partition, sorted({position for position, _ in wanted})):
            if (message.position, keyed_digest(message.value, key)) in wanted:
                yield message


def _standing(database: Database, reason: str | None) -> list[Letter]:
    asked = {"topics": list(inbound_topics()), "reason": reason}
    with database.connect("intake") as conn, conn.cursor(row_factory=class_row(Letter)) as cursor:
        return cursor.execute(queries("services.bus")["standing_letters"], asked).fetchall()


def _judge_again(database: Database, reason: str | None, *, dry_run: bool) -> int:
    sql, asked = queries("services.bus"), {"reason": reason}
    with database.connect("worker") as conn:
        if dry_run:
            row = conn.execute(sql["failed_count"], asked).fetchone()
            assert row is not None
            return int(row[0])
        again = conn.execute(sql["failed_again"], asked).rowcount
        if again:
            announce(conn)
        return again


def _by_reason(letters: Sequence[Letter] | set[Letter]) -> dict[str, int]:
    return dict(sorted(Counter(letter.reason for letter in letters).items()))
