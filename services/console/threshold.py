"""Coming in by a one-time link, and leaving."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.casework.tickets import SESSION_LASTS, end_session, redeem
from services.console.page import render
from services.console.visitor import COOKIE, Sending

router = APIRouter(default_response_class=Response)
ENTER = "/enter/{ticket}"  # the one route that does not ask who is there: here one says so


@router.get(ENTER)
def enter(request: Request, ticket: str) -> Response:
    """Use the link up and go on to an address that says nothing."""
    session = redeem(request.app.state.database, ticket)
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(
        COOKIE, session, max_age=int(SESSION_LASTS.total_seconds()), httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.post("/leave")
def leave(request: Request, visitor: Sending) -> Response:
    """End the session; what the browser kept of it is cleared."""
    end_session(request.app.state.database, visitor.session)
    answer = render("left.html")
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
