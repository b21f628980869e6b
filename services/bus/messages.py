"""What waits to be sent, as the messages that other systems read: CloudEvents about queue items, and about dead letters."""

from dataclasses import dataclass
from typing import Any

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from psycopg import Connection
from psycopg.rows import dict_row

from schemas.events.outgoing import DeadLetter
from schemas.events.topics import ALERTS, DEAD_LETTERS, inbound_topics
from services.gate.suspended import barred
from services.platform.queries import queries

MOST = 500  # messages a transaction
HEADERS = [("content-type", b"application/cloudevents+json; charset=UTF-8")]  # CloudEvents in structured mode
DEAD_LETTER_TYPE, DEAD_LETTER_SOURCE = "jp.mimamori.dead-letter.v1", "urn:mimamori:intake"


@dataclass(frozen=True)
class Message:
    """One message. row: id of its row; key: the CloudEvent's id."""

    row: int
    topic: str
    key: bytes
    value: bytes


def alerts(conn: Connection[Any]) -> list[Message]:
    """Queue items that no broker has word of, locked until the transaction ends; those about suspended children wait."""
    asked = {"barred": list(barred(conn)), "limit": MOST}
    rows = conn.execute(queries("services.bus")["unsent_alerts"], asked).fetchall()
    return [Message(row, ALERTS, handle.encode(), event.encode()) for row, handle, event in rows]


def dead_letters(conn: Connection[Any]) -> list[Message]:
    """Messages of departments that were not taken in and no broker has word of, locked until the transaction ends.

    Of files whoever sends them is told at once.
    """
    asked = {"topics": list(inbound_topics()), "limit": MOST}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(queries("services.bus")["unsent_letters"], asked).fetchall()
    return [_letter(row) for row in rows]


def _letter(row: dict[str, Any]) -> Message:
    number, at = row.pop("id"), row.pop("at")
    letter = DeadLetter.model_validate(row)
    handle = f"{letter.topic}/{letter.partition}/{letter.position}/{letter.digest[:16]}"  # a topic made anew has the place again
    attributes = {
        "id": handle, "source": DEAD_LETTER_SOURCE, "type": DEAD_LETTER_TYPE, "specversion": "1.0", "time": at,
        "datacontenttype": "application/json",
    }  # fmt: skip
    value = JSONFormat().write(CloudEvent(attributes, letter.model_dump(mode="json")))
    return Message(number, DEAD_LETTERS, handle.encode(), value)
