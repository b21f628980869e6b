"""`mimamori rules`: the rule sets this city knows, and which one judges."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from schemas.rules import RuleSet, findings
from schemas.rules.lint import Finding
from services.cli.output import emit, table
from services.cli.session import open_database
from services.rulesets.listing import list_rules
from services.rulesets.named import read_text

app = typer.Typer(no_args_is_help=True, help="判定ルール。")
STATES = {
    "known": "登録済み",
    "simulated": "試算済み",
    "signed": "署名待ち",
    "adopted": "採用中",
    "coming": "採用予定",
    "replaced": "交替済み",
}


@app.command("list")
def list_() -> None:
    """知られている判定ルールと、どれが採用されているかを示します。"""
    listed = list_rules(open_database())
    emit(
        {"rules": [each.json() for each in listed]},
        lambda: table(
            ("ルール", "名称", "状態", "適用", "照合値"),
            ((r.version, r.title, STATES[r.state], r.effective_from, r.digest[:12]) for r in listed),
            empty="判定ルールはありません。",
        ),
    )


@app.command("schema")
def schema() -> None:
    """判定ルールのファイル（TOML）の形を、JSON Schema で示します。"""
    document = RuleSet.model_json_schema()
    emit(document, lambda: json.dumps(document, ensure_ascii=False, indent=2))


@app.command("lint")
def lint(file: Annotated[Path, typer.Argument(help="判定ルールのファイル（TOML）")]) -> None:
    """表の欠けや重なり、しきい値の順序、文と理由コード、説明票を調べます。誤りがあれば終了コード1です。"""
    found = findings(read_text(file))
    emit({"ok": not found, "findings": [asdict(each) for each in found]}, lambda: _linted(found))
    if found:
        raise typer.Exit(1)


def _linted(found: list[Finding]) -> str:
    return "\n".join(map(str, found)) or "誤りはありません。"
