"""Three brokers, one killed under load: what departments send and what the service tells goes on, and nothing is lost."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from kafka import KafkaProducer

from infra.kafka.cluster import Cluster
from schemas.events.topics import DEAD_LETTERS
from services.platform.database import Database
from tests.canonical import protection
from tests.cloud_events import event
from tests.events import rows, until
from tests.kafka_city import CHILD_CENTRE, administrator, environment, made, read_all, with_kafka
from tests.kafka_client import client_settings
from tests.operating import Operator
from tests.stored import log_faults

TAKEN = "SELECT event_id FROM bus.inbox"
LETTERS = "SELECT topic, partition, position FROM bus.dead_letter"
UNTOLD = "SELECT count(*) FROM bus.dead_letter WHERE sent_at IS NULL"
SPOILED = 10  # every so many-th message is no event, so that the pump out has something to tell


def test_one_of_three_brokers_is_killed_under_load_and_nothing_is_lost(
    kafka_cluster: Cluster,
    city_at_work: Database,
    tmp_path: Path,
    operator: Operator,
    request: pytest.FixtureRequest,
) -> None:
    settings = made(with_kafka(city_at_work.settings, kafka_cluster, tmp_path))
    pumps = operator.having(**environment(settings))
    with _pump(pumps, "in"), _pump(pumps, "out"):
        with _department(kafka_cluster) as sent:
            until(lambda: len(rows(city_at_work, TAKEN)) > 50)
            kafka_cluster.processes[_leader(kafka_cluster, CHILD_CENTRE) - 1].kill()
            killed, later = time.monotonic(), f"event-{len(sent):06}"
            until(lambda: max(rows(city_at_work, TAKEN)) > later)
            seconds = round(time.monotonic() - killed, 1)
            request.node.add_report_section(
                "call", "fail-over", f"events flow again after {seconds} s"
            )  # pytest -rP shows it
        events = {each for each in sent if each is not None}
        until(lambda: len(rows(city_at_work, TAKEN)) >= len(events))
        until(lambda: len(rows(city_at_work, LETTERS)) >= len(sent) - len(events))
        until(lambda: rows(city_at_work, UNTOLD) == [0])
    assert set(rows(city_at_work, TAKEN)) == events
    assert rows(city_at_work, "SELECT count(*) FROM facts.soudan") == [len(events)]
    assert len(rows(city_at_work, LETTERS)) == len(sent) - len(events)
    told = [each["data"] for each in read_all(kafka_cluster, DEAD_LETTERS)]
    places = {(each["topic"], each["partition"], each["position"]) for each in told}
    assert places == set(rows(city_at_work, LETTERS))
    assert log_faults(city_at_work) == []


@contextmanager
def _department(cluster: Cluster) -> Iterator[list[str | None]]:
    """Sends without a pause while the block lasts; the ids of what it sent, None for what is no event. All are acknowledged."""
    sent: list[str | None] = []
    stop = Event()
    producer = KafkaProducer(**client_settings(cluster), acks="all", enable_idempotence=True)

    def send() -> None:
        while not stop.wait(0.01):
            number = len(sent)
            name, key, value = _message(number)
            producer.send(CHILD_CENTRE, key=key, value=value)
            sent.append(name)

    thread = Thread(target=send)
    thread.start()
    try:
        yield sent
    finally:
        stop.set()
        thread.join()
        producer.flush(timeout=60)
        producer.close()


def _message(number: int) -> tuple[str | None, bytes, bytes]:
    """Id, key and body."""
    record = f"record-{number:06}"
    if number % SPOILED == 0:
        return None, record.encode(), b"no JSON"
    name = f"event-{number:06}"
    row = {"source_record_id": record, **protection(number % 1000)}
    return name, record.encode(), json.dumps(event("soudan", row, id=name), ensure_ascii=False).encode()


def _leader(cluster: Cluster, topic: str) -> int:
    """Which broker leads the first partition of a topic."""
    with administrator(cluster) as admin:
        (found,) = admin.describe_topics([topic])
        return next(int(each["leader_id"]) for each in found["partitions"] if each["partition_index"] == 0)


@contextmanager
def _pump(operator: Operator, direction: str) -> Iterator[subprocess.Popen[str]]:
    """A pump as a process of its own, which ends when it is told to."""
    with operator.start("bus", "pump", direction) as process:
        try:
            yield process
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
