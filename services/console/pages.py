"""The pages: the list, the watch list, one candidate, one by name, one report without a child, what a person decided."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from schemas.rules import RuleSet
from schemas.rules.names import Category
from services.casework.look import Detail, Shown, look, show
from services.casework.queue import act_on, list_queue
from services.casework.states import ACT_LABELS, State
from services.casework.unlinked import show_report
from services.console import wording
from services.console.listing import Choice, lay_out
from services.console.page import render
from services.console.visitor import Present, Sending, Visitor
from services.rulesets import adopted_now

router = APIRouter(default_response_class=Response)
Page = Annotated[int, Query(ge=1, le=100_000)]


@router.get("/")
def candidates(
    request: Request,
    visitor: Present,
    category: Category | None = None,
    state: State | None = None,
    page: Page = 1,
    recorded: bool = False,
) -> Response:
    """Children with an alert, and reports without a child. recorded: a decision on one of these was just written down."""
    return _list(request, visitor, Choice("/", category, state, page), watch=False, recorded=recorded)


@router.get("/watch")
def watched(request: Request, visitor: Present, category: Category | None = None, page: Page = 1) -> Response:
    """Children whom the newest run keeps under 見守り without an alert."""
    return _list(request, visitor, Choice("/watch", category, None, page), watch=True, recorded=False)


@router.get("/candidates/{alert}")
def candidate(request: Request, visitor: Present, alert: str, recorded: bool = False) -> Response:
    """One candidate without its name. recorded: a decision was just written down."""
    detail = look(request.app.state.database, alert, visitor.member, _rules(request))
    return _detail(request, visitor, detail, None, recorded=recorded)


@router.post("/candidates/{alert}/name")
def candidate_by_name(request: Request, visitor: Sending, alert: str) -> Response:
    """One candidate with its name: sent by a button alone, so that nobody looks by accident."""
    shown = show(request.app.state.database, alert, visitor.member, _rules(request))
    return _detail(request, visitor, shown.detail, shown, recorded=False)


@router.post("/candidates/{alert}/actions")
def decide(request: Request, visitor: Sending, alert: str, decision: Annotated[str, Form()] = "") -> Response:
    """Write down what the visitor decided. decision: `verb:REASON_CODE`."""
    _record(request, visitor, alert, decision)
    return RedirectResponse(request.url_for("candidate", alert=alert).path + "?recorded=true", status_code=303)


@router.post("/reports/{report}/name")
def report_by_name(request: Request, visitor: Sending, report: str) -> Response:
    """One report without a child, with its number and what is known of it."""
    database = request.app.state.database
    shown = show_report(database, report, visitor.member)
    return render(
        "report.html", visitor=visitor, now=database.clock.now(), entry=shown.look, report=shown.report, shown=shown,
        queue=_rules(request).queue, act_labels=ACT_LABELS, wording=wording,
    )  # fmt: skip


@router.post("/reports/{report}/actions")
def decide_report(request: Request, visitor: Sending, report: str, decision: Annotated[str, Form()] = "") -> Response:
    """Write down what the visitor decided on it, which takes it off the list."""
    _record(request, visitor, report, decision)
    return RedirectResponse(request.url_for("candidates").path + "?recorded=true", status_code=303)


def _record(request: Request, visitor: Visitor, handle: str, decision: str) -> None:
    verb, _, reason = decision.partition(":")
    act_on(request.app.state.database, handle, verb, reason, visitor.member, _rules(request))


def _rules(request: Request) -> RuleSet:
    """The rule set adopted today: its sentences and reason codes are shown."""
    return adopted_now(request.app.state.database)


def _list(request: Request, visitor: Visitor, choice: Choice, *, watch: bool, recorded: bool) -> Response:
    listing = list_queue(request.app.state.database, visitor.member, _rules(request), watch=watch)
    return render(
        "list.html", visitor=visitor, now=request.app.state.database.clock.now(), entry=listing.entry, watch=watch,
        choice=choice, layout=lay_out(listing.items, choice), unlinked=listing.unlinked, recorded=recorded, wording=wording,
    )  # fmt: skip


def _detail(request: Request, visitor: Visitor, detail: Detail, shown: Shown | None, *, recorded: bool) -> Response:
    return render(
        "detail.html", visitor=visitor, now=request.app.state.database.clock.now(), entry=detail.look, watch=False,
        item=detail.item, ranks=wording.judgements(detail.ranks), actions=detail.actions, shown=shown, recorded=recorded,
        queue=_rules(request).queue, act_labels=ACT_LABELS, wording=wording,
    )  # fmt: skip
