"""A city whose departments send by Kafka: its topics on the shared broker, its pumps in threads, what its departments send."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import (
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePatternFilter,
    ResourceType,
)

from infra.kafka.cluster import Cluster
from schemas.events.kinds import FEED_OF
from schemas.events.topics import ALERTS, DEAD_LETTERS, inbound_topics
from services.bus.incoming import pump_in
from services.bus.outgoing import pump_out
from services.bus.setup import set_up
from services.bus.standing import kafka_standing
from services.bus.topics import SHIPPED
from services.platform.database import Database
from services.platform.kafka import KafkaSettings
from services.platform.settings import Settings
from tests.events import until
from tests.kafka_client import client_settings

CHILD_CENTRE = "mimamori.feed.kodomo-katei.v1"


def clear(cluster: Cluster) -> None:
    """Take the service's topics, its group and their ACLs from a broker."""
    with administrator(cluster) as admin:
        if left := [topic for topic in admin.list_topics() if topic.startswith("mimamori.")]:
            admin.delete_topics(left)
        until(lambda: _leave_no_group(admin))  # a pump that was killed counts as its member for some seconds
        admin.delete_acls([_any_acl(ResourceType.GROUP, "mimamori-intake")])
        admin.delete_acls([_any_acl(ResourceType.TOPIC, topic) for topic in (*inbound_topics(), ALERTS, DEAD_LETTERS)])


def _leave_no_group(admin: Any) -> bool:
    if any(group["group_id"] == "mimamori-intake" for group in admin.list_groups()):
        return bool(admin.delete_groups(["mimamori-intake"])["mimamori-intake"] == "OK")
    return True


def _any_acl(kind: ResourceType, name: str) -> ACLFilter:
    pattern = ResourcePatternFilter(kind, name, ACLResourcePatternType.LITERAL)
    return ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, pattern)


def with_kafka(settings: Settings, cluster: Cluster, folder: Path, **changes: Any) -> Settings:
    """These settings with the brokers of a cluster, and small topics."""
    topics = folder / "topics.toml"
    text = (
        SHIPPED.read_text("utf-8")
        .replace("partitions = 6", "partitions = 2")
        .replace("partitions = 3", "partitions = 1")
    )
    topics.write_text(text, "utf-8")
    return replace(settings, kafka=KafkaSettings(bootstrap=cluster.plain, topics=topics), **changes)


def made(settings: Settings) -> Settings:
    """The same, its topics made."""
    assert settings.kafka is not None
    set_up(settings.kafka, env="test")
    return settings


def signed_in(settings: Settings, cluster: Cluster, user: str) -> Settings:
    """The same over an encrypted line as a user of the cluster, who is the service's own there and may do no more than it needs.

    To be asked before the topics are made, which takes an administrator.
    """
    assert settings.kafka is not None and settings.kafka.topics is not None
    topics = settings.kafka.topics
    topics.write_text(topics.read_text("utf-8").replace("User:mimamori", f"User:{user}"), "utf-8")
    password = topics.with_name("password")
    password.write_text(cluster.users[user], "utf-8")
    secured = KafkaSettings(
        cluster.sasl, "SASL_SSL", ca=cluster.authority, username=user, password_file=password, topics=topics
    )
    return replace(settings, kafka=secured)


@contextmanager
def pumping(settings: Settings, *directions: str) -> Iterator[None]:
    """Pumps that run while the block lasts; an error of theirs is raised at its end."""
    stop = Event()
    pumps: dict[str, Callable[[Settings, Event], object]] = {"in": pump_in, "out": pump_out}
    with ThreadPoolExecutor(len(directions)) as pool:
        running = [pool.submit(pumps[direction], settings, stop) for direction in directions]
        try:
            yield
        finally:
            stop.set()
        for each in running:
            each.result(timeout=60)


def topic_of(event: Mapping[str, Any]) -> str:
    """The topic by which a department sends it."""
    feed = FEED_OF[event["type"]]
    return next(topic for topic, feeds in inbound_topics().items() if feed in feeds)


def send(cluster: Cluster, events: Sequence[Mapping[str, Any]]) -> None:
    """Send events as their departments do."""
    send_raw(
        cluster,
        [
            (topic_of(each), each["data"]["source_record_id"].encode(), json.dumps(each, ensure_ascii=False).encode())
            for each in events
        ],
    )


def send_raw(cluster: Cluster, messages: Sequence[tuple[str, bytes | None, bytes]]) -> None:
    """Send topic, key and value each, and return once all are acknowledged."""
    producer = KafkaProducer(**client_settings(cluster), max_request_size=32 << 20)
    try:
        underway = [producer.send(topic, key=key, value=value) for topic, key, value in messages]
        producer.flush(timeout=30)
        assert all(each.succeeded() for each in underway)
    finally:
        producer.close()


def environment(settings: Settings) -> dict[str, str]:
    """What a process of its own needs to find the brokers."""
    assert settings.kafka is not None
    return {
        "MIMAMORI_KAFKA_BOOTSTRAP": settings.kafka.bootstrap,
        "MIMAMORI_KAFKA_TOPICS": str(settings.kafka.topics),
    }


def read_all(cluster: Cluster, topic: str) -> list[dict[str, Any]]:
    """All that is on a topic, as a reader of its own reads it: JSON documents."""
    consumer = KafkaConsumer(**client_settings(cluster), enable_auto_commit=False)
    try:
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
        consumer.assign(places)
        consumer.seek_to_beginning()
        ends, found = consumer.end_offsets(places), []
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=500).values():
                found += [json.loads(each.value) for each in records]
        return found
    finally:
        consumer.close()


@contextmanager
def administrator(cluster: Cluster) -> Iterator[Any]:
    """A client that may do everything."""
    admin = KafkaAdminClient(**client_settings(cluster))
    try:
        yield admin
    finally:
        admin.close()


def lag(settings: Settings) -> int:
    """Messages that no pump is done with."""
    found = kafka_standing(Database.open(settings))
    assert found is not None and found.lag is not None
    return sum(found.lag.values())
