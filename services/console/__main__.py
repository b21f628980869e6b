"""`python -m services.console --port N`: serves the page on 127.0.0.1 until told to stop. Started by `mimamori console`."""

import argparse
import socket
import sys

import uvicorn

from schemas.errors import MimamoriError
from services.console.app import create_app
from services.platform import background
from services.platform.database import Database
from services.platform.settings import Settings

NAME = "console"
PATIENCE = 3  # seconds that requests under way have when the server is told to stop


def main() -> int:
    """Serve until SIGTERM or SIGINT; the exit code of the process."""
    parser = argparse.ArgumentParser(prog="python -m services.console")
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    try:
        serve(Settings.from_environment(), parser.parse_args().port)
    except MimamoriError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def serve(settings: Settings, port: int) -> None:
    """Serve this home's queue; raises AlreadyRunningError where its page is up."""
    app = create_app(Database.open(settings))
    # No access log: a path may hold a one-time link. A proxy's word on who asks is not needed here.
    config = uvicorn.Config(
        app, access_log=False, log_level="warning", timeout_graceful_shutdown=PATIENCE, server_header=False
    )
    with _listen(port) as listener, background.running(settings.home, NAME, listener.getsockname()[1]):
        uvicorn.Server(config).run(sockets=[listener])


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise MimamoriError(f"ポート {port} は使えません。別の番号か --port 0 を指定してください。") from error


if __name__ == "__main__":
    sys.exit(main())
