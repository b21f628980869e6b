"""A look at one person by name: decided and logged first, then read through the gate's one function, masked as of now."""

from dataclasses import dataclass
from typing import Any

from schemas.rules.ruleset import RuleSet
from services.casework.queue import CLASSES, LIST_ITEMS, Item, find
from services.gate import Request, act
from services.gate.people import Person
from services.platform.database import Database
from services.platform.queries import queries

NAME_ITEMS = (
    "person.name", "person.kana", "person.birth", "person.sex", "person.grade", "person.address", "person.school",
    "person.guardian",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One child of the queue with its name.

    person:   name, common_name, kana, birth, sex, grade, address, school, guardian; None where the registers have none
    masked:   支援措置 is in force today: address, school and guardian are not among them
    actions:  what people did with the alert: verb, reason code, person, time; oldest first
    """

    item: Item
    person: dict[str, Any]
    masked: bool
    actions: tuple[tuple[Any, ...], ...]


def show(database: Database, alert: str, by: Person, rules: RuleSet) -> Shown:
    """Look at one alert's child by name; raises RefusedError where no look may be had, UsageError for an unknown alert."""
    with database.connect("casework") as conn:
        child = find(conn, alert, rules).child_id
    request = Request(act="look", items=(*LIST_ITEMS, *NAME_ITEMS), classes=CLASSES, child=child, person=by.person)
    with act(database, role="casework", request=request) as permit:
        decision = permit.record(detail={"alert": alert})
    with database.connect("casework") as conn:
        item = find(conn, alert, rules)
        row = conn.execute("SELECT gate.reveal(%s)", (decision.id,)).fetchone()
        assert row is not None
        actions = conn.execute(queries("services.casework")["actions"], {"alert": alert}).fetchall()
    person: dict[str, Any] = dict(row[0])
    return Shown(item, person, person.pop("masked"), tuple(actions))
