"""A real broker: what is acknowledged stays, what is refused can be told apart, and any client reads what is there."""

import gc
import logging
from collections.abc import Mapping, Sequence
from itertools import islice

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType
from kafka.errors import KafkaTimeoutError, SaslAuthenticationFailedError, TopicAuthorizationFailedError

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


@pytest.mark.filterwarnings(
    "ignore:unclosed <socket:ResourceWarning"
)  # kafka-python leaves refused ones to the collector
def test_a_refused_handshake_and_a_wrong_password_time_out_and_only_the_log_tells_why(
    kafka: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    trusting_others = {"bootstrap_servers": kafka.tls, "security_protocol": "SSL"}
    reasons = _reasons_of_refusal(trusting_others, caplog, wanted="Handshake failed")
    assert any("certificate verify failed" in str(reason) for reason in reasons)

    wrong = client_settings(kafka, "sasl", user="welfare") | {"sasl_plain_password": "of school"}
    reasons = _reasons_of_refusal(wrong, caplog, wanted="invalid credentials")
    assert any(isinstance(reason, SaslAuthenticationFailedError) for reason in reasons)
    gc.collect()


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


def _reasons_of_refusal(
    settings: Mapping[str, object], caplog: pytest.LogCaptureFixture, *, wanted: str
) -> list[object]:
    """The exceptions that kafka-python logs while it tries to connect, up to the first with the wanted words.

    What it raises is a time-out, whatever the reason; and where the broker hangs up together with its answer, as it does
    on a wrong password, most attempts know of the hanging up alone.
    """
    often = {"bootstrap_timeout_ms": 1000, "reconnect_backoff_ms": 20, "reconnect_backoff_max_ms": 20}
    reasons: list[object] = []
    with caplog.at_level(logging.WARNING, logger="kafka.net.manager"):
        for _ in range(60):
            with pytest.raises(KafkaTimeoutError, match="Unable to bootstrap"):
                KafkaAdminClient(**settings, **often)
            reasons = [arg for record in caplog.records if isinstance(record.args, tuple) for arg in record.args]
            if any(wanted in str(reason) for reason in reasons):
                break
    return reasons
