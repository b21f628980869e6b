"""By file or by Kafka: the same events become the same facts, the same 速報, the same alerts, whoever brings them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.intake.events_file import send_file
from services.platform.database import Database
from tests.canonical import protection, resident
from tests.cloud_events import event
from tests.events import differences, judged_town, once, report, rows, until
from tests.kafka_city import CHILD_CENTRE, lag, made, pumping, send_raw, topic_of, with_kafka
from tests.stored import log_faults

Message = dict[str, Any] | bytes
Deliver = Callable[[Sequence[Message]], None]

LATER = "2026-08-31T08:00:00+09:00"
REPORT = report(2)
EVENTS: list[Message] = [
    event("soudan", REPORT),
    event("soudan", {**REPORT, "status": "終結", "event_time": LATER}, id="closed"),
    event("soudan", REPORT),
    event("soudan", report(4_000)),
    event("soudan", {"source_record_id": "wrong", **protection(3, "ない種別")}),
    event("resident", {"source_record_id": "moved", **resident(3, rireki_no="2", setai_no="900000003")}),
    event("soudan", {"source_record_id": "new column", **protection(3), "remark": "a free text"}),
    b"no JSON",
]


@pytest.fixture(params=["file", "kafka"])
def deliver(request: pytest.FixtureRequest, city_at_work: Database, tmp_path: Path) -> Deliver:
    """Brings events to the inbox, and returns once they are there."""
    if request.param == "file":
        return lambda messages: _by_file(city_at_work, tmp_path / "events.jsonl", messages)
    cluster = request.getfixturevalue("bus_kafka")
    settings = made(with_kafka(city_at_work.settings, cluster, tmp_path))

    def by_kafka(messages: Sequence[Message]) -> None:
        send_raw(cluster, [_placed(each) for each in messages])
        with pumping(settings, "in"):
            until(lambda: lag(settings) == 0)

    return by_kafka


def _by_file(database: Database, path: Path, messages: Sequence[Message]) -> None:
    path.write_bytes(b"".join(_written(each) + b"\n" for each in messages))
    send_file(database, path, progress=lambda lines: None)


def _placed(message: Message) -> tuple[str, bytes, bytes]:
    """Topic, key and value: what is no event goes where anything may."""
    if isinstance(message, bytes):
        return CHILD_CENTRE, b"s1", message
    return topic_of(message), message["data"]["source_record_id"].encode(), _written(message)


def _written(message: Message) -> bytes:
    return message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()


def test_the_same_events_are_the_same_facts_judgements_and_alerts(
    deliver: Deliver, city_at_work: Database, tmp_path: Path
) -> None:
    judged_town(city_at_work, tmp_path / "town")
    deliver(EVENTS)
    once(city_at_work)
    assert _told(city_at_work) == EXPECTED
    assert differences(city_at_work) == [] and log_faults(city_at_work) == []

    deliver(EVENTS)
    once(city_at_work)
    assert _told(city_at_work) == EXPECTED


def _told(database: Database) -> dict[str, list[Any]]:
    return {name: rows(database, query) for name, query in QUERIES.items()}


QUERIES = {
    "inbox": "SELECT event_id, urgent, line IS NOT NULL, done_at IS NOT NULL FROM bus.inbox ORDER BY event_id",
    "reports": "SELECT number, kind, status, op FROM facts.soudan f JOIN identity.person p ON p.person_key = f.child_key"
    " ORDER BY number, event_time",
    "refused": "SELECT feed, column_name, rule FROM intake.quarantine",
    "dead letters": "SELECT DISTINCT reason FROM bus.dead_letter ORDER BY reason",
    "judged": "SELECT DISTINCT p.number FROM judgement.provisional_line JOIN judgement.said USING (judgement)"
    " JOIN linkage.link USING (child_id) JOIN identity.person p USING (person_key) WHERE p.system = 'atena_no' ORDER BY number",
    "alerts": "SELECT p.number, a.category, a.codes @> '{OVERRIDE_N3}' FROM publication.alert a JOIN linkage.link USING (child_id)"
    " JOIN identity.person p USING (person_key) WHERE p.system = 'atena_no' ORDER BY number",
    "unlinked": "SELECT p.number FROM publication.unlinked_report JOIN identity.person p USING (person_key)",
}
EXPECTED: dict[str, list[Any]] = {
    # id, urgent, became a fact, is done
    "inbox": [
        ("closed", True, True, True),
        ("moved-I", False, True, True),
        ("report-2-I", True, True, True),
        ("report-4000-I", True, True, True),
        ("wrong-I", False, False, True),
    ],
    "reports": [
        ("0000000001", "要保護", "継続", "I"),  # of the town itself
        ("0000000002", "虐待通告", "継続", "I"),
        ("0000000002", "虐待通告", "終結", "I"),
        ("0000004000", "虐待通告", "継続", "I"),
    ],
    "refused": [("soudan", "kind", "CODE")],
    "dead letters": ["EXTRA_COLUMN", "NOT_JSON"],
    "judged": ["0000000002", "0000000003"],
    "alerts": [("0000000002", "重点支援Ⅱ", True), ("0000000003", "要データ確認", False)],
    "unlinked": ["0000004000"],
}
