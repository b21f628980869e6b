"""What a worker shows to whoever watches it: `/livez`, `/readyz`, `/metrics` on 127.0.0.1."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from schemas.errors import MimamoriError
from services.worker.figures import Figures

SILENT_SECONDS = 120.0  # without a sign of life a worker counts as stuck; a turn of 500 events takes seconds


@dataclass
class Watch:
    """How a worker is. waits_for: why it judges nothing now, for operators to read; None while it works."""

    figures: Figures = field(default_factory=Figures)
    waits_for: str | None = "起動しています。"
    _seen: float = field(default_factory=time.monotonic, init=False)

    def working(self) -> None:
        """It goes round: connected, and permitted to judge."""
        self._seen, self.waits_for = time.monotonic(), None

    def waiting(self, why: str) -> bool:
        """It goes round, and waits; True where that is new."""
        new, self._seen, self.waits_for = why != self.waits_for, time.monotonic(), why
        return new

    @property
    def alive(self) -> bool:
        """Whether it went round lately."""
        return time.monotonic() - self._seen < SILENT_SECONDS

    def answer(self, path: str) -> tuple[HTTPStatus, bytes]:
        """The page at a path."""
        if path == "/metrics":
            return HTTPStatus.OK, self.figures.written()
        if path == "/livez":
            return (HTTPStatus.OK, b"ok\n") if self.alive else (HTTPStatus.SERVICE_UNAVAILABLE, b"stuck\n")
        if path == "/readyz":
            why = self.waits_for
            return (HTTPStatus.OK, b"ok\n") if why is None else (HTTPStatus.SERVICE_UNAVAILABLE, f"{why}\n".encode())
        return HTTPStatus.NOT_FOUND, b"not found\n"


@contextmanager
def serving(watch: Watch, port: int) -> Iterator[int]:
    """Show it on a port of 127.0.0.1 (0: any that is free) while the block lasts; yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = watch.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Who asks how it is needs no line in the log."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise MimamoriError(f"ポート {port} は使えません。別の番号か --metrics 0 を指定してください。") from error
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
