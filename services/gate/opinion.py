"""The first opinion on acts of one moment, and what the second is asked with it."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection

from models.legality.decide import decide
from models.legality.verdict import Condition, Verdict
from models.legality.view import ApprovalView, choose_approval
from schemas.records.request import ActRequest, PersonFlag
from services.gate.owed import Owed, owed_now
from services.gate.people import roles_now
from services.gate.request import Request
from services.gate.standing import approvals_now, profile_of, runs_done
from services.gate.suspension import flags_now
from services.platform.build import code_version


@dataclass(frozen=True)
class Moment:
    """What stands when acts are decided, and the opinions formed on it. today: by the service's clock."""

    conn: Connection[Any]
    views: tuple[ApprovalView, ...]
    flags: Mapping[UUID | None, frozenset[PersonFlag]]
    owed: Owed
    today: date
    _formed: dict[Hashable, tuple[ApprovalView | None, Verdict]] = field(
        default_factory=dict, init=False, compare=False
    )

    @classmethod
    def now(cls, conn: Connection[Any], children: Iterable[UUID | None], *, today: date) -> "Moment":
        """Read what stands now for acts on these children (None: on no single one)."""
        return cls(conn, approvals_now(conn), flags_now(conn, children), owed_now(conn, today=today), today)

    def opinion(self, request: Request) -> tuple[ApprovalView | None, Verdict]:
        """The first opinion, on the approval nearest to the act as it stands now; acts alike but for the child share one."""
        alike = self._alike(request)
        if alike not in self._formed:
            self._formed[alike] = self._form(request)
        return self._formed[alike]

    def _alike(self, request: Request) -> Hashable:
        """All of a request that the first opinion reads."""
        asked = replace(
            request,
            items=tuple(request.items),
            classes=tuple(request.classes),
            child=None,
            judgement=None,
            person_key=None,
            event=None,
        )
        return asked, self._flags(request), request.child is None

    def _flags(self, request: Request) -> frozenset[PersonFlag]:
        return self.flags.get(request.child, frozenset())

    def _form(self, request: Request) -> tuple[ApprovalView | None, Verdict]:
        view = choose_approval(self.views, act=request.act, today=self.today, emergency=request.emergency is not None)
        profile = None if view is None else profile_of(view)
        return view, decide(self._stated(request, view), view, profile, today=self.today)

    def asked(
        self, request: Request, *, root: str | None = None, detail: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], tuple[Condition, ...]]:
        """What gate.decide is asked, with the first opinion in it, and the conditions that failed by that opinion."""
        view, verdict = self.opinion(request)
        urgent = {} if request.emergency is None else {"emergency": request.emergency}
        new = self.owed.new(verdict.obligations, view, today=self.today)
        duties = [
            {"code": each.code, "responsible": each.responsible, "days": (each.due - self.today).days} for each in new
        ]
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
            "person_key": request.person_key,
            "event": request.event,
            "person": request.person,
            "by_service": request.by_service,
            "emergency": request.emergency is not None,
            "detail": dict(detail or {}) | urgent | ({"duties": duties} if duties else {}),
        }
        return payload, verdict.failed

    def _stated(self, request: Request, view: ApprovalView | None) -> ActRequest:
        approval = "" if view is None else view.document.id
        return ActRequest(
            act=request.act,
            items=tuple(request.items),
            recipient=request.recipient,
            role=request.role,
            classes=tuple(request.classes),
            purpose=request.purpose,
            rule_set=request.rules,
            scheduled=request.scheduled,
            runs_done=None if view is None or view.document.max_runs is None else runs_done(self.conn, view),
            person_flags=self._flags(request),
            child_named=request.child is not None,
            actor_roles=None if request.person is None else roles_now(self.conn, request.person),
            by_service=request.by_service,
            emergency=request.emergency,
            duties_overdue=self.owed.overdue.get(approval, frozenset()),
            review_overdue=approval in self.owed.unreviewed,
        )
