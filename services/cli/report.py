"""`mimamori report`: what goes to the council."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.output import emit
from services.cli.session import open_database
from services.council.main import report

app = typer.Typer(no_args_is_help=True, help="審議会への報告。")


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name="report")


@app.command()
def council(
    quarter: Annotated[str, typer.Option(help="四半期（例 FY2026Q2 は2026年7月～9月）")],
    out: Annotated[Path, typer.Option(help="書き出すフォルダー")],
) -> None:
    """四半期の報告を HTML と CSV で作ります。件数は10の位に丸めます。"""
    files = report(open_database(), quarter=quarter, out=out)
    emit({"quarter": quarter, "files": files}, lambda: f"{files[0]} と CSV {len(files) - 1}件を書き出しました。")


@app.callback()
def _group() -> None:
    """Keep `council` a command of its own."""
