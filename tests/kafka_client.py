"""How clients of kafka-python reach the brokers of tests/broker.py."""

from collections.abc import Mapping
from typing import Literal

from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from infra.kafka.cluster import Cluster
from infra.kafka.node import MECHANISM

Listener = Literal["plain", "tls", "sasl"]


def client_settings(cluster: Cluster, listener: Listener = "plain", *, user: str = "") -> dict[str, object]:
    """How a client of kafka-python reaches a listener. user: who signs in on `sasl`."""
    settings: dict[str, object] = {"bootstrap_servers": getattr(cluster, listener)}
    if listener != "plain":
        settings |= {"security_protocol": "SSL", "ssl_cafile": str(cluster.authority)}
    if listener == "sasl":
        settings |= {"security_protocol": "SASL_SSL", "sasl_mechanism": MECHANISM}
        settings |= {"sasl_plain_username": user, "sasl_plain_password": cluster.users[user]}
    return settings


def make_topic(cluster: Cluster, topic: str, *, partitions: int = 1, settings: Mapping[str, str] | None = None) -> None:
    """Make a topic with a copy on every broker. settings: of the topic, as Kafka names them."""
    admin = KafkaAdminClient(**client_settings(cluster))
    try:
        admin.create_topics([NewTopic(topic, partitions, len(cluster.nodes), topic_configs=settings)])
    finally:
        admin.close()
