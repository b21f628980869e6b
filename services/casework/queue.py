"""The alert queue without names: what is new, what is watched, and what people decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection

from models.judgement.sentences import sentence
from schemas.errors import UsageError
from schemas.rules.ruleset import RuleSet
from services.gate import Request, act
from services.gate.people import Person
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.queries import queries
from services.platform.seal import give_seal

STATES = {"new": "new", "confirm": "confirmed", "watch": "watching", "dismiss": "dismissed"}
LIST_ITEMS = ("judgement.category", "judgement.data_check", "judgement.reasons")
CLASSES = ("children_0_18",)


@dataclass(frozen=True)
class Source:
    """A row of a feed file that a reason rests on; `line` is where it begins, header = 1."""

    feed: str
    file: str
    line: int


@dataclass(frozen=True)
class Reason:
    """Why: code, the Japanese sentence of the rule set, and the rows it rests on."""

    code: str
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Item:
    """One child in the queue, by its linkage ID.

    alert, decision, entry:  None for a child that is watched without an alert
    since:  as-of of the first alert of this category for this child
    state:  new, confirmed, watching or dismissed
    """

    alert: str | None
    child_id: UUID
    category: str
    data_check: bool
    since: date
    state: str
    reasons: tuple[Reason, ...]
    run: str
    decision: UUID | None
    entry: int | None


def take_up(database: Database) -> int:
    """Take up what the relay handed on; returns how many alerts are new in the queue."""
    with database.connect("casework") as conn:
        return conn.execute(queries("services.casework")["take_up"]).rowcount


def list_queue(database: Database, by: Person, rules: RuleSet, *, watch: bool = False) -> list[Item]:
    """The queue, gravest first; with `watch` the children under 見守り who have no alert.

    One logged look; raises RefusedError where none may be had.
    """
    take_up(database)
    with act(database, role="casework", request=_look(by)) as permit:
        found = _watched(permit.conn, rules) if watch else _alerts(permit.conn, rules, None)
        permit.record(count=len(found), detail={"list": "watch" if watch else "alerts"})
    return found


def find(conn: Connection[Any], alert: str, rules: RuleSet) -> Item:
    """One alert of the queue; raises UsageError where there is none of that handle."""
    found = _alerts(conn, rules, alert)
    if not found:
        raise UsageError("その候補は一覧にありません。`mimamori queue list` で番号を確かめてください。")
    return found[0]


def act_on(database: Database, alert: str, verb: str, reason: str, by: Person, rules: RuleSet) -> Item:
    """Record what a person decided on an alert: confirm, watch or dismiss, with a reason code of the rule set.

    The action, its seal and its entry commit together; raises UsageError for an unknown alert, verb or reason.
    """
    codes: dict[str, str] = dict(rules.queue.get(verb, {}))  # type: ignore[call-overload]  # verb is checked just here
    if reason not in codes:
        raise UsageError(f"理由コードを選んでください（{verb}）: " + "、".join(f"{c}＝{t}" for c, t in codes.items()))
    with database.connect("casework") as conn:
        find(conn, alert, rules)
        seal = give_seal(conn, "case")
        entry = append(conn, Entry(f"case.{verb}", detail={"alert": alert, "person": by.person, "reason": reason}))
        row = {"alert": alert, "verb": verb, "reason": reason, "person": by.person, "seal": seal, "entry": entry}
        conn.execute(queries("services.casework")["act"], row)
        return find(conn, alert, rules)


def _look(by: Person) -> Request:
    return Request(act="look", items=LIST_ITEMS, classes=CLASSES, person=by.person)


def _alerts(conn: Connection[Any], rules: RuleSet, alert: str | None) -> list[Item]:
    rows = conn.execute(queries("services.casework")["queue"], {"alert": alert}).fetchall()
    files = _files(conn, (row[6] for row in rows))
    return [
        Item(
            row[0],
            row[1],
            row[2],
            row[3],
            row[10],
            STATES[row[5]],
            _reasons(row[6], files, rules),
            row[9],
            row[7],
            row[8],
        )
        for row in rows
    ]


def _watched(conn: Connection[Any], rules: RuleSet) -> list[Item]:
    rows = conn.execute(queries("services.casework")["watched"]).fetchall()
    files = _files(conn, (row[4] for row in rows))
    return [
        Item(None, row[0], row[1], row[2], row[3], "watching", _reasons(row[4], files, rules), row[5], None, None)
        for row in rows
    ]


def _files(conn: Connection[Any], reasons: Iterable[list[dict[str, Any]]]) -> dict[int, tuple[str, str]]:
    batches = {source[0] for listed in reasons for reason in listed for source in reason["sources"]}
    rows = conn.execute(queries("services.casework")["files"], {"batches": list(batches)}).fetchall()
    return {batch: (feed, file) for batch, feed, file in rows}


def _reasons(listed: list[dict[str, Any]], files: dict[int, tuple[str, str]], rules: RuleSet) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            reason["code"],
            sentence(reason, rules),
            tuple(Source(*files[batch], line) for batch, line in reason["sources"]),
        )
        for reason in listed
    )
