"""How the Kafka side stands: what departments sent and nobody has taken in yet, what waits to be sent, what is missing."""

import time
from dataclasses import dataclass
from typing import Any

from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError
from kafka.structs import TopicPartition

from schemas.events.topics import ALERTS, DEAD_LETTERS, inbound_topics
from services.bus.client import ANSWER_SECONDS, administering, kafka_of
from services.bus.errors import BrokerError
from services.bus.topics import read_topics
from services.platform.database import Database
from services.platform.queries import queries

_EARLIEST, _LATEST = -2, -1  # in place of a time, as Kafka's protocol has it


@dataclass(frozen=True)
class KafkaStanding:
    """How the Kafka side stands.

    lag:           topic → messages that no pump has taken in; None = no broker to ask
    missing:       topics that are not there
    unsent:        queue items that no broker has word of
    unsent_seconds: since when the oldest of them waits, by the service's clock; None = none waits
    fault:         why the brokers cannot be asked; None = they can
    """

    lag: dict[str, int] | None
    missing: list[str]
    unsent: int
    unsent_seconds: float | None
    fault: str | None


def kafka_standing(database: Database) -> KafkaStanding | None:
    """How it stands now; None where no broker is set."""
    if database.settings.kafka is None:
        return None
    with database.connect("auditor") as conn:
        row = conn.execute(queries("services.bus")["unsent_count"]).fetchone()
    assert row is not None
    unsent, seconds = row
    try:
        lag, missing = _lag(database)
    except BrokerError as error:
        return KafkaStanding(None, [], unsent, seconds, str(error))
    return KafkaStanding(lag, missing, unsent, seconds, None)


def _lag(database: Database) -> tuple[dict[str, int], list[str]]:
    kafka = kafka_of(database.settings)
    group = read_topics(kafka).group
    inbound = inbound_topics()
    with administering(kafka) as admin:
        there = {
            topic["name"]: topic["partitions"]
            for topic in admin.describe_topics([*inbound, ALERTS, DEAD_LETTERS])
            if topic["error_code"] == 0
        }
        places = [TopicPartition(topic, each["partition_index"]) for topic in inbound for each in there.get(topic, ())]
        lag = _unread(admin, group, places)
    missing = sorted({*inbound, ALERTS, DEAD_LETTERS} - there.keys())
    return {
        topic: sum(n for place, n in lag.items() if place.topic == topic) for topic in there if topic in inbound
    }, missing


def _unread(admin: Any, group: str, places: list[TopicPartition]) -> dict[TopicPartition, int]:
    """Messages behind what the group has committed, or from the beginning on where it has committed nothing."""
    if not places:
        return {}
    committed = _committed(admin, group)
    firsts = admin.list_partition_offsets(dict.fromkeys(places, _EARLIEST))
    ends = admin.list_partition_offsets(dict.fromkeys(places, _LATEST))
    return {
        place: ends[place].offset - max(firsts[place].offset, committed[place].offset if place in committed else 0)
        for place in places
    }


def _committed(admin: Any, group: str) -> dict[TopicPartition, Any]:
    """Where the group is. A cluster that has never had a group makes room for one when it is first asked."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            return dict(admin.list_group_offsets({group: None})[group])
        except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
