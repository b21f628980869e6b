"""From the outbox onto topics: acknowledged by the brokers first, then marked, never before.

Whoever is killed between the two sends the same events again: by their CloudEvents ids readers know them as the same.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any

import structlog
from kafka import KafkaProducer
from psycopg import Connection

from schemas.events.topics import ALERTS, DEAD_LETTERS
from services.bus.client import ANSWER_SECONDS, kafka_of, opened
from services.bus.errors import NotSentError
from services.bus.messages import HEADERS, Message, alerts, dead_letters
from services.bus.presence import check_present
from services.bus.pumping import keep_on
from services.platform.database import Database
from services.platform.failpoint import fail_point
from services.platform.kafka import KafkaSettings
from services.platform.queries import queries
from services.platform.settings import Settings

IDLE_SECONDS = 0.2
log = structlog.get_logger("mimamori.bus")

# What is sent: what waits of it, and the query that marks it as sent.
_KINDS: tuple[tuple[Callable[[Connection[Any]], list[Message]], str], ...] = (
    (alerts, "alerts_sent"),
    (dead_letters, "letters_sent"),
)


def pump_out(settings: Settings, stop: Event) -> None:
    """Send what waits until told to stop. Any number of these may run: each takes what no other has in hand.

    Raises UsageError for settings that cannot work; whatever else may pass is waited for, and said in the log.
    """
    kafka = kafka_of(settings)

    def work(well: Callable[[], None]) -> None:
        check_present(kafka, (ALERTS, DEAD_LETTERS))
        database = Database.open(settings)  # starts the embedded one where it is not up
        with producing(kafka) as producer, database.connect("publisher") as conn:
            log.info("sending")
            while not stop.is_set():
                if _send(database, conn, producer):
                    well()
                else:
                    stop.wait(IDLE_SECONDS)

    keep_on(work, stop)


@contextmanager
def producing(kafka: KafkaSettings) -> Iterator[KafkaProducer]:
    """A producer whose retries double nothing; a message counts once every copy that has to have it has it."""
    lasting = {
        "acks": "all",
        "enable_idempotence": True,
        "allow_auto_create_topics": False,
        "max_block_ms": round(ANSWER_SECONDS * 1000),
        "delivery_timeout_ms": round(ANSWER_SECONDS * 2000),
    }
    # closed at once: what is not acknowledged is sent again
    with opened(kafka, KafkaProducer, closing={"timeout": 0}, **lasting) as producer:
        yield producer


def _send(database: Database, conn: Connection[Any], producer: KafkaProducer) -> int:
    """Send some of each kind, a transaction each; returns how many."""
    sent = 0
    for waiting, mark in _KINDS:
        with conn.transaction():
            messages = waiting(conn)
            if messages:
                _deliver(producer, messages)
                fail_point(database.settings, "after-send-before-mark")
                conn.execute(queries("services.bus")[mark], {"ids": [each.row for each in messages]})
        sent += len(messages)
    return sent


def _deliver(producer: KafkaProducer, messages: Sequence[Message]) -> None:
    """Return once all are acknowledged; raises NotSentError, or Kafka's own error, where one is not."""
    underway = [producer.send(each.topic, key=each.key, value=each.value, headers=HEADERS) for each in messages]
    producer.flush(timeout=ANSWER_SECONDS * 2)
    for each in underway:
        if not each.is_done:
            raise NotSentError
        if each.failed():
            raise each.exception
