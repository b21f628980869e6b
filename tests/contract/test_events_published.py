"""The published description of the events is what the code does, and takes all that the released one took."""

import json
from copy import deepcopy
from datetime import datetime
from typing import Any
from uuid import UUID

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest

from infra.ci.event_schemas import DOCUMENT, RELEASED, as_text
from schemas.events.asyncapi import asyncapi_document, row_schema
from schemas.events.compatible import breaking_changes
from schemas.events.kinds import EVENT_FEEDS, schema_of
from schemas.events.outgoing import Alert
from services.cli.main import main
from services.gate import Decision
from services.publication.event import alert_event
from tests.canonical import protection
from tests.cloud_events import event

PUBLISHED: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))


def validator(message: str) -> Any:
    """Of a message's payload, within the whole document."""
    schema = {"$ref": f"#/components/messages/{message}/payload", "components": PUBLISHED["components"]}
    return jsonschema.Draft202012Validator(schema)


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text("utf-8") == as_text(asyncapi_document()), "run `make schemas`"


def test_the_document_is_handed_out_where_there_is_no_source_tree(capsys: pytest.CaptureFixture[str]) -> None:
    for as_asked in (["--json"], []):
        assert main(["bus", "schema", *as_asked]) == 0
        assert json.loads(capsys.readouterr().out) == PUBLISHED


def test_every_reference_of_the_document_leads_somewhere() -> None:
    references = [part.split('"')[0] for part in DOCUMENT.read_text("utf-8").split('"$ref": "#/')[1:]]
    assert len(references) > 50
    for reference in references:
        found = PUBLISHED
        for step in reference.split("/"):
            found = found[step]


@pytest.mark.parametrize("feed", sorted(EVENT_FEEDS))
def test_whoever_sends_what_was_released_goes_on_unchanged(feed: str) -> None:
    released = json.loads((RELEASED / f"{feed}.json").read_text("utf-8"))
    assert breaking_changes(released, row_schema(EVENT_FEEDS[feed])) == []


def test_no_released_feed_is_gone() -> None:
    assert {path.stem for path in RELEASED.glob("*.json")} <= set(EVENT_FEEDS)


def test_an_event_that_is_taken_is_one_of_the_document_and_a_bad_one_is_not() -> None:
    good = event("soudan", {"source_record_id": "s1", **protection(1)}, dataschema=schema_of("soudan"))
    asked = validator("soudan")
    assert list(asked.iter_errors(good | {"extension": "1"})) == []
    row = good["data"]
    bad = [{"id": ""}, {"type": "other"}, {"data": row | {"kind": "?"}}, {"data": row | {"more": "1"}}, {"data": None}]
    assert all(list(asked.iter_errors(good | changes)) for changes in bad)


def test_an_alert_that_leaves_is_one_of_the_document_and_holds_nothing_else() -> None:
    decision = Decision(UUID(int=1), 7, "permit", ())
    sent = json.loads(alert_event("handle", decision, now=datetime.fromisoformat("2026-09-01T09:00+09:00")))
    assert list(validator("alert").iter_errors(sent)) == []
    assert set(Alert.model_validate_json(json.dumps(sent["data"])).model_dump()) == set(sent["data"])


def changed(column: str, change: dict[str, Any]) -> dict[str, Any]:
    """The row of soudan with another column."""
    schema = deepcopy(row_schema(EVENT_FEEDS["soudan"]))
    schema["properties"][column] = schema["properties"].get(column, {}) | change
    return schema


NARROWED = [
    ("office", {"maxLength": 59}, ["office: smaller maxLength"]),
    ("office", {"minLength": 2}, ["office: greater minLength"]),
    ("kind", {"enum": ["虐待通告"]}, ["kind: fewer codes"]),
    ("status", {"enum": ["継続"]}, ["status: fewer codes"]),
    ("event_time", {"pattern": "^2"}, ["event_time: another pattern"]),
    ("closed", {"anyOf": [{"type": "string", "pattern": "^2"}, {"type": "null"}]}, ["closed: another pattern"]),
    ("office", {"description": "別の言い方", "maxLength": 61}, []),
    ("new", {"type": "string"}, []),
]


@pytest.mark.parametrize(("column", "change", "found"), NARROWED)
def test_what_narrows_a_column_is_named_and_what_widens_it_is_not(
    column: str, change: dict[str, Any], found: list[str]
) -> None:
    assert breaking_changes(row_schema(EVENT_FEEDS["soudan"]), changed(column, change)) == found


def test_a_column_removed_or_required_breaks_who_built_on_it() -> None:
    released = row_schema(EVENT_FEEDS["soudan"])
    now = changed("new", {"type": "string"})
    del now["properties"]["closed"]
    now["properties"]["received"] = {"type": "string"}
    now["required"] = [*now["required"], "new", "closed_raw"]
    assert breaking_changes(released, now) == [
        "closed: removed", "closed_raw: made required", "new: new and required", "received: no longer empty",
    ]  # fmt: skip
