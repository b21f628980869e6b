"""What is read as an event, and why a message is not one. What the CloudEvents library writes is read."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from schemas.events.envelope import AHEAD, LARGEST, check_origin, read_event
from schemas.events.kinds import EVENT_FEEDS, FEED_OF, type_of
from schemas.events.reasons import MEND, NotTakenError, Reason
from schemas.events.topics import inbound_topics
from schemas.feeds import FEEDS
from tests.canonical import protection
from tests.cloud_events import SENT, event

NOW = datetime.fromisoformat(SENT)
ROW = {"source_record_id": "s1", **protection(1)}


def refused(message: bytes | dict[str, Any], *, now: datetime = NOW) -> tuple[Reason, str | None]:
    """Why a message is not taken."""
    value = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()
    with pytest.raises(NotTakenError) as error:
        read_event(value, now=now)
    return error.value.reason, error.value.detail


def changed(**changes: Any) -> dict[str, Any]:
    """A good event with other attributes; None takes one away."""
    return event("soudan", ROW, **changes)


def row(**changes: Any) -> dict[str, Any]:
    """A good event with other columns."""
    return changed(data=event("soudan", ROW)["data"] | changes)


BAD: dict[str, tuple[Callable[[], bytes | dict[str, Any]], Reason, str | None]] = {
    "no JSON": (lambda: b"soudan,1", Reason.NOT_JSON, None),
    "no text": (lambda: b"\xff\xfe\x00", Reason.NOT_JSON, None),
    "cut off": (lambda: json.dumps(changed()).encode()[:-5], Reason.NOT_JSON, None),
    "half a character": (lambda: json.dumps(row(office="\ud800")).encode(), Reason.NOT_JSON, None),
    "too deep": (lambda: b"[" * 100_000, Reason.NOT_JSON, None),
    "10 MB": (lambda: row(office="あ" * 10_000_000), Reason.TOO_LARGE, None),
    "a list": (lambda: b"[]", Reason.NOT_AN_EVENT, None),
    "no id": (lambda: changed() | {"id": ""}, Reason.NOT_AN_EVENT, "id"),
    "a number as id": (lambda: changed() | {"id": 7}, Reason.NOT_AN_EVENT, "id"),
    "no source": (lambda: changed(source=None), Reason.NOT_AN_EVENT, "source"),
    "NUL in the source": (lambda: changed(source="a\0b"), Reason.NOT_AN_EVENT, None),
    "no time": (lambda: changed(time=None), Reason.NOT_AN_EVENT, "time"),
    "a time without offset": (lambda: changed(time="2026-08-31T23:00:00"), Reason.NOT_AN_EVENT, "time"),
    "a time as a number": (lambda: changed(time=1_788_000_000), Reason.NOT_AN_EVENT, "time"),
    "another CloudEvents": (lambda: changed(specversion="0.3"), Reason.NOT_AN_EVENT, "specversion"),
    "no JSON inside": (lambda: changed(datacontenttype="text/csv"), Reason.NOT_AN_EVENT, "datacontenttype"),
    "no data": (lambda: changed(data=None), Reason.NOT_AN_EVENT, "data"),
    "another type": (lambda: changed(type="jp.example.v1"), Reason.UNKNOWN_TYPE, None),
    "a reference file": (lambda: changed(type=type_of("survey_max")), Reason.UNKNOWN_TYPE, None),
    "another version": (lambda: changed(type="jp.mimamori.feed.soudan.v2"), Reason.UNKNOWN_VERSION, None),
    "another schema": (lambda: changed(dataschema="urn:mimamori:schema:soudan:v2"), Reason.UNKNOWN_VERSION, "dataschema"),
    "text as data": (lambda: changed(data="soudan"), Reason.NOT_A_ROW, None),
    "a number in a column": (lambda: row(kind=5), Reason.NOT_A_ROW, "kind"),
    "a number in no column": (lambda: row(見守花子=5), Reason.NOT_A_ROW, None),
    "NUL in a column": (lambda: row(office="a\0b"), Reason.NOT_A_ROW, None),
    "a column too many": (lambda: row(narrative="…"), Reason.EXTRA_COLUMN, None),
    "an individual number": (lambda: row(個人番号="1"), Reason.INDIVIDUAL_NUMBER, None),
    "a clock a year ahead": (lambda: changed(time="2027-08-31T23:00:00Z"), Reason.CLOCK_AHEAD, None),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_message_has_its_reason_and_tells_nothing_of_what_it_said(case: str) -> None:
    make, reason, detail = BAD[case]
    assert refused(make()) == (reason, detail)


def test_every_reason_is_explained_and_tested() -> None:
    assert set(MEND) == set(Reason)
    with_a_database = {Reason.NOT_OF_TOPIC, Reason.WRONG_KEY, Reason.ID_REUSED, Reason.FAULT}
    assert {reason for _, reason, _ in BAD.values()} | with_a_database == set(Reason)


def test_a_sender_s_clock_may_run_a_little_before_ours() -> None:
    value = json.dumps(changed()).encode()
    assert read_event(value, now=NOW - AHEAD).id == "s1-I"
    with pytest.raises(NotTakenError):
        read_event(value, now=NOW - AHEAD - timedelta(microseconds=1))


def test_the_largest_message_is_taken_and_one_byte_more_is_not() -> None:
    room = LARGEST - len(json.dumps(changed(subject=""), ensure_ascii=False).encode())
    assert read_event(json.dumps(changed(subject="x" * room), ensure_ascii=False).encode(), now=NOW).feed == "soudan"
    assert refused(changed(subject="x" * (room + 1)))[0] is Reason.TOO_LARGE


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\x1f"), min_size=1, max_size=40)


@given(st.sampled_from(sorted(EVENT_FEEDS)), texts, texts, st.data())
def test_what_the_library_writes_is_read_whatever_it_says(
    feed: str, name: str, source: str, data: st.DataObject
) -> None:
    columns = st.sampled_from(sorted(EVENT_FEEDS[feed].by_name))
    said = data.draw(st.dictionaries(columns, st.none() | st.just("") | texts))
    attributes = {
        "id": name,
        "source": source,
        "type": type_of(feed),
        "specversion": "1.0",
        "time": NOW.astimezone(UTC),
    }
    found = read_event(JSONFormat().write(CloudEvent(attributes | {"tenant": "minoh"}, said)), now=NOW)
    assert (found.id, found.source, found.feed) == (name, source, feed)
    assert found.row == {column: text for column, text in said.items() if text}


def test_how_the_json_is_written_does_not_change_what_an_event_says() -> None:
    said = changed()
    other = said | {"data": dict(reversed(said["data"].items())) | {"closed": None, "closed_raw": ""}, "extension": "x"}
    one, two = (read_event(json.dumps(each).encode(), now=NOW) for each in (said, other))
    assert one.content == two.content
    assert one.content != read_event(json.dumps(row(kind="虐待通告")).encode(), now=NOW).content


@pytest.mark.parametrize(
    ("key", "feeds", "reason"),
    [
        (b"s1", {"soudan"}, None),
        (b"s1", {"hoiku"}, Reason.NOT_OF_TOPIC),
        (None, {"soudan"}, Reason.WRONG_KEY),
        (b"s2", {"soudan"}, Reason.WRONG_KEY),
    ],
)
def test_a_broker_s_message_is_on_its_topic_and_bears_its_record_s_key(
    key: bytes | None, feeds: set[str], reason: Reason | None
) -> None:
    found = read_event(json.dumps(changed()).encode(), now=NOW)
    if reason is None:
        check_origin(found, key=key, feeds=feeds)
        return
    with pytest.raises(NotTakenError) as error:
        check_origin(found, key=key, feeds=feeds)
    assert error.value.reason is reason


def test_every_feed_about_persons_has_a_type_and_one_topic() -> None:
    assert set(FEED_OF.values()) == set(EVENT_FEEDS) == {feed for feed in FEEDS if FEEDS[feed].systems}
    topics = [feed for feeds in inbound_topics().values() for feed in feeds]
    assert sorted(topics) == sorted(EVENT_FEEDS)
