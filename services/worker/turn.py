"""One turn: waiting events are judged as one 速報, and what it calls for is published, in one transaction.

Whoever is killed anywhere before the commit undoes all of it, and the events wait as before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from schemas.errors import HeldError, RefusedError
from services.gate import check
from services.gate.suspended import Suspension, standing_of
from services.judgement.by_event import ByEvent, judge_events, permit_for
from services.judgement.ground import Footing, Ground
from services.judgement.touched import touched_by
from services.platform import inbox
from services.platform.database import Database
from services.platform.failpoint import fail_point
from services.platform.inbox import Waiting
from services.platform.queries import queries
from services.publication.alerts import Provisional
from services.publication.provisional import Unlinked, publish_events, report_unlinked


class NoRunYetError(HeldError):
    """公式の判定がまだないため、速報を出せません。`mimamori judge --as-of 日付` を待っています。"""


@dataclass(frozen=True)
class Turn:
    """What became of some events.

    children:  how many were judged
    published: alerts, and reports about numbers of nobody who is judged
    refused:   of these, what the gate did not let be published
    """

    events: Sequence[Waiting] = ()
    children: int = 0
    published: int = 0
    refused: int = 0


def judge_waiting(conn: Connection[Any], database: Database, footing: Footing, events: Sequence[Waiting]) -> Turn:
    """Judge whom these events touch and publish what it calls for, in the caller's transaction, to be committed at once.

    Raises RefusedError where the gate permits no 速報, and NoRunYetError before any official run.
    """
    ids = [event.id for event in events]
    facts = _facts(events)
    if not facts:
        inbox.done(conn, ids, None)
        return Turn(events)
    ground = _permitted(conn, database, footing)
    fail_point(database.settings, "after-taking-before-judging")
    judged = judge_events(conn, ground, touched_by(conn, facts), today=ground.as_of)
    fail_point(database.settings, "after-decision-before-publishing")
    turn = _published(conn, database, ground, judged, events)
    fail_point(database.settings, "after-publishing-before-marking")
    inbox.done(conn, ids, judged.seal)
    return turn


def _permitted(conn: Connection[Any], database: Database, footing: Footing) -> Ground:
    """The ground of today, once the gate would let somebody be judged on it; asked before anything is read of anybody."""
    today = database.clock.today()
    ground = footing.now(conn, today=today)
    if ground is None:
        raise NoRunYetError
    conditions = check(conn, permit_for(ground.rules), today=today)
    if conditions:
        raise RefusedError(conditions)
    return ground


def _published(
    conn: Connection[Any], database: Database, ground: Ground, judged: ByEvent, events: Sequence[Waiting]
) -> Turn:
    """Alerts out of the 速報, and reports of urgent events about numbers that are nobody's yet, or of a child who is not judged."""
    named = _named(conn, events)
    children = {key: UUID(child) for key, child in judged.reach.links.select("person_key", "child_id").iter_rows()}
    urgent = {children[key] for _, key, _, _ in named if key in children}
    reported = {children[key] for _, key, _, known in named if key in children and not known}
    answered = _judged_or_held(conn, urgent, judged.seal)
    unlinked = [Unlinked(key, event) for event, key, told, _ in named if not told and children.get(key) not in answered]
    rules = ground.rules.version
    outcomes = [report_unlinked(conn, database, unlinked, rules=rules)] if unlinked else []
    if judged.seal is not None:
        provisional = Provisional(judged.seal, ground.as_of, rules)
        outcomes.append(publish_events(conn, database, provisional, urgent=urgent, reported=reported))
    published, refused = sum(each.published for each in outcomes), sum(each.refused for each in outcomes)
    return Turn(events, judged.children, published, refused)


def _judged_or_held(conn: Connection[Any], children: Collection[UUID], seal: int | None) -> frozenset[UUID]:
    """Of these children those of whom the 速報 says something, and those of whom nothing is to be said: 利用停止.

    The others are linked and out of scope: without them, a report about a child who is not in the register of residents would be
    before nobody.
    """
    if not children:
        return frozenset()
    asked = {"seal": seal, "children": list(children)}
    judged = [child for (child,) in conn.execute(queries("services.worker")["judged"], asked)]
    held = standing_of(conn, list(children)).items()
    return frozenset(judged) | {child for child, each in held if each.state is not Suspension.LIFTED}


def _named(conn: Connection[Any], events: Sequence[Waiting]) -> list[tuple[int, int, bool, bool]]:
    """Of each urgent event: its id, the number that it is about, whether it was told already that nobody has it, and whether it
    corrects a report of the same child.
    """
    urgent = [event for event in events if event.urgent and event.line is not None]
    if not urgent:
        return []
    rows = {
        "events": [event.id for event in urgent],
        "batches": [event.batch for event in urgent],
        "lines": [event.line for event in urgent],
    }
    return conn.execute(queries("services.worker")["named"], rows).fetchall()


def _facts(events: Sequence[Waiting]) -> Mapping[str, list[tuple[int, int]]]:
    """The rows that events became, by feed: batch and line."""
    facts: dict[str, list[tuple[int, int]]] = {}
    for event in events:
        if event.line is not None:
            facts.setdefault(event.feed, []).append((event.batch, event.line))
    return facts
