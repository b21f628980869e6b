"""`bus setup` on a real broker: topics and rights as the city's file says, what differs mended or named; what stops a client named."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaProducer
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ConfigResource, ResourcePattern, ResourceType
from kafka.errors import TopicAuthorizationFailedError

from infra.kafka.cluster import Cluster
from schemas.errors import UsageError
from schemas.events.topics import ALERTS
from services.bus.client import kafka_of
from services.bus.errors import (
    BrokerError,
    BrokerUnreachableError,
    HandshakeError,
    NoKafkaError,
    NotAllowedError,
    SignInError,
    TooFewBrokersError,
    UnencryptedError,
)
from services.bus.setup import set_up
from services.bus.topics import SHIPPED, read_topics
from services.platform.kafka import KafkaSettings
from services.platform.settings import Settings
from tests.kafka_city import CHILD_CENTRE, administrator
from tests.kafka_client import client_settings

HOIKU = "mimamori.feed.hoiku.v1"


@pytest.fixture
def city_file(tmp_path: Path) -> Path:
    """Topics of a city whose child centre is the shared broker's user `welfare`, and whose nursery is `school`."""
    text = SHIPPED.read_text("utf-8").replace("partitions = 6", "partitions = 2")
    text = text.replace('writers = ["User:kodomo-katei"]', 'writers = ["User:welfare"]')
    text = text.replace('writers = ["User:hoiku"]', 'writers = ["User:school"]')
    path = tmp_path / "topics.toml"
    path.write_text(text, "utf-8")
    return path


def test_what_is_missing_is_made_what_loses_nothing_is_mended_and_the_rest_is_named(
    bus_kafka: Cluster, city_file: Path
) -> None:
    kafka = KafkaSettings(bootstrap=bus_kafka.plain, topics=city_file)
    with pytest.raises(TooFewBrokersError):
        set_up(kafka, env="production")
    assert len(set_up(kafka, env="test").made) > 14
    again = set_up(kafka, env="test")
    assert (again.made, again.mended, again.differing) == ([], [], [])

    foreign = ACL(
        "User:somebody",
        "*",
        ACLOperation.READ,
        ACLPermissionType.ALLOW,
        ResourcePattern(ResourceType.TOPIC, CHILD_CENTRE),
    )
    with administrator(bus_kafka) as admin:
        changed = {"cleanup.policy": "compact", "retention.ms": "-1"}
        admin.alter_configs([ConfigResource("TOPIC", HOIKU, changed)])
        admin.create_partitions({HOIKU: 3})
        admin.create_acls([foreign])
    found = set_up(kafka, env="test")
    assert found.mended == [f"{HOIKU} cleanup.policy compact → delete"]
    assert sorted((each.topic, each.what) for each in found.differing) == [
        (HOIKU, "partitions"),
        (HOIKU, "retention.ms"),
        (CHILD_CENTRE, "ACL"),
    ]
    assert set_up(kafka, env="test", force=True).mended == [f"{HOIKU} retention.ms -1 → 604800000"]
    # production has as many copies as the file says, or is told so, and is never told to wait for copies that are not there
    strict = set_up(kafka, env="production")
    assert {each.what for each in strict.differing} == {"partitions", "replication", "ACL"}
    assert strict.mended == []


def test_a_department_may_write_its_own_topic_and_nothing_else(bus_kafka: Cluster, city_file: Path) -> None:
    set_up(KafkaSettings(bootstrap=bus_kafka.plain, topics=city_file), env="test")
    assert _may_write(bus_kafka, "welfare", CHILD_CENTRE)
    assert not _may_write(bus_kafka, "welfare", HOIKU)
    assert not _may_write(bus_kafka, "welfare", ALERTS)


def _may_write(cluster: Cluster, user: str, topic: str) -> bool:
    producer = KafkaProducer(**client_settings(cluster, "sasl", user=user))
    try:
        producer.send(topic, b"x").get(timeout=30)
    except TopicAuthorizationFailedError:
        return False
    finally:
        producer.close()
    return True


def test_what_keeps_a_client_out_is_named_and_leaves_nothing_behind(bus_kafka: Cluster, tmp_path: Path) -> None:
    password, wrong = tmp_path / "password", tmp_path / "wrong"
    password.write_text("of welfare")
    wrong.write_text("of school")
    right = KafkaSettings(
        bootstrap=bus_kafka.sasl,
        protocol="SASL_SSL",
        ca=bus_kafka.authority,
        username="welfare",
        password_file=password,
    )
    threads = threading.active_count()
    for mistaken, error in (
        (right, NotAllowedError),  # it signs in, and may not make topics
        (replace(right, password_file=wrong), SignInError),
        (replace(right, bootstrap="127.0.0.1:1"), BrokerUnreachableError),
        (replace(right, ca=None), HandshakeError),
        (replace(right, ca=password), BrokerError),
    ):
        with pytest.raises(error) as raised:
            set_up(mistaken, env="test")
        assert "of school" not in str(raised.value)
    assert threading.active_count() <= threads


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('name = "mimamori.feed.hoiku.v1" ', 'name = "mimamori.feed.nursery.v1"'), "mimamori.feed.nursery.v1"),
        (("retention_hours = 168", "retention_hours = 169"), "inbound.retention_hours"),
        (('writers = ["User:hoiku"]', 'writers = ["User:hoiku", "User:gakko"]'), "その部署のユーザー一つだけ"),
        (('readers = ["User:kodomo-katei"]', 'writers = ["User:kodomo-katei"]'), "このシステムだけ"),
        (("min_insync_replicas = 2", "min_insync_replicas = 4"), "min_insync_replicas"),
        (("[inbound]", "[inbound"), "TOML"),
    ],
)
def test_a_file_that_breaks_the_service_s_promises_is_refused(
    change: tuple[str, str], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "topics.toml"
    path.write_text(SHIPPED.read_text("utf-8").replace(*change, 1), "utf-8")
    with pytest.raises(UsageError, match=said):
        read_topics(KafkaSettings(bootstrap="localhost:9092", topics=path))


def test_production_sends_nothing_about_people_over_an_open_line(tmp_path: Path) -> None:
    with pytest.raises(NoKafkaError):
        kafka_of(Settings(home=tmp_path))
    far = Settings(home=tmp_path, kafka=KafkaSettings(bootstrap="kafka.city.example:9092"))
    with pytest.raises(UnencryptedError):
        kafka_of(far)
    assert kafka_of(replace(far, env="demo")) == far.kafka
    encrypted = replace(far, kafka=KafkaSettings(bootstrap="kafka.city.example:9093", protocol="SSL"))
    assert kafka_of(encrypted) == encrypted.kafka
