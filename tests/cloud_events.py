"""Hand-written events: rows of tests/canonical.py in the envelope in which departments send them."""

import json
from collections.abc import Iterable
from typing import Any

from schemas.events.kinds import type_of
from services.intake.events import Received
from tests.canonical import COMMON, Row

SENT = "2026-08-31T23:00:00Z"
TOPIC = "events.jsonl"


def event(feed: str, row: Row, *, id: str = "", **changes: Any) -> dict[str, Any]:
    """One CloudEvent. Its id is the row's source_record_id and op, unless it says so; changes: of its attributes; None drops one."""
    whole = {**COMMON, **row}
    attributes = {
        "specversion": "1.0",
        "id": id or f"{whole['source_record_id']}-{whole['op']}",
        "source": f"urn:mimamori:{feed}",
        "type": type_of(feed),
        "time": SENT,
        "datacontenttype": "application/json",
        "data": whole,
    }
    return {name: value for name, value in (attributes | changes).items() if value is not None}


def received(events: Iterable[dict[str, Any] | bytes], *, topic: str = TOPIC, first: int = 1) -> list[Received]:
    """The events as the lines of a file, from line `first` on."""
    lines = (each if isinstance(each, bytes) else json.dumps(each, ensure_ascii=False).encode() for each in events)
    return [Received(topic, 0, place, line) for place, line in enumerate(lines, first)]
