"""The alert queue without names: what is new, what is watched, and what people decided."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from schemas.errors import UsageError
from schemas.records.person import Role
from schemas.rules import RuleSet
from schemas.rules.names import ACTS, Act
from services.casework.access import ALERT_ITEMS, LIST_ITEMS, look_request, only_caseworkers
from services.casework.items import Item, UnknownAlertError, alerts, watched
from services.casework.states import STATE_AFTER, State
from services.casework.unlinked import Report, person_reported, reports
from services.gate import act
from services.gate.people import Member, require_role
from services.gate.suspended import barred
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.queries import queries
from services.platform.seal import give_seal


@dataclass(frozen=True)
class Listing:
    """The queue as one person saw it. unlinked: reports about numbers that no child has yet; entry: index of the look in the log."""

    items: tuple[Item, ...]
    unlinked: tuple[Report, ...]
    entry: int


@dataclass(frozen=True)
class Recorded:
    """What a person decided on an alert or report. state: its own, from now on; entry: index in the log."""

    alert: str
    act: Act
    reason: str
    state: State
    person: str
    entry: int


def take_up(database: Database) -> int:
    """Take up what the relay handed on; returns how many alerts are new in the queue."""
    with database.connect("casework") as conn:
        return conn.execute(queries("services.casework")["take_up"]).rowcount


def list_queue(database: Database, by: Member, rules: RuleSet, *, watch: bool = False) -> Listing:
    """The queue, gravest first, and reports about numbers without a child; with `watch` the children under 見守り without an alert.

    One logged look; raises RefusedError where none may be had.
    """
    request = look_request(by, LIST_ITEMS if watch else (*LIST_ITEMS, *ALERT_ITEMS))
    only_caseworkers(database, by, request)
    take_up(database)
    with act(database, role="casework", request=request) as permit:
        found = watched(permit.conn, rules) if watch else alerts(permit.conn, rules)
        unlinked = [] if watch else reports(permit.conn)
        decision = permit.record(count=len(found) + len(unlinked), detail={"list": "watch" if watch else "alerts"})
    return Listing(tuple(found), tuple(unlinked), decision.entry)


def act_on(database: Database, alert: str, verb: str, reason: str | None, by: Member, rules: RuleSet) -> Recorded:
    """Record what a person decided on an alert, or on a report about a number: confirm, watch or dismiss, with a reason code.

    The action, its seal and its entry commit together; a report is off the list with it. Raises UsageError for an unknown
    alert, verb or reason; where the reason is missing (None) or unknown, the message lists those of the rule set.
    """
    require_role(by, Role.CASEWORKER)
    chosen, code = _checked(verb, reason, rules)
    with database.connect("casework") as conn:
        unlinked = person_reported(conn, alert) is not None
        if not unlinked:
            _require_listed(conn, alert)
        seal = give_seal(conn, "case")
        entry = append(conn, Entry(f"case.{chosen}", detail={"alert": alert, "person": by.person, "reason": code}))
        about = {"alert": None, "report": alert} if unlinked else {"alert": alert, "report": None}
        action = {**about, "verb": chosen, "reason": code, "person": by.person, "seal": seal, "entry": entry}
        conn.execute(queries("services.casework")["act"], action)
    return Recorded(alert, chosen, code, STATE_AFTER[chosen], by.person, entry)


def _require_listed(conn: Connection[Any], alert: str) -> None:
    row = conn.execute(queries("services.casework")["child"], {"alert": alert}).fetchone()
    if row is None or barred(conn, [row[0]]):  # as the list has it: whoever is suspended is not in it
        raise UnknownAlertError


def _checked(verb: str, reason: str | None, rules: RuleSet) -> tuple[Act, str]:
    if verb not in ACTS:
        raise UsageError(f"判断は {'、'.join(ACTS)} のいずれかで示してください。")
    codes = rules.queue[verb]
    if reason is None or reason not in codes:
        listed = "\n".join(f"  {code}  {label}" for code, label in codes.items())
        raise UsageError(f"{verb} の理由コードを選んでください。\n{listed}")
    return verb, reason
