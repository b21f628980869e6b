"""From departments' topics into the inbox: every message once, whatever happens between the broker and the database."""

import json
from pathlib import Path
from typing import Any

from infra.kafka.cluster import Cluster
from schemas.events.reasons import Reason
from services.platform.database import Database
from tests.canonical import protection, resident
from tests.cloud_events import event
from tests.events import rows, until
from tests.kafka_city import CHILD_CENTRE, made, pumping, send, send_raw, with_kafka
from tests.stored import log_faults

TAKEN = "SELECT count(*) FROM bus.inbox"


def _reports(*numbers: int) -> list[dict[str, Any]]:
    return [event("soudan", {"source_record_id": f"s{n}", **protection(n, "虐待通告")}) for n in numbers]


def test_what_departments_send_is_in_the_inbox_once_and_what_cannot_be_is_a_dead_letter(
    bus_kafka: Cluster, city_at_work: Database, tmp_path: Path
) -> None:
    settings = made(with_kafka(city_at_work.settings, bus_kafka, tmp_path))
    good, other = _reports(1, 2)
    ahead = {**good, "id": "ahead", "time": "2027-09-01T00:00:00Z"}
    reused = {**good, "data": good["data"] | {"kind": "要保護"}}
    bad = [
        (b"s1", b"no JSON", Reason.NOT_JSON),
        (b"s1", json.dumps(good | {"id": "v9", "type": "jp.mimamori.feed.soudan.v9"}).encode(), Reason.UNKNOWN_VERSION),
        (b"another", json.dumps(good | {"id": "key"}).encode(), Reason.WRONG_KEY),
        (None, json.dumps(good | {"id": "none"}).encode(), Reason.WRONG_KEY),
        (b"s1", json.dumps(ahead).encode(), Reason.CLOCK_AHEAD),
        (b"s1", json.dumps(reused).encode(), Reason.ID_REUSED),
    ]
    send(bus_kafka, [good, event("resident", {"source_record_id": "r1", **resident(1)}), good])
    with pumping(settings, "in"):
        until(lambda: rows(city_at_work, TAKEN) == [2])
        send_raw(bus_kafka, [(CHILD_CENTRE, key, value) for key, value, _ in bad])
        send(bus_kafka, [other, good])
        until(lambda: rows(city_at_work, TAKEN) == [3])
        until(lambda: rows(city_at_work, "SELECT count(*) FROM bus.dead_letter") == [len(bad)])
    assert sorted(rows(city_at_work, "SELECT reason FROM bus.dead_letter")) == sorted(reason for *_, reason in bad)
    assert log_faults(city_at_work) == []
