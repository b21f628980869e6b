"""A look at one candidate: decided and logged first. A name is read after that, through the gate's one function, masked as of now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection

from schemas.rules import RuleSet
from schemas.rules.names import Act
from services.casework.access import DETAIL_ITEMS, NAME_ITEMS, look_request, only_caseworkers
from services.casework.items import Item, UnknownAlertError, one_alert
from services.gate import Decision, act
from services.gate.people import Member
from services.platform.database import Database
from services.platform.queries import queries

MASKED_ITEMS = ("address", "school", "guardian")  # what leads to where a child is, hidden while a 支援措置 is in force

# What a masked item says to whoever looks, by what is known of protection.
MASKED = {
    "in_force": "支援措置により表示しません",
    "not_loaded": "支援措置の情報が届いておらず、対象者か分からないため表示しません",
}


@dataclass(frozen=True)
class Ranks:
    """The three judgements: A–D, 4–1, 4–1; X = not enough data, never "no concern"."""

    poverty: str
    learning: str
    noncognitive: str


@dataclass(frozen=True)
class Action:
    """What a person did with the alert. entry: index in the log."""

    verb: Act
    reason: str
    person: str
    at: datetime
    entry: int


@dataclass(frozen=True)
class Detail:
    """One candidate without its name. actions: oldest first; look: index of this look in the log."""

    item: Item
    ranks: Ranks
    actions: tuple[Action, ...]
    look: int


@dataclass(frozen=True)
class Shown:
    """One candidate with its name.

    person:  name, common_name, kana, birth, sex, grade, address, school, guardian; None where the registers have none
    masked:  address, school and guardian are not among them
    protection:  whether a 支援措置 is in force today for the child or its household: in_force, none, or not_loaded where the
             feed that would tell was never loaded
    """

    detail: Detail
    person: dict[str, Any]
    masked: bool
    protection: Literal["none", "in_force", "not_loaded"]


def look(database: Database, alert: str, by: Member, rules: RuleSet) -> Detail:
    """Look at one candidate without its name; raises RefusedError where no look may be had, UnknownAlertError."""
    decision = _permitted(database, alert, by, DETAIL_ITEMS)
    with database.connect("casework") as conn:
        return _detail(conn, alert, rules, decision)


def show(database: Database, alert: str, by: Member, rules: RuleSet, *, emergency: str | None = None) -> Shown:
    """Look at one candidate by name; raises RefusedError where no look may be had, UnknownAlertError.

    emergency: the written reason why it cannot wait; a second person reviews the look within three days
    """
    decision = _permitted(database, alert, by, (*DETAIL_ITEMS, *NAME_ITEMS), emergency=emergency)
    with database.connect("casework") as conn:
        detail = _detail(conn, alert, rules, decision)
        row = conn.execute("SELECT gate.reveal(%s)", (decision.id,)).fetchone()
    assert row is not None
    person: dict[str, Any] = dict(row[0])
    return Shown(detail, masked=person.pop("masked"), protection=person.pop("protection"), person=person)


def _permitted(
    database: Database, alert: str, by: Member, items: tuple[str, ...], *, emergency: str | None = None
) -> Decision:
    """The permit for a look, committed; only after that anything is read of the child but its linkage ID."""
    with database.connect("casework") as conn:
        row = conn.execute(queries("services.casework")["child"], {"alert": alert}).fetchone()
    if row is None:
        raise UnknownAlertError
    request = look_request(by, items, child=row[0], emergency=emergency)
    only_caseworkers(database, by, request)
    with act(database, role="casework", request=request) as permit:
        return permit.record(detail={"alert": alert})


def _detail(conn: Connection[Any], alert: str, rules: RuleSet, decision: Decision) -> Detail:
    asked = {"alert": alert}
    ranks = conn.execute(queries("services.casework")["ranks"], asked).fetchone()
    assert ranks is not None
    actions = conn.execute(queries("services.casework")["actions"], asked).fetchall()
    return Detail(one_alert(conn, rules, alert), Ranks(*ranks), tuple(Action(*row) for row in actions), decision.entry)
