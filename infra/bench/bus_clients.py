"""kafka-python beside confluent-kafka on the same broker: what the choice of a client in Python costs."""

import time
from collections.abc import Callable

import confluent_kafka
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from services.bus.client import administering
from services.platform.kafka import KafkaSettings

BODY = b"x" * 700  # bytes, as an event has
PARTITIONS = 6
PATIENCE_SECONDS = 60.0


def clients(kafka: KafkaSettings, *, messages: int) -> dict[str, object]:
    """Messages a second sent until all are acknowledged, and read from the beginning; and confluent-kafka's by kafka-python's."""
    ways = {
        "kafka-python": (_send_python, _read_python),
        "confluent-kafka": (_send_confluent, _read_confluent),
    }
    found = {}
    for name, (send, read) in ways.items():
        _make_topic(kafka, name)
        found[name] = {
            "sent_per_second": _rate(messages, send, kafka, name),
            "read_per_second": _rate(messages, read, kafka, name),
        }
    ours, other = found.values()
    ratio = {what.removesuffix("_per_second"): round(other[what] / ours[what], 1) for what in ours}
    return {
        "stage": "bus clients",
        "messages": messages,
        "bytes": len(BODY),
        **found,
        "confluent-kafka is faster by": ratio,
    }


def _rate(messages: int, work: Callable[[KafkaSettings, str, int], None], kafka: KafkaSettings, topic: str) -> int:
    began = time.monotonic()
    work(kafka, topic, messages)
    return round(messages / (time.monotonic() - began))


def _make_topic(kafka: KafkaSettings, topic: str) -> None:
    with administering(kafka) as admin:
        admin.create_topics([NewTopic(topic, PARTITIONS, 1)])


def _send_python(kafka: KafkaSettings, topic: str, messages: int) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", enable_idempotence=True)
    underway = [producer.send(topic, key=b"%d" % number, value=BODY) for number in range(messages)]
    producer.flush()
    assert all(each.succeeded() for each in underway)
    producer.close()


def _read_python(kafka: KafkaSettings, topic: str, messages: int) -> None:
    consumer = KafkaConsumer(topic, bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    while messages > 0:
        messages -= sum(map(len, consumer.poll(timeout_ms=1000).values()))
    consumer.close()


def _send_confluent(kafka: KafkaSettings, topic: str, messages: int) -> None:
    most = {"queue.buffering.max.messages": messages}
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": kafka.bootstrap, "acks": "all", "enable.idempotence": True, **most}
    )
    for number in range(messages):
        producer.produce(topic, key=b"%d" % number, value=BODY)
    left = producer.flush(PATIENCE_SECONDS)
    assert left == 0


def _read_confluent(kafka: KafkaSettings, topic: str, messages: int) -> None:
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": kafka.bootstrap, "group.id": topic, "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    while messages > 0:
        messages -= len(consumer.consume(500, timeout=1.0))
    consumer.close()
