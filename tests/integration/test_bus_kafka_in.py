"""From departments' topics into the inbox: every message once, whatever happens between the broker and the database."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from kafka.admin import ConfigResource
from kafka.structs import OffsetAndMetadata, TopicPartition
from psycopg import sql
from structlog.testing import capture_logs

from infra.kafka.cluster import Cluster
from schemas.events.reasons import Reason
from services.approvals.demo import set_up_demo
from services.platform.database import Database
from services.platform.queries import queries
from tests.canonical import protection, resident
from tests.cloud_events import event
from tests.events import rows, until
from tests.kafka_city import (
    CHILD_CENTRE,
    administrator,
    environment,
    lag,
    made,
    pumping,
    send,
    send_raw,
    signed_in,
    with_kafka,
)
from tests.operating import TRACEBACK, Operator, arguments
from tests.stored import log_faults

TAKEN = "SELECT count(*) FROM bus.inbox"


def _reports(*numbers: int) -> list[dict[str, Any]]:
    return [event("soudan", {"source_record_id": f"s{n}", **protection(n, "虐待通告")}) for n in numbers]


def test_what_departments_send_is_in_the_inbox_once_and_what_cannot_be_is_a_dead_letter(
    bus_kafka: Cluster, city_at_work: Database, tmp_path: Path
) -> None:
    administering = with_kafka(city_at_work.settings, bus_kafka, tmp_path)
    settings = signed_in(administering, bus_kafka, "school")
    made(administering)
    good, other = _reports(1, 2)
    ahead = {**good, "id": "ahead", "time": "2027-09-01T00:00:00Z"}
    reused = {**good, "data": good["data"] | {"kind": "要保護"}}
    bad = [
        (b"s1", b"no JSON", Reason.NOT_JSON),
        (b"s1", json.dumps(good | {"id": "v9", "type": "jp.mimamori.feed.soudan.v9"}).encode(), Reason.UNKNOWN_VERSION),
        (b"another", json.dumps(good | {"id": "key"}).encode(), Reason.WRONG_KEY),
        (None, json.dumps(good | {"id": "none"}).encode(), Reason.WRONG_KEY),
        (b"s1", json.dumps(ahead).encode(), Reason.CLOCK_AHEAD),
        (b"s1", b"x" * (10 << 20), Reason.TOO_LARGE),
        (b"s1", json.dumps(reused).encode(), Reason.ID_REUSED),
    ]
    with administrator(bus_kafka) as admin:  # as a broker lets them in that is set up otherwise
        admin.alter_configs([ConfigResource("TOPIC", CHILD_CENTRE, {"max.message.bytes": str(20 << 20)})])
    send(bus_kafka, [good, event("resident", {"source_record_id": "r1", **resident(1)}), good])
    with pumping(settings, "in", "out"):
        until(lambda: rows(city_at_work, TAKEN) == [2])
        send_raw(bus_kafka, [(CHILD_CENTRE, key, value) for key, value, _ in bad])
        send(bus_kafka, [other, good])
        until(lambda: rows(city_at_work, TAKEN) == [3])
        until(
            lambda: rows(city_at_work, "SELECT count(*) FROM bus.dead_letter WHERE sent_at IS NOT NULL") == [len(bad)]
        )
    assert sorted(rows(city_at_work, "SELECT reason FROM bus.dead_letter")) == sorted(reason for *_, reason in bad)
    assert log_faults(city_at_work) == []


def test_a_pump_killed_between_the_commit_and_the_offset_and_many_that_come_and_go_take_each_message_once(
    bus_kafka: Cluster, city_at_work: Database, tmp_path: Path, operator: Operator
) -> None:
    settings = made(with_kafka(city_at_work.settings, bus_kafka, tmp_path))
    send(bus_kafka, _reports(*range(20)))
    dying = operator.having(**environment(settings), MIMAMORI_FAIL_AT="after-commit-before-offset:1")
    process = dying.start("bus", "pump", "in")
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert lag(settings) == 20
    for round in range(1, 4):  # each with pumps that join while the last one's partitions are still being given away
        with pumping(settings, "in", "in"):
            send(bus_kafka, _reports(*range(20 * round, 20 * round + 20)))
    with pumping(settings, "in"):
        until(lambda: lag(settings) == 0)
    assert rows(city_at_work, TAKEN) == [80]
    assert rows(city_at_work, "SELECT count(*) FROM facts.soudan") == [80]
    assert rows(city_at_work, "SELECT count(*) FROM bus.dead_letter") == [0]
    assert log_faults(city_at_work) == []


def test_what_may_not_be_collected_waits_on_its_topic_until_it_may(
    bus_kafka: Cluster, database: Database, tmp_path: Path
) -> None:
    settings = made(with_kafka(database.settings, bus_kafka, tmp_path))
    send(bus_kafka, _reports(1, 2))
    with capture_logs() as said, pumping(settings, "in"):
        until(lambda: bool(_said(said, "refused")))
        set_up_demo(database)
        until(lambda: rows(database, TAKEN) == [2])
    refusal, *others = _said(said, "refused")
    assert others == []
    assert (refusal["topic"], refusal["feed"]) == (CHILD_CENTRE, "soudan")
    assert rows(database, "SELECT count(*) FROM gate.decision WHERE act = 'collect' AND outcome = 'refuse'") == [1]


def test_a_feed_that_is_being_loaded_from_a_file_keeps_no_other_waiting(
    bus_kafka: Cluster, city_at_work: Database, tmp_path: Path
) -> None:
    settings = made(with_kafka(city_at_work.settings, bus_kafka, tmp_path))
    send(bus_kafka, [*_reports(1), event("resident", {"source_record_id": "r1", **resident(1)})])
    with pumping(settings, "in"):
        with city_at_work.connect("intake") as conn:
            conn.execute(queries("services.intake")["hold_feed"], {"feed": "resident"})
            until(lambda: rows(city_at_work, "SELECT feed FROM bus.inbox") == ["soudan"])
        until(lambda: rows(city_at_work, TAKEN) == [2])


def test_a_topic_that_is_deleted_is_named_and_once_it_is_made_anew_it_is_read_from_its_beginning(
    bus_kafka: Cluster, city_at_work: Database, tmp_path: Path
) -> None:
    settings = made(with_kafka(city_at_work.settings, bus_kafka, tmp_path))
    send(bus_kafka, _reports(*range(6)))
    with capture_logs() as said, pumping(settings, "in"):
        until(lambda: rows(city_at_work, TAKEN) == [6])
        with administrator(bus_kafka) as admin:
            admin.delete_topics([CHILD_CENTRE])
        until(lambda: bool(_said(said, "topics missing")))
        assert CHILD_CENTRE in _said(said, "topics missing")[0]["why"]
        made(settings)
        send(bus_kafka, _reports(*range(10, 18)))
        until(lambda: rows(city_at_work, TAKEN) == [14])


def test_an_offset_left_by_a_topic_of_the_same_name_passes_over_nothing(
    bus_kafka: Cluster, city_at_work: Database, tmp_path: Path
) -> None:
    settings = made(with_kafka(city_at_work.settings, bus_kafka, tmp_path))
    send(bus_kafka, _reports(*range(6)))
    assert lag(settings) == 6
    with administrator(bus_kafka) as admin:
        ends = admin.list_partition_offsets({TopicPartition(CHILD_CENTRE, number): -1 for number in range(2)})
        left = {place: OffsetAndMetadata(end.offset, "another", -1) for place, end in ends.items()}
        admin.alter_group_offsets("mimamori-intake", left)
    assert lag(settings) == 0
    with pumping(settings, "in"):
        until(lambda: rows(city_at_work, TAKEN) == [6])


def test_what_expired_unread_is_said_and_the_rest_is_taken_in(
    bus_kafka: Cluster, city_at_work: Database, tmp_path: Path
) -> None:
    settings = made(with_kafka(city_at_work.settings, bus_kafka, tmp_path))
    one_place = [_reports(1)[0] | {"id": str(number)} for number in range(5)]
    send(bus_kafka, one_place[:2])
    with pumping(settings, "in"):
        until(lambda: lag(settings) == 0 and rows(city_at_work, TAKEN) == [2])
    send(bus_kafka, one_place[2:])
    with administrator(bus_kafka) as admin:
        kept = {TopicPartition(CHILD_CENTRE, number): 4 for number in range(2)}
        ends = admin.list_partition_offsets(dict.fromkeys(kept, -1))
        admin.delete_records({place: min(kept[place], ends[place].offset) for place in kept})
    with capture_logs() as said, pumping(settings, "in"):
        until(lambda: rows(city_at_work, TAKEN) == [3])
    assert [each["records"] for each in _said(said, "unread messages expired")] == [2]


def test_broker_and_database_may_be_gone_for_a_while(
    own_kafka: Cluster, city_at_work: Database, tmp_path: Path, operator: Operator
) -> None:
    settings = made(with_kafka(city_at_work.settings, own_kafka, tmp_path))
    log = tmp_path / "pump.log"
    # A process of its own: kafka-python leaves the sockets of refused connections to the garbage collector.
    with log.open("w") as out, _pump(operator.having(**environment(settings)), out) as pump:
        send(own_kafka, _reports(1))
        until(lambda: rows(city_at_work, TAKEN) == [1])
        own_kafka.kill()
        until(lambda: "BrokerUnreachableError" in log.read_text())
        own_kafka.start()
        send(own_kafka, _reports(2))
        until(lambda: rows(city_at_work, TAKEN) == [2])
        with shut(city_at_work):
            send(own_kafka, _reports(3))
            until(lambda: "DatabaseUnreachableError" in log.read_text())
        until(lambda: rows(city_at_work, TAKEN) == [3])
        pump.terminate()
        assert pump.wait(timeout=60) == 0
    assert TRACEBACK not in log.read_text()


def _said(said: list[Any], event: str) -> list[Any]:
    return [each for each in said if each["event"] == event]


@contextmanager
def shut(database: Database) -> Iterator[None]:
    """Let nobody into the database, nor stay in it, while the block lasts."""
    with database.endpoint.connect_administrator(autocommit=True) as conn:
        name = sql.Identifier(database.endpoint.database)
        conn.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database.endpoint.database]
        )
        try:
            yield
        finally:
            conn.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


@contextmanager
def _pump(operator: Operator, log: TextIO) -> Iterator[subprocess.Popen[str]]:
    """A pump as a process of its own, which is gone at the end."""
    process = subprocess.Popen(
        arguments(["bus", "pump", "in"]), env=operator.environ, stdout=subprocess.DEVNULL, stderr=log, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
