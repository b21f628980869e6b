"""From departments' topics into the inbox: taken in and committed in the database first, then the offset, never before.

Whatever happens between the two, the same messages come again and are known already.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

import structlog
from psycopg import Connection

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

REFUSED_SECONDS = 5.0  # after which the gate is asked again about a topic that it refused
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
            conn.commit()
            _Pump(database, conn, reader, presence, well).run(stop)

    keep_on(work, stop)


@dataclass
class _Pump:
    """One membership of the group, from joining to leaving or to an error.

    well:    to be called when something was taken in
    refused: topics that wait for an approval, the feed that has none, and when the gate is asked again
    """

    database: Database
    conn: Connection
    reader: Reader
    presence: Presence
    well: Callable[[], None]
    refused: dict[str, tuple[str, float]] = field(default_factory=dict)

    def run(self, stop: Event) -> None:
        log.info("taking in", topics=len(self.presence.topics) - len(self.presence.missing))
        while not stop.is_set():
            self.presence.look()
            self._ask_again()
            for topic, records in self.reader.read().items():
                self._take(topic, records)

    def _take(self, topic: str, records: Records) -> None:
        """One topic's messages: into the database, then their offsets."""
        messages = [Received(each.topic, each.partition, each.offset, each.value or b"", each.key) for each in records]
        try:
            dead = take_in_or_put_aside(self.database, self.conn, messages)
        except RefusedBatchError as error:
            feed = error.request.items[0].partition(".")[0]
            log.error(
                "refused", topic=topic, feed=feed, conditions=[code for code, _ in error.conditions], why=str(error)
            )
            self.refused[topic] = (feed, time.monotonic() + REFUSED_SECONDS)
            self.reader.put_back(topic, records)
            return
        fail_point(self.database.settings, "after-commit-before-offset")
        self.reader.commit(records)
        self.well()
        if dead:
            log.warning("dead letters", topic=topic, letters=len(dead), reasons=sorted({each.reason for each in dead}))

    def _ask_again(self) -> None:
        """Go on with topics that the gate would let in now: asked beforehand, for each refusal of an act is logged for ever."""
        for topic, (feed, at) in list(self.refused.items()):
            if at > time.monotonic():
                continue
            self.refused[topic] = (feed, time.monotonic() + REFUSED_SECONDS)
            if not refusals(self.database, [feed]):
                log.info("permitted", topic=topic, feed=feed)
                del self.refused[topic]
                self.reader.resume(topic)
