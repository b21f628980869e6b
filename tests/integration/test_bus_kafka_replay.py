"""`bus replay`: dead letters are taken in once what they fell foul of is mended; what cannot be judged is tried again."""

from pathlib import Path
from typing import Any

from kafka.structs import TopicPartition

from infra.kafka.cluster import Cluster
from services.bus.replay import replay
from services.intake.events import take_in
from services.platform import inbox
from services.platform.database import Database
from tests.canonical import protection
from tests.cloud_events import event, received
from tests.commands import Commands
from tests.conftest import OpenAt
from tests.events import rows, until
from tests.kafka_city import CHILD_CENTRE, administrator, environment, made, pumping, send, send_raw, with_kafka
from tests.stored import log_faults

LETTERS = "SELECT count(*) FROM bus.dead_letter"
WAITING = "SELECT count(*) FROM bus.inbox WHERE done_at IS NULL AND failed IS NULL"
STANDING = f"{LETTERS} WHERE replayed_at IS NULL"


def _ahead(*numbers: int) -> list[dict[str, Any]]:
    """Reports whose sender's clock is a day ahead."""
    sent = [event("soudan", {"source_record_id": f"s{n}", **protection(n)}) for n in numbers]
    return [each | {"time": "2026-09-02T08:00:00Z"} for each in sent]


def test_letters_are_taken_in_once_what_was_wrong_is_right_and_what_expired_is_said(
    bus_kafka: Cluster, city_at_work: Database, open_at: OpenAt, environ: dict[str, str], tmp_path: Path
) -> None:
    settings = made(with_kafka(city_at_work.settings, bus_kafka, tmp_path))
    with pumping(settings, "in"):
        send(bus_kafka, _ahead(*range(30)))
        send_raw(bus_kafka, [(CHILD_CENTRE, b"s1", b"no JSON")])
        until(lambda: rows(city_at_work, LETTERS) == [31])
    with city_at_work.admin() as conn:
        conn.execute("UPDATE bus.dead_letter SET position = position + 1000000 WHERE partition = 0 AND position = 0")
        conn.execute("UPDATE bus.dead_letter SET digest = sha256('') WHERE partition = 1 AND position = 0")
    too_early = replay(Database.open(settings))
    assert (too_early.found, too_early.taken, sum(too_early.still.values())) == (29, 0, 31)

    mended = Database.open(with_kafka(open_at("2026-09-03T09:00").settings, bus_kafka, tmp_path))
    looked = replay(mended, reason="CLOCK_AHEAD", dry_run=True)
    assert looked.taken == 0 and rows(city_at_work, STANDING) == [31]
    done = replay(mended, reason="CLOCK_AHEAD")
    assert looked.letters == done.letters == {"CLOCK_AHEAD": 30}
    assert looked.found == done.found == done.taken == 28
    assert rows(city_at_work, "SELECT count(*) FROM bus.inbox") == [28]
    assert sorted(rows(city_at_work, "SELECT reason FROM bus.dead_letter WHERE replayed_at IS NULL")) == [
        "CLOCK_AHEAD",
        "CLOCK_AHEAD",
        "NOT_JSON",
    ]
    assert replay(mended, reason="CLOCK_AHEAD").taken == 0
    assert log_faults(city_at_work) == []

    with administrator(bus_kafka) as admin:
        ends = admin.list_partition_offsets({TopicPartition(CHILD_CENTRE, number): -1 for number in range(2)})
        admin.delete_records({place: end.offset for place, end in ends.items()})
    expired = Commands(environ | environment(settings))("bus", "replay")
    assert (expired["letters"], expired["found"]) == ({"CLOCK_AHEAD": 2, "NOT_JSON": 1}, 0)
    assert (expired["still"], expired["taken"]) == (expired["letters"], 0)


def test_what_could_not_be_judged_waits_to_be_judged_again(city_at_work: Database) -> None:
    take_in(
        city_at_work, received([event("soudan", {"source_record_id": f"s{n}", **protection(n)}) for n in (1, 2, 3)])
    )
    with city_at_work.connect("worker") as conn:
        for number, why in enumerate(("KeyError", "KeyError", "ValueError"), start=1):
            inbox.failed(conn, number, why)
    assert replay(city_at_work, reason="KeyError", dry_run=True).again == 2
    assert rows(city_at_work, WAITING) == [0]
    assert replay(city_at_work, reason="KeyError").again == 2
    assert rows(city_at_work, WAITING) == [2]
    assert replay(city_at_work).again == 1
