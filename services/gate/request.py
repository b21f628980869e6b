"""One act, as the service that is about to do it puts it to the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from schemas.records.request import CHILD_SUPPORT


@dataclass(frozen=True)
class Request:
    """One act, as the service that is about to do it states it.

    act, items, classes, recipient, purpose, rules, scheduled:  see schemas.records.request.ActRequest
    role:       acting role; empty = the one of the database role that asks
    child, judgement:  of a publication or a look, else None
    person_key: whom it is about, where that is a number that no child has yet
    event:      of the inbox, that told of this number; of a publication
    person:     who acts, as registered; None where a service does
    by_service: a look of the service itself at a run as a whole, which tells nobody of a child
    emergency:  its written reason, where it cannot wait (生命・身体・財産); committed to, never shown. None = no emergency
    """

    act: str
    items: Sequence[str]
    classes: Sequence[str] = ()
    recipient: str | None = None
    role: str = ""
    purpose: str = CHILD_SUPPORT
    rules: str | None = None
    scheduled: bool = False
    child: UUID | None = None
    judgement: int | None = None
    person_key: int | None = None
    event: int | None = None
    person: str | None = None
    by_service: bool = False
    emergency: str | None = None
