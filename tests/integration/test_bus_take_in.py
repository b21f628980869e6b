"""Events become facts and inbox rows, once, in one transaction with their permit; what cannot is a dead letter without its body."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from schemas.errors import RefusedError
from schemas.events import envelope
from schemas.events.kinds import EVENT_FEEDS
from schemas.events.reasons import Reason as Why
from schemas.feeds.contract import Column, Contract
from schemas.feeds.kinds import Boolean, Code, Day, Integer, Month, TextList, Timestamp
from schemas.records.erasure import Reason
from services.approvals.demo import DOCUMENTS
from services.approvals.main import narrow, revoke
from services.gate import Request
from services.intake import events
from services.intake.collecting import collect_request
from services.intake.events import refusals, take_in
from services.intake.main import list_quarantine, load_folder, mend_file
from services.linkage.main import link_city
from services.platform.database import Database
from services.platform.queries import queries
from services.rights.erase import erase
from services.rights.subject import Number
from tests.canonical import crosswalk, protection, resident, score, write_feed
from tests.cloud_events import event, received
from tests.factories_casework import person
from tests.stored import log_entries, log_faults, stored

APPROVAL = DOCUMENTS / "approval-2.toml"  # in force on the tests' day
ONE_OF_EACH = [
    event("resident", {"source_record_id": "r1", **resident(1)}),
    event("soudan", {"source_record_id": "s1", **protection(1, "虐待通告")}),
    event("oneroster_map", {"source_record_id": "o1", **crosswalk(1)}),
    event("academic", {"source_record_id": "a1", **score(1, "国", "52.0")}),
]


def rows(database: Database, query: str) -> list[Any]:
    """What the administrator sees."""
    with database.admin() as conn:
        return conn.execute(query.encode()).fetchall()


def report(record: str = "s1", *, id: str = "", **changes: str) -> dict[str, Any]:
    """A report of violence on child 1."""
    return event("soudan", {"source_record_id": record, **protection(1, "虐待通告"), **changes}, id=id)


def test_events_are_facts_in_the_share_of_their_household_and_the_same_again_changes_nothing(
    city_at_work: Database,
) -> None:
    taken = take_in(city_at_work, received(ONE_OF_EACH))
    assert (taken.events, taken.repeated, taken.quarantined, taken.dead) == (4, 0, 0, [])
    found = rows(city_at_work, "SELECT feed, part, urgent, (batch, line) IS NOT NULL FROM bus.inbox ORDER BY id")
    assert [(feed, urgent, a_fact) for feed, _, urgent, a_fact in found] == [
        ("resident", False, True), ("soudan", True, True), ("oneroster_map", False, True), ("academic", False, True),
    ]  # fmt: skip
    assert len({part for _, part, _, _ in found}) == 1
    before = stored(city_at_work), log_entries(city_at_work)
    again = take_in(city_at_work, received(reversed(ONE_OF_EACH), first=90))
    assert (again.events, again.repeated, again.batches) == (0, 4, [])
    assert (stored(city_at_work), log_entries(city_at_work)) == before
    assert log_faults(city_at_work) == []


def test_the_facts_are_those_that_a_file_with_the_same_rows_brings(city_at_work: Database, tmp_path: Path) -> None:
    sent = [protection(number, kind) for number in (1, 2) for kind in ("虐待通告", "その他", "ない種別")]
    take_in(
        city_at_work,
        received(event("soudan", {"source_record_id": f"soudan-{n}", **row}) for n, row in enumerate(sent, 1)),
    )
    facts = rows(
        city_at_work, "SELECT record_key, content_hash, child_key, kind, revises FROM facts.soudan ORDER BY line"
    )
    refused = [(each.line, each.column, each.rule, each.filled) for each in list_quarantine(city_at_work)]
    assert len(facts) == 4 and len(refused) == 2
    report = load_folder(city_at_work, write_feed(tmp_path / "feeds", "soudan", sent).parent).batches[0]
    assert (report.loaded, report.unchanged, report.quarantined) == (0, 4, 2)  # the same hashes: nothing is new
    assert [(each.line, each.column, each.rule, each.filled) for each in list_quarantine(city_at_work)] == refused


def sample(column: Column) -> str:
    """A text that the column takes."""
    kind = column.kind
    simple = {Day: "2026-04-01", Timestamp: "2026-06-10T09:00", Month: "202604", Boolean: "true", TextList: "1"}
    if isinstance(kind, Code):
        return kind.values[0]
    if isinstance(kind, Integer):
        return str(kind.least)
    return simple.get(type(kind)) or "1" * getattr(kind, "shortest", 1)


def test_every_feed_about_persons_may_come_as_events(city_at_work: Database) -> None:
    sent = [
        event(feed, {column.name: sample(column) for column in contract.columns if column.of is None})
        for feed, contract in EVENT_FEEDS.items()
    ]
    taken = take_in(city_at_work, received(sent))
    assert (taken.events, taken.quarantined, taken.dead) == (len(EVENT_FEEDS), 0, [])
    assert sorted(feed for feed, _ in taken.batches) == sorted(EVENT_FEEDS)
    assert rows(city_at_work, "SELECT feed FROM bus.inbox WHERE line IS NULL") == []
    # 宛名番号 1 lives in a household; what names only other numbers is in the share of that number
    assert rows(
        city_at_work, "SELECT count(DISTINCT part) FROM bus.inbox WHERE feed IN ('resident', 'soudan', 'gakureibo')"
    ) == [(1,)]
    assert log_faults(city_at_work) == []


def test_what_cannot_be_taken_in_is_a_dead_letter_and_the_rest_is_taken(city_at_work: Database) -> None:
    sent: list[dict[str, Any] | bytes] = [
        report(), b"not JSON", report(office="x" * 2_000_000), report("s2") | {"type": "jp.mimamori.feed.soudan.v9"},
        report("s3") | {"time": "2027-09-01T00:00:00Z"}, report(status="終結", id="s1-I"), report("s4"),
    ]  # fmt: skip
    taken = take_in(city_at_work, received(sent))
    assert [(each.position, each.reason) for each in taken.dead] == [
        (2, Why.NOT_JSON), (3, Why.TOO_LARGE), (4, Why.UNKNOWN_VERSION), (5, Why.CLOCK_AHEAD), (6, Why.ID_REUSED),
    ]  # fmt: skip
    assert taken.events == 2
    late = take_in(city_at_work, received([report(status="終結", id="s1-I")], first=7))
    assert [each.reason for each in late.dead] == [Why.ID_REUSED]
    kept = rows(city_at_work, "SELECT row_to_json(d)::text FROM bus.dead_letter d")
    assert len(kept) == 6
    for (letter,) in kept:  # no body, and no plain hash of one
        assert "0000000001" not in letter and "虐待" not in letter
    assert take_in(city_at_work, received(sent)).dead == []


def test_a_dead_letter_is_none_any_more_once_it_is_taken_in(
    city_at_work: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(envelope, "FEED_OF", {})  # of a version that did not know the feed yet
        assert [each.reason for each in take_in(city_at_work, received([report()])).dead] == [Why.UNKNOWN_VERSION]
    taken = take_in(city_at_work, received([report()]))
    assert (taken.events, taken.dead) == (1, [])
    assert rows(city_at_work, "SELECT count(*) FROM bus.dead_letter WHERE replayed_at IS NULL") == [(0,)]


def test_a_topic_made_anew_has_letters_of_its_own_in_the_same_places(city_at_work: Database) -> None:
    for value in (b"one", b"another"):
        assert len(take_in(city_at_work, received([value])).dead) == 1
        assert take_in(city_at_work, received([value])).dead == []
    assert take_in(city_at_work, received([report()])).events == 1  # nor is either taken in by what is there now
    assert rows(city_at_work, "SELECT count(*) FROM bus.dead_letter WHERE replayed_at IS NULL") == [(2,)]


def test_a_broker_s_messages_need_their_topic_and_key(city_at_work: Database) -> None:
    topics = {"soudan-topic": frozenset({"soudan"})}
    good, *others = (each for each in received([report(), report("s2"), *ONE_OF_EACH[:1]], topic="soudan-topic"))
    unknown = [replace(good, topic="elsewhere", key=b"s1")]
    keyed = [replace(good, key=b"s1"), *(replace(each, key=b"s1") for each in others), *unknown]
    taken = take_in(city_at_work, keyed, topics=topics)
    assert taken.events == 1
    assert [each.reason for each in taken.dead] == [Why.WRONG_KEY, Why.NOT_OF_TOPIC, Why.NOT_OF_TOPIC]


def test_what_a_broker_brings_all_day_is_asked_for_as_a_standing_use(
    city_at_work: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def noted(contract: Contract, kept: frozenset[str], *, scheduled: bool) -> Request:
        asked.append(scheduled)
        return collect_request(contract, kept, scheduled=scheduled)

    monkeypatch.setattr("services.intake.events_store.collect_request", noted)
    (message,) = received([report()], topic="soudan-topic")
    take_in(city_at_work, [replace(message, key=b"s1")], topics={"soudan-topic": frozenset({"soudan"})})
    assert set(asked) == {True}
    asked.clear()
    take_in(city_at_work, received([report("s2")]))
    assert set(asked) == {False}


def test_a_refused_row_waits_in_the_quarantine_and_is_mended_by_an_event_or_a_file(
    city_at_work: Database, tmp_path: Path
) -> None:
    taken = take_in(city_at_work, received([report("s1", kind="?"), report("s2", received="2026-13-01")]))
    assert (taken.events, taken.quarantined) == (2, 2)
    assert rows(city_at_work, "SELECT DISTINCT line, part FROM bus.inbox") == [(None, 0)]
    take_in(city_at_work, received([report("s1", id="s1-mended")], first=9))
    mended = {**protection(1), "source_record_id": "s2"}
    mend_file(city_at_work, "soudan", write_feed(tmp_path, "soudan", [mended]))
    assert list_quarantine(city_at_work) == []
    assert log_faults(city_at_work) == []


def test_unapproved_columns_are_stored_nowhere(city_at_work: Database, tmp_path: Path) -> None:
    narrower = APPROVAL.read_text("utf-8").replace("version = 1", "version = 2", 1).replace('"soudan.office"', "", 1)
    (tmp_path / "approval.toml").write_text(narrower.replace(", ,", ",").replace(", \n]", "\n]"), "utf-8")
    narrow(city_at_work, tmp_path / "approval.toml", person(city_at_work, "drafter"), reason="用いない")
    nowhere = {"office": "どこにも残らない担当"}
    take_in(city_at_work, received([report(**nowhere), report("s2", **nowhere, kind="?")]))
    kept, dropped = rows(city_at_work, "SELECT kept, dropped FROM facts.batch")[0]
    assert "office" not in kept and dropped == ["office"]
    with city_at_work.admin() as conn:
        for place in conn.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname <> 'pg_catalog'"
        ).fetchall():
            told = sql.SQL("SELECT count(*) FROM {} t WHERE t::text LIKE '%どこにも%'").format(sql.Identifier(*place))
            assert conn.execute(told).fetchall() == [(0,)], place


def test_without_a_permit_to_collect_nothing_is_taken_in_and_the_refusal_is_logged_once(city_at_work: Database) -> None:
    assert refusals(city_at_work, ["soudan"]) == []
    for name in ("approval-1", "approval-2"):
        revoke(city_at_work, name, person(city_at_work, "drafter"), reason="試験")
    before = stored(city_at_work), len(log_entries(city_at_work))
    with pytest.raises(RefusedError) as refused:
        take_in(city_at_work, received([report(), b"not JSON"]))
    assert [code for code, _ in refused.value.conditions] == [code for code, _ in refusals(city_at_work, ["soudan"])]
    assert stored(city_at_work) == before[0]
    assert rows(city_at_work, "SELECT (SELECT count(*) FROM bus.inbox) + (SELECT count(*) FROM bus.dead_letter)") == [
        (0,)
    ]
    assert len(log_entries(city_at_work)) == before[1] + 1
    assert log_entries(city_at_work)[-1]["decision"] == "refuse"


def test_an_error_after_the_permit_leaves_nothing_but_its_entry(
    city_at_work: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any) -> None:
        raise ConnectionError

    before = stored(city_at_work)
    with monkeypatch.context() as broken, pytest.raises(ConnectionError):
        broken.setattr(events, "add_batch", fail)
        take_in(city_at_work, received([report()]))
    assert stored(city_at_work) == before
    assert log_entries(city_at_work)[-1]["decision"] == "refuse"
    assert log_faults(city_at_work) == []
    assert take_in(city_at_work, received([report()])).events == 1


def test_several_events_of_one_record_come_one_after_another_as_they_arrived(city_at_work: Database) -> None:
    later = {"event_time": "2026-06-11T09:00:00+09:00"}
    sent = [
        report(id="1", status="B", **later),
        report(id="2", status="A"),
        report(id="3", op="D", **later),
        report(id="4", status="C"),
    ]
    assert len(take_in(city_at_work, received(sent)).batches) == 4
    found = rows(
        city_at_work, "SELECT status, op, revises FROM facts.soudan JOIN facts.batch USING (batch) ORDER BY seal"
    )
    assert [(status, op) for status, op, _ in found] == [("B", "I"), ("A", "I"), ("継続", "D"), ("C", "I")]
    assert [revises for _, _, revises in found] == [False, True, True, True]


def test_a_snapshot_that_is_older_than_an_event_takes_nothing_of_it_back(
    city_at_work: Database, tmp_path: Path
) -> None:
    """Written before the events, loaded after them: it lacks one report and still has another as it was."""
    old = {"source_record_id": "s1", **protection(1, "虐待通告")}
    profile = tmp_path / "snapshot.toml"
    profile.write_text('name = "snapshot"\n[feeds.soudan]\nglob = "soudan.csv"\nmode = "snapshot"\n', "utf-8")
    folder = write_feed(tmp_path / "feeds", "soudan", [old, {"source_record_id": "s3", **protection(3)}]).parent
    load_folder(city_at_work, folder, profile=str(profile))
    take_in(city_at_work, received([report(id="closed", status="終結"), report("s2")]))
    write_feed(folder, "soudan", [old])
    loaded = load_folder(city_at_work, folder, profile=str(profile)).batches[0]
    assert (loaded.loaded, loaded.unchanged, loaded.tombstones) == (0, 1, 1)  # s3 alone has vanished


def test_events_do_not_stand_for_the_feed(city_at_work: Database, tmp_path: Path) -> None:
    """Of whom they do not tell nothing is known, and the first load of files is still to come."""
    take_in(city_at_work, received([report()]))
    with city_at_work.connect("analyst") as conn:
        seen = {"seal": 1_000, "known_at": city_at_work.clock.now()}
        assert conn.execute(queries("services.judgement")["loaded_feeds"], seen).fetchall() == []
    loaded = load_folder(city_at_work, write_feed(tmp_path, "soudan", [protection(2)]).parent, initial=True)
    assert loaded.batches[0].loaded == 1


def test_what_names_the_erased_goes_from_the_inbox_and_does_not_come_back(city_at_work: Database) -> None:
    take_in(city_at_work, received(ONE_OF_EACH))
    link_city(city_at_work)
    people = [person(city_at_work, name) for name in ("caseworker", "admin")]
    number = Number("atena_no", resident(1)["atena_no"])
    erase(city_at_work, number, reason=Reason.REQUEST, people=people)
    assert rows(city_at_work, "SELECT count(*) FROM bus.inbox") == [(0,)]
    assert take_in(city_at_work, received(ONE_OF_EACH)).events == 4
    assert rows(city_at_work, "SELECT DISTINCT line FROM bus.inbox") == [(None,)]
    assert rows(city_at_work, "SELECT number FROM identity.person") == []
