"""From departments' topics into the inbox: taken in and committed in the database first, then the offset, never before.

Whatever happens between the two, the same messages come again and are known already.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

import structlog
from psycopg import Connection
from psycopg.errors import LockNotAvailable

from schemas.events.topics import inbound_topics
from services.bus.client import kafka_of
from services.bus.consumer import Reader, Records, reading
from services.bus.poison import take_in_or_put_aside
from services.bus.presence import Presence, watching
from services.bus.pumping import keep_on
from services.bus.topics import read_topics
from services.intake.events import Received, refusals
from services.intake.events_store import RefusedBatchError
from services.platform.database import Database
from services.platform.failpoint import fail_point
from services.platform.settings import Settings

PATIENCE = "2s"  # with a load of files that is at work on the same feed; then other topics come first
BUSY_SECONDS, REFUSED_SECONDS = 0.5, 5.0  # after which such a topic is tried again, and one that the gate refused
log = structlog.get_logger("mimamori.bus")


def pump_in(settings: Settings, stop: Event) -> None:
    """Take in what comes until told to stop. Any number of these may run: Kafka shares the partitions among them.

    Raises UsageError for settings that cannot work; whatever may pass is waited for, and said in the log.
    """
    kafka = kafka_of(settings)
    topics, names = read_topics(kafka), sorted(inbound_topics())

    def work(well: Callable[[], None]) -> None:
        database = Database.open(settings)  # starts the embedded one where it is not up
        with (
            watching(kafka, names) as presence,
            reading(kafka, topics, names, presence.identities) as reader,
            database.connect("intake") as conn,
        ):
            conn.execute("SELECT set_config('lock_timeout', %s, false)", (PATIENCE,))
            conn.commit()
            _Pump(database, conn, reader, presence, well).run(stop)

    keep_on(work, stop)


@dataclass
class _Pump:
    """One membership of the group, from joining to leaving or to an error.

    well: to be called when something was taken in
    held: topics that wait, when they are tried again, and the feed that waits for an approval; None = they wait for a load
    """

    database: Database
    conn: Connection
    reader: Reader
    presence: Presence
    well: Callable[[], None]
    held: dict[str, tuple[float, str | None]] = field(default_factory=dict)

    def run(self, stop: Event) -> None:
        log.info("taking in", topics=len(self.presence.topics) - len(self.presence.missing))
        while not stop.is_set():
            self.presence.look()
            self._try_again()
            for topic, records in self.reader.read().items():
                self._take(topic, records)

    def _take(self, topic: str, records: Records) -> None:
        """One topic's messages: into the database, then their offsets."""
        messages = [Received(each.topic, each.partition, each.offset, each.value or b"", each.key) for each in records]
        try:
            dead = take_in_or_put_aside(self.database, self.conn, messages)
        except LockNotAvailable:
            self._hold(topic, records, None)
            return
        except RefusedBatchError as error:
            feed = error.request.items[0].partition(".")[0]
            codes = [code for code, _ in error.conditions]
            log.error("refused", topic=topic, feed=feed, conditions=codes, why=str(error))
            self._hold(topic, records, feed)
            return
        fail_point(self.database.settings, "after-commit-before-offset")
        self.reader.commit(records)
        self.well()
        if dead:
            log.warning("dead letters", topic=topic, letters=len(dead), reasons=sorted({each.reason for each in dead}))

    def _hold(self, topic: str, records: Records, feed: str | None) -> None:
        """This topic waits where it is, the others go on."""
        self.held[topic] = (time.monotonic() + (BUSY_SECONDS if feed is None else REFUSED_SECONDS), feed)
        self.reader.put_back(topic, records)

    def _try_again(self) -> None:
        """Go on with topics whose time has come. The gate is asked beforehand, for each refusal of an act is logged for ever."""
        for topic, (at, feed) in list(self.held.items()):
            if at > time.monotonic():
                continue
            if feed is not None and refusals(self.database, [feed]):
                self.held[topic] = (time.monotonic() + REFUSED_SECONDS, feed)
            else:
                del self.held[topic]
                self.reader.resume(topic)
