"""Every error as a page in Japanese: what happened, every condition that failed, what to do. Never a person's data."""

from collections.abc import Awaitable, Callable

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from schemas.errors import MimamoriError, RefusedError, UsageError
from services.casework.items import UnknownAlertError
from services.casework.tickets import TicketError
from services.console.page import render
from services.console.visitor import NobodyThereError

log = structlog.get_logger("mimamori.console")


def add_failure_pages(app: FastAPI) -> None:
    """Answer each kind of error with its page; what is unforeseen is logged by kind alone."""
    app.add_exception_handler(MimamoriError, _known)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _no_such_page)
    app.middleware("http")(_unforeseen)


async def _known(request: Request, error: Exception) -> Response:
    if isinstance(error, NobodyThereError | TicketError):
        return render("nobody.html", status=401, text=str(error))
    if isinstance(error, RefusedError):
        return render("refused.html", status=403, conditions=error.conditions)
    if isinstance(error, UnknownAlertError):
        return _page(404, "候補が見つかりません", str(error))
    if isinstance(error, UsageError):
        return _page(400, "受け付けられませんでした", str(error))
    log.error("request failed", kind=type(error).__name__)
    return _page(503, "いまは表示できません", str(error))


async def _not_understood(request: Request, error: Exception) -> Response:
    return _page(400, "受け付けられませんでした", "送られた内容に足りないものか、読めないものがあります。")


async def _no_such_page(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _page(status, "ページがありません", "アドレスを確かめてください。")


async def _unforeseen(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """A traceback would carry what was being worked on, so its kind is all that is written down."""
    try:
        return await call_next(request)
    except Exception as error:  # noqa: BLE001  # the last door: what passes it would reach the server's log whole
        log.error("request failed", kind=type(error).__name__)
        return _page(
            500, "思わぬ問題が起きました", "もう一度お試しください。続くときは、システムの担当に知らせてください。"
        )


def _page(status: int, title: str, text: str) -> Response:
    return render("failure.html", status=status, title=title, text=text)
