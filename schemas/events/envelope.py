"""An event as it comes: CloudEvents 1.0, structured JSON, around one row of a feed in canonical form."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from schemas.events.kinds import EVENT_FEEDS, FEED_OF, PREFIX, schema_of
from schemas.events.reasons import NotTakenError, Reason
from schemas.feeds.contract import Contract
from schemas.feeds.profile import is_individual_number

LARGEST = 1 << 20  # bytes of a message
AHEAD = timedelta(minutes=5)  # by which a sender's clock may run before ours
_APART = "\x1f"  # between texts that are hashed
_CONTROLS = ("\0", _APART)  # of these a text holds none; the database takes no NUL
_Short = Annotated[str, Field(min_length=1, max_length=300)]
_COLUMNS = frozenset(name for contract in EVENT_FEEDS.values() for name in contract.by_name)


class Envelope(BaseModel):
    """The attributes of CloudEvents that are read; extension attributes may stand beside them. data: column → text."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")
    specversion: Literal["1.0"]
    id: _Short
    source: _Short
    type: _Short
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str | None = None
    data: dict[str, str | None]


@dataclass(frozen=True)
class Event:
    """An event that can be taken in: one row of `feed`. row: column → text that is not empty."""

    source: str
    id: str
    feed: str
    row: dict[str, str]

    @property
    def record(self) -> str:
        """Which record of the feed it is about: of one record arrival decides."""
        return _APART.join(self.row.get(name, "") for name in ("source_system", "source_record_id"))

    @property
    def content(self) -> bytes:
        """What the event says, however its JSON is written: by this two events of one id are told apart."""
        words = (word for column in sorted(self.row.items()) for word in column)
        return _APART.join((self.feed, *words)).encode()


def read_event(value: bytes, *, now: datetime) -> Event:
    """Read one message; raises NotTakenError.

    The row's own values are not judged here: they are what files bring, and go to the quarantine where they are wrong.
    """
    if len(value) > LARGEST:
        raise NotTakenError(Reason.TOO_LARGE)
    envelope = _envelope(value)
    contract = _contract(envelope)
    _check_columns(envelope.data, contract)
    if envelope.time > now + AHEAD:
        raise NotTakenError(Reason.CLOCK_AHEAD)
    return Event(
        envelope.source, envelope.id, contract.feed, {name: text for name, text in envelope.data.items() if text}
    )


def check_origin(event: Event, *, key: bytes | None, feeds: Collection[str]) -> None:
    """What holds of a broker's message besides: its topic is for this feed, and all events of a record have one key.

    feeds: those that the topic may bring
    """
    if event.feed not in feeds:
        raise NotTakenError(Reason.NOT_OF_TOPIC)
    if key is None or key != event.row.get("source_record_id", "").encode():
        raise NotTakenError(Reason.WRONG_KEY)


def _envelope(value: bytes) -> Envelope:
    try:
        envelope = Envelope.model_validate_json(value)
    except ValidationError as error:
        raise _refusal(error) from None  # what pydantic says quotes the message
    if b"\\u00" in value and any(_has_controls(text) for text in (envelope.id, envelope.source)):
        raise NotTakenError(Reason.NOT_AN_EVENT)
    if b"\\u00" in value and any(_has_controls(text) for text in envelope.data.values() if text):
        raise NotTakenError(Reason.NOT_A_ROW)
    return envelope


def _has_controls(text: str) -> bool:
    return any(control in text for control in _CONTROLS)


def _refusal(error: ValidationError) -> NotTakenError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return NotTakenError(Reason.NOT_JSON)
    attribute, *inside = first["loc"] or (None,)
    if attribute == "data" and first["type"] != "missing":
        column = next((name for name in inside if name in _COLUMNS), None)
        return NotTakenError(Reason.NOT_A_ROW, None if column is None else str(column))
    return NotTakenError(Reason.NOT_AN_EVENT, None if attribute is None else str(attribute))


def _contract(envelope: Envelope) -> Contract:
    feed = FEED_OF.get(envelope.type)
    if feed is None:
        known = envelope.type.removeprefix(PREFIX).split(".")[0] in EVENT_FEEDS
        wrong_version = envelope.type.startswith(PREFIX) and known
        raise NotTakenError(Reason.UNKNOWN_VERSION if wrong_version else Reason.UNKNOWN_TYPE)
    if envelope.dataschema not in (None, schema_of(feed)):
        raise NotTakenError(Reason.UNKNOWN_VERSION, "dataschema")
    return EVENT_FEEDS[feed]


def _check_columns(row: dict[str, str | None], contract: Contract) -> None:
    unknown = row.keys() - contract.by_name.keys()
    if unknown:
        numbered = any(map(is_individual_number, unknown))
        raise NotTakenError(Reason.INDIVIDUAL_NUMBER if numbered else Reason.EXTRA_COLUMN)
