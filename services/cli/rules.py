"""`mimamori rules`: the rule set in force."""

import typer

from schemas.rules import load_default
from services.cli.output import emit

app = typer.Typer(no_args_is_help=True, help="判定ルール。")


@app.command("list")
def list_() -> None:
    """採用されている判定ルールを示します。"""
    rules = load_default()
    document = {"rules": [{"version": rules.version, "title": rules.title, "digest": rules.digest(), "adopted": True}]}
    emit(document, lambda: f"{rules.version}  {rules.title}  {rules.digest()[:12]}（採用中）")
