"""What every answer carries, and what is asked of every request: no script, nothing kept, no frame, no look by accident."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from services.console.page import STYLE_HASH, render

HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src '{STYLE_HASH}'; img-src data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


async def protect(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Answer with HEADERS; a page that a browser fetches ahead is refused, for it would be a look nobody had."""
    ahead = "prefetch" in request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    answer = _not_ahead() if ahead else await call_next(request)
    answer.headers.update(HEADERS)
    return answer


def _not_ahead() -> Response:
    return render(
        "failure.html",
        status=503,
        title="先読みはできません",
        text="閲覧は記録されるため、開いたときにだけ表示します。",
    )
