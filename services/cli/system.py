"""`up`, `down`, `status`, `migrate`, `synth`."""

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.errors import UsageError
from services.approvals.demo import set_up_demo
from services.cli.options import Day
from services.cli.output import emit, say
from services.ledger import follow
from services.ledger.migration import migrate_and_log
from services.platform import background, postgres
from services.platform.database import Database
from services.platform.settings import Settings, remember_demo
from services.synth.main import generate


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (up, down, status, migrate_database, synth):
        app.command(command.__name__.removesuffix("_database"))(command)


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="架空の市の職員と承認も用意します（MIMAMORI_ENV=demo か test のときだけ）")
    ] = False,
) -> None:
    """データベースを起動し、必要なら作ります。二度実行しても変わりません。"""
    settings = Settings.from_environment()
    if demo and settings.env not in ("demo", "test"):
        raise UsageError("--demo は MIMAMORI_ENV が demo または test のときだけ使えます。")
    result = migrate_and_log(settings)
    remember_demo(settings)
    if demo:
        set_up_demo(Database.open(settings))
    _start_publishing(settings)
    document = {
        "home": settings.home,
        "env": settings.env,
        "schema": result.version,
        "created": result.applied,
        "demo": demo,
    }
    emit(document, lambda: f"起動しました（{settings.home}）。次は mimamori feed load へ。止めるときは mimamori down。")


def _start_publishing(settings: Settings) -> None:
    """Let checkpoints follow the log in the background; where they cannot, the rest works and `log checkpoint` says why."""
    if background.find(settings.home, follow.NAME) is not None:
        return
    try:
        command = [sys.executable, "-m", "services.cli.main", "log", "checkpoint", "--follow"]
        background.start(settings.home, follow.NAME, command, detached=True)
    except background.NotStartedError as error:
        say(str(error))


def down() -> None:
    """画面、ログの署名、データベースを止めます。データは残ります。"""
    settings = Settings.from_environment()
    background.stop(settings.home, "console")
    background.stop(settings.home, follow.NAME)
    postgres.stop(settings.home)
    emit({"home": settings.home, "running": False}, lambda: "停止しました。")


def status() -> None:
    """動いているか、何がどれだけ入っているかを示します。"""
    settings = Settings.from_environment()
    external = settings.database_url is not None
    running = external or postgres.is_running(settings.home)
    document: dict[str, Any] = {"home": settings.home, "env": settings.env, "running": running}
    if running:
        database = Database.open(settings)
        with database.connect("auditor") as conn:
            row = conn.execute(
                "SELECT (SELECT size FROM ledger.head), (SELECT seal FROM platform.seal_head),"
                " (SELECT count(*) FROM judgement.run), (SELECT count(*) FROM publication.alert)"
            ).fetchone()
            held = conn.execute(
                "SELECT batch, feed, file, reasons FROM intake.held WHERE released_at IS NULL ORDER BY batch"
            ).fetchall()
        assert row is not None
        document |= {"now": database.clock.now().isoformat()} | dict(
            zip(("entries", "seal", "runs", "alerts"), row, strict=True)
        )
        document["held"] = [
            {"batch": batch, "feed": feed, "file": file, "reasons": reasons} for batch, feed, file, reasons in held
        ]
    emit(document, lambda: "\n".join(f"{name:8} {value}" for name, value in document.items()))


def migrate_database() -> None:
    """データベースの役割・表・関数を、このプログラムの版に合わせて用意します。"""
    result = migrate_and_log(Settings.from_environment())
    emit(asdict(result), lambda: "用意しました。" if result.applied else "すでに最新です。")


def synth(
    out: Annotated[Path, typer.Option(help="書き出すフォルダー")],
    children: Annotated[int, typer.Option(min=1, help="基準日に0〜18歳の子どもの数")] = 27000,
    until: Day = datetime(2026, 8, 31),  # noqa: DTZ001  # a day, not a moment
    seed: Annotated[int, typer.Option(help="乱数の種。同じ引数なら同じ内容になります")] = 1,
) -> None:
    """架空の市のデータを作ります。実在の人は含みません。"""
    summary = generate(out, children=children, until=until.date(), seed=seed, progress=say)
    emit(asdict(summary), lambda: f"{out} に書き出しました。内容は {out}/README.md をご覧ください。")
