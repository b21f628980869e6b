"""`bus status` where there is a Kafka: what is unread, unsent or missing, and why the brokers cannot be asked."""

from dataclasses import replace
from pathlib import Path

from infra.kafka.cluster import Cluster
from schemas.events.topics import ALERTS, DEAD_LETTERS, inbound_topics
from services.bus.standing import kafka_standing
from services.platform.database import Database
from services.platform.kafka import KafkaSettings
from services.publication.main import publish_run
from tests.canonical import protection
from tests.cloud_events import event
from tests.commands import Commands
from tests.events import judged_town
from tests.kafka_city import CHILD_CENTRE, environment, made, send, with_kafka


def test_status_tells_what_is_unread_unsent_or_missing_and_why_no_broker_answers(
    bus_kafka: Cluster, city_at_work: Database, environ: dict[str, str], tmp_path: Path
) -> None:
    settings = with_kafka(city_at_work.settings, bus_kafka, tmp_path)
    before = kafka_standing(Database.open(settings))
    assert before is not None
    assert (before.lag, before.missing) == ({}, sorted([*inbound_topics(), ALERTS, DEAD_LETTERS]))

    made(settings)
    judged_town(city_at_work, tmp_path / "town")
    waiting = publish_run(city_at_work).published
    send(bus_kafka, [event("soudan", {"source_record_id": f"s{n}", **protection(n)}) for n in range(3)])
    found = Commands(environ | environment(settings))("bus", "status")["kafka"]
    assert {topic: count for topic, count in found["lag"].items() if count} == {CHILD_CENTRE: 3}
    assert (found["missing"], found["unsent"], found["unsent_seconds"], found["fault"]) == ([], waiting, 0.0, None)

    nowhere = Database.open(replace(settings, kafka=KafkaSettings(bootstrap="127.0.0.1:1")))
    gone = kafka_standing(nowhere)
    assert gone is not None and gone.fault is not None
    assert (gone.lag, gone.unsent) == (None, waiting) and "127.0.0.1:1" in gone.fault
    assert Commands(environ)("bus", "status")["kafka"] is None
