"""Events become facts and inbox rows, once, in one transaction with their permit."""

from services.intake.events import take_in
from services.platform.database import Database
from tests.canonical import crosswalk, protection, resident, score
from tests.cloud_events import event, received
from tests.stored import log_faults

ONE_OF_EACH = [
    event("resident", {"source_record_id": "r1", **resident(1)}),
    event("soudan", {"source_record_id": "s1", **protection(1, "虐待通告")}),
    event("oneroster_map", {"source_record_id": "o1", **crosswalk(1)}),
    event("academic", {"source_record_id": "a1", **score(1, "国", "52.0")}),
]


def test_events_are_facts_in_the_share_of_their_household_and_the_same_again_changes_nothing(
    city_at_work: Database,
) -> None:
    taken = take_in(city_at_work, received(ONE_OF_EACH))
    assert (taken.events, taken.repeated, taken.quarantined, taken.dead) == (4, 0, 0, [])
    with city_at_work.connect("auditor") as conn:
        rows = conn.execute(
            "SELECT feed, part, urgent, (batch, line) IS NOT NULL FROM bus.inbox ORDER BY id"
        ).fetchall()
    assert [(feed, urgent, a_fact) for feed, _, urgent, a_fact in rows] == [
        ("resident", False, True), ("soudan", True, True), ("oneroster_map", False, True), ("academic", False, True),
    ]  # fmt: skip
    assert len({part for _, part, _, _ in rows}) == 1
    again = take_in(city_at_work, received(ONE_OF_EACH, first=90))
    assert (again.events, again.repeated, again.batches) == (0, 4, [])
    assert log_faults(city_at_work) == []
