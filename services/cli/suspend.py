"""`mimamori suspend`: 利用停止 of one child's data."""

from typing import Annotated
from uuid import UUID

import typer

from services.cli.options import KeyFile, acting
from services.cli.output import emit
from services.gate.suspended import Suspension
from services.gate.suspension import suspend

Child = Annotated[UUID, typer.Argument(help="子どもの連携ID")]
State = Annotated[Suspension, typer.Option(help="requested 請求、decided 決定、lifted 解除（決定した者以外）")]


def command(child: Child, state: State, reason: Annotated[str, typer.Option(help="理由")], keyfile: KeyFile) -> None:
    """利用停止の請求・決定・解除を記録します。決定はただちにすべての処理を止め、請求は公表だけを保留します。"""
    database, by = acting(keyfile)
    changed = suspend(database, child, state, by, reason=reason)
    emit(
        {"child": str(child), "state": state, "changed": changed},
        lambda: "記録しました。" if changed else "既に記録されています。",
    )


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command("suspend")(command)
