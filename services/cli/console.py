"""`mimamori console`: the caseworkers' page, and the one-time links that open it."""

import subprocess
import sys
from typing import Annotated

import typer

from schemas.errors import UsageError
from schemas.records.person import Role
from services.casework.tickets import TICKET_LASTS, issue_ticket
from services.cli.options import KeyFile, acting
from services.cli.output import emit, say
from services.cli.session import open_database
from services.gate.people import Member, authenticate
from services.platform import background
from services.platform.background import Running
from services.platform.database import Database

NAME = "console"
app = typer.Typer(
    help="見守りの一覧を画面で開きます。開くには、職員ごとの一度だけ使えるリンクが必要です。\n\n"
    "mimamori console --background で起動したまま戻り、mimamori console link --as 鍵ファイル でリンクを作ります。"
    "止めるときは mimamori down。"
)


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name=NAME)


@app.callback(invoke_without_command=True)
def console(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="127.0.0.1 のポート。0 は空いている番号")] = 0,
    detached: Annotated[
        bool, typer.Option("--background", help="起動したまま戻ります。動いていれば新しいリンクだけを作ります")
    ] = False,
) -> None:
    """Start the page and print where it is; in the foreground until interrupted."""
    if context.invoked_subcommand is not None:
        return
    database = open_database()
    home = database.settings.home
    found = background.find(home, NAME)
    if found is not None and detached:
        _tell(database, found)
        return
    command = [sys.executable, "-m", "services.console", "--port", str(port)]
    process = background.start(home, NAME, command, detached=detached)
    started = background.find(home, NAME)
    if started is not None:
        _tell(database, started)
    if not detached:
        _stay(process)


@app.command("link")
def link(keyfile: KeyFile) -> None:
    """鍵の持ち主（caseworker）のために、一度だけ使えるリンクを作ります。一時間で使えなくなります。"""
    database, by = acting(keyfile)
    found = background.find(database.settings.home, NAME)
    if found is None:
        raise UsageError("画面が動いていません。先に mimamori console --background で起動してください。")
    made = _link(database, by, found)
    emit(made, lambda: made["url"])


def _tell(database: Database, found: Running) -> None:
    """Where the page is, and a link for each caseworker of the demo."""
    links = [_link(database, member, found) for member in _demo_caseworkers(database)]
    address = f"http://127.0.0.1:{found.port}/"
    lines = [f"画面: {address}（止めるときは mimamori down）"]
    lines += [
        f"職員 {each['person']} のリンク（一度だけ、{_minutes()}分以内に使えます）:\n{each['url']}" for each in links
    ]
    if not links:
        lines.append("リンクを作る: mimamori console link --as 鍵ファイル")
    emit({"url": address, "pid": found.pid, "links": links}, lambda: "\n".join(lines))
    sys.stdout.flush()  # in the foreground this command goes on


def _link(database: Database, by: Member, found: Running) -> dict[str, str]:
    return {"person": by.person, "url": f"http://127.0.0.1:{found.port}/enter/{issue_ticket(database, by)}"}


def _demo_caseworkers(database: Database) -> list[Member]:
    """Caseworkers whose keys the home holds, as only a demo's does; nobody is let in who could not show a key."""
    if database.settings.env not in ("demo", "test"):
        return []
    keys = sorted((database.settings.home / "people").glob("*.pem"))
    return [member for key in keys if Role.CASEWORKER in (member := authenticate(database, key)).roles]


def _minutes() -> int:
    return int(TICKET_LASTS.total_seconds()) // 60


def _stay(process: subprocess.Popen[bytes]) -> None:
    """Wait for the page to end; an interrupt reaches it too, being of the same terminal."""
    say("終えるときは Ctrl-C。")
    try:
        process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
