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

from models.legality.decide import decide as first_opinion
from models.legality.profile import Profile
from models.legality.verdict import Verdict
from models.legality.view import ApprovalView, choose_approval
from schemas.errors import MimamoriError, RefusedError
from schemas.records.request import CHILD_SUPPORT, ActRequest, PersonFlag
from services.gate.conditions import sentence
from services.gate.standing import approvals_now, profile_of, runs_done
from services.gate.suspension import flags_now
from services.platform.build import code_version
from services.platform.database import Database

ACTING = {"casework": "caseworker"}  # database role = acting role of approvals, where they differ


@dataclass(frozen=True)
class Request:
    """One act, as the service that is about to do it states it.

    act, items, classes, recipient, purpose, rules, scheduled:  see schemas.records.request.ActRequest
    role:       acting role; empty = the one of the database role that asks
    child, judgement:  of a publication or a look, else None
    person:     who acts, as registered; None where a service does
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
    person: str | None = None


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
            flags = flags_now(conn, [request.child])
            verdict = _opinion(conn, approvals_now(conn), flags, request, permit.today)[1]
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
    flags = flags_now(conn, [request.child])
    return [(c.code, c.sentence) for c in _opinion(conn, approvals_now(conn), flags, request, today)[1].failed]


def decide(
    conn: Connection[Any],
    requests: Sequence[Request],
    *,
    today: date,
    root: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> list[Decision]:
    """Decide and log up to 500 acts, in order, in the caller's transaction. The head of the log is locked from here on."""
    views, flags = approvals_now(conn), flags_now(conn, (request.child for request in requests))
    asked = [_asked(conn, views, flags, request, today, root, dict(detail or {})) for request in requests]
    if not asked:
        return []
    texts: dict[str, str] = {code: text for _, conditions in asked for code, text in conditions}
    rows = conn.execute(
        "SELECT decision, entry, outcome, failed FROM gate.decide(%s)", (Jsonb([payload for payload, _ in asked]),)
    ).fetchall()
    return [
        Decision(row[0], row[1], row[2], tuple((code, texts.get(code) or sentence(code)) for code in row[3]))
        for row in rows
    ]


def record_refusal(database: Database, role: str, request: Request, conditions: Sequence[tuple[str, str]]) -> Decision:
    """Log a refusal in a transaction of its own."""
    with database.connect(role) as conn:
        flags = flags_now(conn, [request.child])
        payload, _ = _asked(conn, approvals_now(conn), flags, request, database.clock.today(), None, {})
        payload |= {"outcome": "refuse", "failed": sorted({code for code, _ in conditions})}
        row = conn.execute(
            "SELECT decision, entry, outcome, failed FROM gate.decide(%s)", (Jsonb([payload]),)
        ).fetchone()
        assert row is not None
        return Decision(row[0], row[1], row[2], tuple((code, sentence(code)) for code in row[3]))


def _opinion(
    conn: Connection[Any],
    views: tuple[ApprovalView, ...],
    flags: Mapping[UUID | None, frozenset[PersonFlag]],
    request: Request,
    today: date,
) -> tuple[ApprovalView | None, Verdict]:
    """The first opinion, on the approval nearest to the act as it stands now."""
    view = choose_approval(views, act=request.act, today=today)
    profile: Profile | None = None if view is None else profile_of(view)
    stated = ActRequest(
        act=request.act,
        items=tuple(request.items),
        recipient=request.recipient,
        role=request.role,
        classes=tuple(request.classes),
        purpose=request.purpose,
        rule_set=request.rules,
        scheduled=request.scheduled,
        runs_done=None if view is None or view.document.max_runs is None else runs_done(conn, view),
        person_flags=flags.get(request.child, frozenset()),
    )
    return view, first_opinion(stated, view, profile, today=today)


def _asked(
    conn: Connection[Any],
    views: tuple[ApprovalView, ...],
    flags: Mapping[UUID | None, frozenset[PersonFlag]],
    request: Request,
    today: date,
    root: str | None,
    detail: dict[str, Any],
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What gate.decide is asked, with the first opinion in it, and that opinion's conditions in words."""
    view, verdict = _opinion(conn, views, flags, request, today)
    payload = {
        "act": request.act,
        "outcome": verdict.outcome,
        "failed": sorted({str(c.code) for c in verdict.failed}),
        "clause": verdict.clause,
        "approval": None if view is None else view.document.id,
        "version": None if view is None else view.document.version,
        "items": sorted(request.items),
        "recipient": request.recipient,
        "acting": request.role,
        "classes": sorted(request.classes),
        "rules": request.rules,
        "root": root,
        "code": code_version(),
        "child": None if request.child is None else str(request.child),
        "judgement": request.judgement,
        "person": request.person,
        "detail": detail,
    }
    return payload, [(c.code, c.sentence) for c in verdict.failed]
