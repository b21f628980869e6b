"""The same events in any order, in any portions, some of them twice, beside files: the same facts."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.events import take_in
from services.intake.main import load_folder
from services.intake.memory import Memory
from services.platform.database import Database
from tests.canonical import crosswalk, protection, resident, score, write_feed
from tests.cloud_events import event, received
from tests.stored import log_faults

LATER = "2026-06-11T09:00:00+09:00"


def sent() -> list[dict[str, Any]]:
    """Some months of a small town: people, a report that is corrected and taken back, a wrong row, events that say the same."""
    found = []
    for n in (1, 2):
        found += [
            event("resident", {"source_record_id": f"r{n}", **resident(n)}),
            event("oneroster_map", {"source_record_id": f"o{n}", **crosswalk(n)}),
            event("academic", {"source_record_id": f"a{n}", **score(n, "国", "52.0")}),
        ]
    report = {"source_record_id": "s1", **protection(1, "虐待通告")}
    return [
        *found,
        event("soudan", report),
        event("soudan", {**report, "status": "終結", "event_time": LATER}, id="corrected"),
        event("soudan", {**report, "op": "D", "event_time": LATER}),
        event("soudan", {"source_record_id": "s2", **protection(2, "ない種別")}),
        event("soudan", report, id="the same under another id"),
        event("resident", {"source_record_id": "r1-2", **resident(1, rireki_no="2", setai_no="900000002")}),
    ]


EVENTS = sent()


def content(database: Database) -> dict[str, list[str]]:
    """What facts, identity and quarantine say, by the sources' own numbers; not when it came, nor in which batch."""
    tables = ("resident", "oneroster_map", "academic", "soudan")
    left_out = "ARRAY['batch', 'line', 'revises', 'written_by', 'content_hash', 'record_key', 'source_batch_id']"
    found: dict[str, list[str]] = {}
    with database.admin() as conn:
        keys = dict(conn.execute("SELECT person_key::text, number FROM identity.person").fetchall())
        keys |= dict(conn.execute("SELECT setai_key::text, number FROM identity.household").fetchall())
        keys |= dict(conn.execute("SELECT case_key::text, number FROM identity.case").fetchall())
        for table in tables:
            query = f"SELECT to_jsonb(f) - {left_out} FROM facts.{table} f"
            told = [{k: keys.get(str(v), v) for k, v in row.items()} for (row,) in conn.execute(query.encode())]
            found[table] = sorted(json.dumps(row, sort_keys=True, default=str) for row in told)
        found["refused"] = sorted(
            text for (text,) in conn.execute("SELECT feed || rule || column_name || raw::text FROM intake.quarantine")
        )
        found["inbox"] = sorted(
            text for (text,) in conn.execute("SELECT source || event_id || feed || urgent FROM bus.inbox")
        )
    return found


FILLED = (
    "bus.inbox", "bus.dead_letter", "facts.batch", "facts.resident", "facts.oneroster_map", "facts.academic", "facts.soudan",
    "identity.person", "identity.household", "identity.case", "identity.resident_name", "identity.record", "intake.quarantine",
)  # fmt: skip


def empty(database: Database) -> None:
    """As before anything came in; log and decisions go on."""
    with database.admin() as conn:
        conn.execute(f"TRUNCATE {', '.join(FILLED)} CASCADE".encode())


@pytest.fixture
def expected(city_at_work: Database) -> dict[str, list[str]]:
    """What all events bring at once."""
    take_in(city_at_work, received(EVENTS))
    return content(city_at_work)


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[int]]:
    """Portions of places in EVENTS: a permutation with repeats, cut anywhere."""
    order = draw(st.permutations(range(len(EVENTS))))
    twice = draw(st.lists(st.sampled_from(range(len(EVENTS))), max_size=5))
    whole = [*order, *twice]
    cuts = sorted(draw(st.sets(st.integers(1, len(whole) - 1), max_size=4)))
    return [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(portions=arrivals())
def test_order_portions_and_repeats_change_nothing(
    city_at_work: Database, expected: dict[str, list[str]], portions: Sequence[Sequence[int]]
) -> None:
    empty(city_at_work)
    for portion in portions:
        take_in(city_at_work, received(EVENTS[place] for place in portion))
    assert content(city_at_work) == expected


versions = st.lists(
    st.tuples(st.sampled_from("IUD"), st.sampled_from("ABC"), st.integers(10, 12)), min_size=2, max_size=7
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=versions, portion=st.integers(1, 7))
def test_within_a_record_the_last_to_arrive_counts_whatever_the_portions(
    city_at_work: Database, said: list[tuple[str, str, int]], portion: int
) -> None:
    """Whatever its op and event_time are; what says the same as an earlier version is none."""
    empty(city_at_work)
    sent = [
        event("soudan", {"source_record_id": "s1", **protection(1), "op": op, "status": status, "event_time": f"2026-06-{day}"}, id=str(n))
        for n, (op, status, day) in enumerate(said)
    ]  # fmt: skip
    for start in range(0, len(sent), portion):
        take_in(city_at_work, received(sent[start : start + portion]))
    query = "SELECT op, status, extract(day FROM event_time + interval '9 hours')::int FROM facts.soudan JOIN facts.batch USING (batch)"
    with city_at_work.admin() as conn:
        kept = conn.execute(f"{query} ORDER BY seal".encode()).fetchall()
    assert kept == list(dict.fromkeys(said))


def test_files_and_events_at_once_give_a_number_one_key_and_a_record_its_versions(
    city_at_work: Database, tmp_path: Path
) -> None:
    """Both know the same people for the first time, and both bring the same records."""
    people = [{"source_record_id": f"r{n}", **resident(n)} for n in range(1, 16)]
    reports = [{"source_record_id": f"s{n}", **protection(n)} for n in range(1, 16)]
    folder = write_feed(tmp_path / "feeds", "soudan", reports).parent
    write_feed(folder, "resident", people)
    begin = Barrier(4)

    def sender(portion: Sequence[dict[str, Any]]) -> None:
        begin.wait()
        for each in portion:
            take_in(city_at_work, received([each]))

    def loader() -> None:
        begin.wait()
        load_folder(city_at_work, folder)

    events = [event(feed, row) for feed, rows in (("soudan", reports), ("resident", people)) for row in rows]
    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(sender, events[:15]), pool.submit(sender, events[15:]), pool.submit(sender, events[::-3])]
        for done in [pool.submit(loader), *work]:
            done.result()
    with city_at_work.admin() as conn:
        for feed in ("resident", "soudan"):
            query = f"SELECT count(*), count(DISTINCT record_key), count(*) FILTER (WHERE revises) FROM facts.{feed}"
            assert conn.execute(query.encode()).fetchall() == [(15, 15, 0)]
        assert conn.execute("SELECT count(*), count(DISTINCT number) FROM identity.person").fetchall() == [(15, 15)]
        assert conn.execute("SELECT count(*) FROM bus.inbox").fetchall() == [(30,)]
    assert log_faults(city_at_work) == []


def test_what_an_event_brings_between_two_files_of_a_load_is_known_to_the_second(
    city_at_work: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"source_record_id": "s1", **protection(1)}
    first = write_feed(tmp_path / "feeds", "soudan", [{"source_record_id": "s0", **protection(2)}])
    first.rename(first.with_name("soudan-1.csv"))
    write_feed(first.parent, "soudan", [row]).rename(first.with_name("soudan-2.csv"))
    (tmp_path / "two.toml").write_text('name = "two"\n[feeds.soudan]\nglob = "soudan-*.csv"\n', "utf-8")
    committed = Memory.committed

    def and_then_an_event(self: Memory, *given: Any, **named: Any) -> None:
        committed(self, *given, **named)
        take_in(city_at_work, received([event("soudan", row)]))

    monkeypatch.setattr(Memory, "committed", and_then_an_event)
    files = load_folder(city_at_work, first.parent, profile=str(tmp_path / "two.toml")).batches
    assert [(file.loaded, file.unchanged) for file in files] == [(1, 0), (0, 1)]
