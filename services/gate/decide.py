"""The gate: decides an act, records the decision, and lets the act happen only in the transaction that records it.

    with act(database, role="intake", request=request) as permit:
        ...                                   # the work, on permit.conn
        permit.record(count=rows)             # decided again on what stands now, and logged, in the same transaction

A refusal is logged in a transaction of its own before the caller hears of it. Leaving without `record` undoes the work.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from models.legality.view import choose_approval
from schemas.errors import MimamoriError, RefusedError
from services.gate.conditions import sentence
from services.gate.opinion import Moment
from services.gate.request import Request
from services.gate.standing import approvals_now
from services.platform.database import Database

ACTING = {"casework": "caseworker"}  # database role = acting role of approvals, where they differ


@dataclass(frozen=True)
class Decision:
    """One recorded decision. `failed` is empty for a permit."""

    id: UUID
    entry: int
    outcome: str
    failed: tuple[tuple[str, str], ...]


@dataclass
class Permit:
    """What `act` hands to the work: a connection whose transaction holds the act, and `record`, to be called last."""

    conn: Connection[Any]
    request: Request
    today: date
    recorded: Decision | None = field(default=None, init=False)

    def record(
        self,
        *,
        items: Sequence[str] | None = None,
        root: str | None = None,
        count: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> Decision:
        """Record the decision that the act rests on; raises RefusedError where it no longer stands.

        items:   what the act really touched, where it is less than was asked
        root:    hexadecimal root of a run, in clear
        count, detail:  committed to, not shown
        """
        request = self.request if items is None else replace(self.request, items=tuple(items))
        extra = dict(detail or {}) | ({} if count is None else {"count": count})
        self.recorded = decide(self.conn, [request], today=self.today, root=root, detail=extra)[0]
        if self.recorded.failed:
            raise RefusedError(list(self.recorded.failed))
        return self.recorded


@contextmanager
def act(database: Database, *, role: str, request: Request) -> Iterator[Permit]:
    """One act under one decision, in one transaction of `role`.

    Raises RefusedError, after having logged the refusal, where a condition fails before the work or when it is recorded.
    An error between is logged too where the decision had been recorded.
    """
    request = replace(request, role=request.role or ACTING.get(role, role))
    permit: Permit | None = None
    try:
        with database.connect(role) as conn:
            permit = Permit(conn, request, database.clock.today())
            verdict = Moment.now(conn, [request.child], today=permit.today).opinion(request)[1]
            if verdict.failed:
                raise RefusedError([(c.code, c.sentence) for c in verdict.failed])
            yield permit
            if permit.recorded is None:
                raise MimamoriError("処理の決定が記録されなかったため、すべて取り消しました")
    except RefusedError as refusal:
        record_refusal(database, role, request, refusal.conditions)
        raise
    except BaseException as error:
        if permit is not None and permit.recorded is not None:
            record_refusal(database, role, request, [("ERROR_AFTER_PERMIT", type(error).__name__)])
        raise


def approved_items(conn: Connection[Any], *, act: str, today: date) -> frozenset[str]:
    """Items that an approval in force today names for this act; empty where none is."""
    view = choose_approval(approvals_now(conn), act=act, today=today)
    if view is None or not view.in_force(today) or act not in view.document.acts:
        return frozenset()
    return view.document.item_codes


def receiving_office(conn: Connection[Any], *, act: str, role: str, today: date) -> str | None:
    """The office that the approval nearest to the act lets receive it from this acting role; None where it names none."""
    view = choose_approval(approvals_now(conn), act=act, today=today)
    offices = [] if view is None else [r.office for r in view.document.recipients if r.role == role and act in r.acts]
    return offices[0] if offices else None


def check(conn: Connection[Any], request: Request, *, today: date) -> list[tuple[str, str]]:
    """The conditions that an act would fail now, by the first opinion; decides and logs nothing."""
    verdict = Moment.now(conn, [request.child], today=today).opinion(request)[1]
    return [(c.code, c.sentence) for c in verdict.failed]


def decide(
    conn: Connection[Any],
    requests: Sequence[Request],
    *,
    today: date,
    root: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> list[Decision]:
    """Decide and log up to 500 acts, in order, in the caller's transaction. The head of the log is locked from here on."""
    moment = Moment.now(conn, (request.child for request in requests), today=today)
    asked = [moment.asked(request, root=root, detail=detail) for request in requests]
    if not asked:
        return []
    return _recorded(conn, [each for each, _ in asked], {c.code: c.sentence for _, failed in asked for c in failed})


def record_refusal(database: Database, role: str, request: Request, conditions: Sequence[tuple[str, str]]) -> Decision:
    """Log a refusal in a transaction of its own."""
    with database.connect(role) as conn:
        moment = Moment.now(conn, [request.child], today=database.clock.today())
        payload = moment.asked(request)[0]
        payload |= {"outcome": "refuse", "failed": sorted({code for code, _ in conditions})}
        return _recorded(conn, [payload], {})[0]


def _recorded(conn: Connection[Any], payloads: list[dict[str, Any]], texts: Mapping[str, str]) -> list[Decision]:
    """Ask for the second opinion, which records both. texts: code → sentence of the first opinion."""
    rows = conn.execute("SELECT decision, entry, outcome, failed FROM gate.decide(%s)", (Jsonb(payloads),)).fetchall()
    return [
        Decision(row[0], row[1], row[2], tuple((code, texts.get(code) or sentence(code)) for code in row[3]))
        for row in rows
    ]
