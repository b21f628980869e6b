"""A real broker: what is acknowledged stays, what is refused can be told apart, and any client reads what is there."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import islice

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType
from kafka.errors import TopicAuthorizationFailedError

from infra.kafka.cluster import Cluster
from infra.kafka.java import console_consumer
from tests.kafka_client import Listener, client_settings, make_topic

BODIES = [f"{number} 件目".encode() for number in range(50)]


@pytest.mark.parametrize("listener", ["plain", "tls", "sasl"])
def test_every_listener_carries_messages_there_and_back(kafka: Cluster, listener: Listener) -> None:
    topic = f"there-and-back-{listener}"
    make_topic(kafka, topic)
    _permit(kafka, "welfare", topic, ACLOperation.READ, ACLOperation.WRITE)
    settings = client_settings(kafka, listener, user="welfare")
    _send(settings, topic, BODIES)
    assert _received(settings, topic, len(BODIES)) == BODIES


def test_a_department_writes_to_its_own_topic_alone_and_reads_none(kafka: Cluster) -> None:
    for topic in ("of-welfare", "of-school"):
        make_topic(kafka, topic)
    _permit(kafka, "welfare", "of-welfare", ACLOperation.WRITE)
    welfare = client_settings(kafka, "sasl", user="welfare")
    _send(welfare, "of-welfare", BODIES[:1])
    with pytest.raises(TopicAuthorizationFailedError):
        _send(welfare, "of-school", BODIES[:1])
    with pytest.raises(TopicAuthorizationFailedError):
        _received(welfare, "of-welfare", 1)


@pytest.mark.parametrize(
    ("listener", "mistake", "told"),
    [
        ("tls", {"ssl_cafile": None}, "Handshake failed.*certificate verify failed"),
        # The broker hangs up together with its answer, and kafka-python often sees the hanging up alone.
        ("sasl", {"sasl_plain_password": "of school"}, "invalid credentials|socket disconnected"),
        ("plain", {"bootstrap_servers": "127.0.0.1:1"}, "Connection refused|ECONNREFUSED"),
    ],
    ids=["unknown authority", "wrong password", "nobody there"],
)
def test_every_refusal_is_a_time_out_to_the_caller_and_a_reason_in_the_log(
    kafka: Cluster, listener: Listener, mistake: dict[str, object], told: str
) -> None:
    settings = client_settings(kafka, listener, user="welfare") | mistake | {"bootstrap_timeout_ms": 1000}
    log = ""
    while not re.search(told, log):  # a slow machine may not get as far as that in a second
        log = _log_of_refusal(settings)
    assert "KafkaTimeoutError: Unable to bootstrap" in log


def test_what_a_killed_broker_has_acknowledged_is_there_when_it_is_back(own_kafka: Cluster) -> None:
    make_topic(own_kafka, "acknowledged")
    _send(client_settings(own_kafka), "acknowledged", BODIES)
    own_kafka.kill()
    own_kafka.start()
    assert console_consumer(own_kafka.plain, "acknowledged", messages=len(BODIES)) == [body.decode() for body in BODIES]


def test_of_three_brokers_any_one_may_be_killed(kafka_cluster: Cluster) -> None:
    make_topic(kafka_cluster, "three", partitions=3)  # each broker leads one partition
    settings = client_settings(kafka_cluster)
    _send(settings, "three", BODIES[:25])
    kafka_cluster.processes[0].kill()
    _send(settings, "three", BODIES[25:])
    assert sorted(_received(settings, "three", len(BODIES))) == sorted(BODIES)


def _send(settings: Mapping[str, object], topic: str, bodies: Sequence[bytes]) -> None:
    """Send, and return once every message is acknowledged by as many brokers as the topic asks for."""
    producer = KafkaProducer(**settings, acks="all")
    try:
        sent = [producer.send(topic, body) for body in bodies]
        for future in sent:
            future.get(timeout=60)
    finally:
        producer.close()


def _received(settings: Mapping[str, object], topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(topic, **settings, auto_offset_reset="earliest", consumer_timeout_ms=60_000)
    try:
        return [message.value for message in islice(consumer, count)]
    finally:
        consumer.close()


def _permit(kafka: Cluster, user: str, topic: str, *operations: ACLOperation) -> None:
    resource = ResourcePattern(ResourceType.TOPIC, topic)
    allow = ACLPermissionType.ALLOW
    admin = KafkaAdminClient(**client_settings(kafka))
    try:
        admin.create_acls([ACL(f"User:{user}", "*", operation, allow, resource) for operation in operations])
    finally:
        admin.close()


def _log_of_refusal(settings: Mapping[str, object]) -> str:
    """What a client that is refused writes; in a process of its own, as it leaves its thread and its sockets behind."""
    program = (
        "import json, logging, sys; from kafka import KafkaAdminClient; logging.basicConfig(level=logging.WARNING);"
        "KafkaAdminClient(**json.loads(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stderr
