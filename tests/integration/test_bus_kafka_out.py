"""From the outbox onto topics: what was permitted and nothing else, never lost, and known again where it comes twice."""

import json
import signal
from pathlib import Path

from structlog.testing import capture_logs

from infra.kafka.cluster import Cluster
from infra.kafka.java import console_consumer
from schemas.events.outgoing import Alert, DeadLetter
from schemas.events.topics import ALERTS, DEAD_LETTERS
from services.intake.events import Received, take_in
from services.platform.database import Database
from services.publication.main import publish_run
from tests.cloud_events import event
from tests.events import judged_town, once, report, rows, until
from tests.kafka_city import CHILD_CENTRE, environment, made, pumping, read_all, send, with_kafka
from tests.operating import Operator
from tests.stored import log_faults

UNSENT = "SELECT count(*) FROM publication.outbox WHERE sent_at IS NULL"
PERMITS = (
    "SELECT entry FROM gate.decision WHERE outcome = 'permit' AND act IN ('publish', 'publish_event') ORDER BY entry"
)


def test_an_event_through_the_broker_is_a_permitted_alert_that_any_client_reads(
    bus_kafka: Cluster, city_at_work: Database, tmp_path: Path, operator: Operator
) -> None:
    settings = made(with_kafka(city_at_work.settings, bus_kafka, tmp_path))
    judged_town(city_at_work, tmp_path / "town")
    publish_run(city_at_work)
    with pumping(settings, "in", "out"):
        send(bus_kafka, [event("soudan", report(2)), event("soudan", report(4_000))])
        until(lambda: rows(city_at_work, "SELECT count(*) FROM bus.inbox") == [2])
        once(city_at_work)
        until(lambda: rows(city_at_work, UNSENT) == [0])

    outbox = rows(city_at_work, "SELECT coalesce(alert, report) FROM publication.outbox")
    read = [json.loads(line) for line in console_consumer(bus_kafka.plain, ALERTS, messages=len(outbox))]
    alerts = [Alert.model_validate(each["data"]) for each in read]
    assert sorted(each["id"] for each in read) == sorted(outbox)
    assert sorted(each.entry for each in alerts) == rows(city_at_work, PERMITS)
    assert rows(city_at_work, "SELECT count(*) FROM publication.alert WHERE provisional IS NOT NULL") == [1]
    assert rows(city_at_work, "SELECT count(*) FROM publication.unlinked_report") == [1]
    assert log_faults(city_at_work) == []


def test_a_pump_killed_between_sending_and_marking_sends_again_and_two_of_them_share(
    bus_kafka: Cluster, city_at_work: Database, tmp_path: Path, operator: Operator
) -> None:
    settings = with_kafka(city_at_work.settings, bus_kafka, tmp_path)
    judged_town(city_at_work, tmp_path / "town")
    publish_run(city_at_work)
    outbox = rows(city_at_work, "SELECT alert FROM publication.outbox")
    place = CHILD_CENTRE, 0, 7
    with city_at_work.connect("intake") as conn:
        conn.commit()
        take_in(
            city_at_work, [Received(*place, b"no JSON", b"k")], topics={CHILD_CENTRE: frozenset({"soudan"})}, conn=conn
        )

    with capture_logs() as said, pumping(settings, "out"):
        until(lambda: any(each["event"] == "waiting" for each in said))
    assert ALERTS in said[0]["why"] and "bus setup" in said[0]["why"]
    made(settings)

    dying = operator.having(**environment(settings), MIMAMORI_FAIL_AT="after-send-before-mark:1")
    process = dying.start("bus", "pump", "out")
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert rows(city_at_work, UNSENT) == [len(outbox)]
    assert sorted(each["id"] for each in read_all(bus_kafka, ALERTS)) == sorted(outbox)

    with pumping(settings, "out", "out"):
        until(lambda: rows(city_at_work, UNSENT) == [0])
        until(lambda: rows(city_at_work, "SELECT count(*) FROM bus.dead_letter WHERE sent_at IS NULL") == [0])
    assert sorted(each["id"] for each in read_all(bus_kafka, ALERTS)) == sorted(outbox * 2)
    (letter,) = read_all(bus_kafka, DEAD_LETTERS)
    told = DeadLetter.model_validate(letter["data"])
    assert (told.topic, told.partition, told.position, told.reason) == (*place, "NOT_JSON")
    assert "no JSON" not in str(letter)
