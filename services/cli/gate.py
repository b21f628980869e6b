"""`mimamori gate explain`: what the gate would answer to a hypothetical request. It changes nothing."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg import Connection

from models.legality.explain import NO_ID, Explained, Failed, History, explain
from models.legality.profile import shipped_profiles
from models.legality.view import ApprovalView
from schemas.errors import UsageError
from schemas.records.explain import ExplainRequest
from services.cli import obligations
from services.cli.output import emit
from services.cli.requests import read_requests
from services.cli.session import open_database
from services.gate.owed import owed_now
from services.gate.standing import approvals_now, runs_done

app = typer.Typer(no_args_is_help=True, help="ゲートの判断。")
obligations.add_to(app)
REFUSED = 3


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name="gate")


@app.callback()
def _group() -> None:
    """Keeps `explain` a command of the group although it is alone."""


@app.command("explain")
def explain_(
    file: Annotated[Path | None, typer.Argument(help="要求（.json は一件、.jsonl は一行に一件）。")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="要求の形（JSON Schema）を示します。")] = False,
) -> None:
    """仮の要求に、根拠となる条文があるか、何が足りないかを答えます。何も変えず、記録も残しません。"""
    if schema:
        document = ExplainRequest.model_json_schema()
        emit(document, lambda: json.dumps(document, ensure_ascii=False, indent=2))
        return
    if file is None:
        raise UsageError("要求のファイルを指定してください（形は --schema で示します）。")
    many = file.suffix.lower() == ".jsonl"
    answers = _explained(read_requests(file, many=many))
    documents = [_document(answer) for answer in answers]
    emit(documents if many else documents[0], lambda: "\n\n".join(map(_text, answers)))
    if not many and answers[0].failed:
        raise typer.Exit(REFUSED)


def _explained(requests: list[ExplainRequest]) -> list[Explained]:
    """The answers. A database is needed only where a request names an approval by its id."""
    profiles = shipped_profiles()
    named = {request.approval for request in requests} - set(NO_ID)
    if not named:
        return [explain(request, profiles) for request in requests]
    with open_database().connect_any() as conn:
        views = tuple(view for view in approvals_now(conn) if view.document.id in named)
        return [explain(request, profiles, views, _history(conn, views, request.date)) for request in requests]


def _history(conn: Connection[Any], views: tuple[ApprovalView, ...], day: date | None) -> History:
    """What was done under these approvals, as it stands in the database, and is owed on the day."""
    if day is None:
        return History()
    owed = owed_now(conn, today=day)
    runs = {(view.document.id, view.document.version): runs_done(conn, view) for view in views}
    return History(runs, owed.overdue, owed.unreviewed)


def _document(answer: Explained) -> Mapping[str, Any]:
    return {
        "outcome": answer.outcome,
        "profile": answer.profile,
        "clauses": list(answer.clauses),
        "failed": [_failed(each) for each in answer.failed],
        "duties": [{"code": duty.code, "text": duty.text, "due_days": duty.due_days} for duty in answer.duties],
        "path": [{"question": each.question, "answer": each.answer} for each in answer.path],
        "items": [{"clause": item.clause, "failed": [_failed(each) for each in item.failed]} for item in answer.items],
        "fits": list(answer.fits),
    }


def _failed(each: Failed) -> Mapping[str, Any]:
    quote = None if each.quote is None else {"text": each.quote.text, "source": each.quote.source}
    return {"code": each.code, "text": each.text, "mend": each.mend, "quote": quote}


def _text(answer: Explained) -> str:
    """For people who read it."""
    named = f"（{'、'.join(answer.clauses)}）" if answer.clauses else ""
    lines = [f"判断: {'拒否' if answer.failed else '許可'}{named}", "", "問いの道筋:"]
    lines += [f"  {each.question} … {each.answer}" for each in answer.path]
    if answer.failed:
        lines += ["", "満たされない条件:"]
    for each in answer.failed:
        lines += [f"  [{each.code}] {each.text}", f"      → {each.mend}"]
        lines += [f"      「{each.quote.text}」（{each.quote.source}）"] if each.quote else []
    if answer.fits:
        lines += ["", f"当てはまるほかの条文: {'、'.join(answer.fits)}"]
    if answer.duties:
        lines += ["", "許可に伴う義務:", *(f"  [{duty.code}] {duty.text}" for duty in answer.duties)]
    return "\n".join(lines)
