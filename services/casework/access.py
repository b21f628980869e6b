"""Who may look at what of the queue, and how a look is put to the gate."""

from collections.abc import Sequence
from uuid import UUID

from schemas.errors import RefusedError
from schemas.records.person import Role
from services.gate import Request, record_refusal
from services.gate.people import Member, require_role
from services.platform.database import Database

ALERT_ITEMS = ("alert.category", "alert.reasons")  # that an urgent event came, be the child known or not
CLASSES = ("children_0_18",)
LIST_ITEMS = ("judgement.category", "judgement.data_check", "judgement.reasons")
DETAIL_ITEMS = (*LIST_ITEMS, "judgement.poverty", "judgement.learning", "judgement.noncognitive")
NAME_ITEMS = (
    "person.name", "person.kana", "person.birth", "person.sex", "person.grade", "person.address", "person.school",
    "person.guardian",
)  # fmt: skip
REPORT_ITEMS = (*ALERT_ITEMS, "person.number", *NAME_ITEMS)


def look_request(
    by: Member,
    items: Sequence[str],
    child: UUID | None = None,
    *,
    person_key: int | None = None,
    emergency: str | None = None,
) -> Request:
    """A caseworker's look at a list (child None) or at one child.

    person_key: at whom a number belongs that no child has yet
    emergency:  its written reason, where it cannot wait
    """
    return Request(
        act="look",
        items=items,
        classes=CLASSES,
        role="caseworker",
        child=child,
        person_key=person_key,
        person=by.person,
        emergency=emergency,
    )


def only_caseworkers(database: Database, by: Member, request: Request) -> None:
    """Refuse whoever is no caseworker; the refusal is logged before it is raised."""
    try:
        require_role(by, Role.CASEWORKER)
    except RefusedError as refusal:
        record_refusal(database, "casework", request, refusal.conditions)
        raise
