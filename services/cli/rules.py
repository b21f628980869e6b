"""`mimamori rules`: the rule sets this city knows, and which one judges."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import HeldError, UsageError
from schemas.rules import RuleSet, findings
from schemas.rules.lint import Finding
from services.cli.options import find_key
from services.cli.output import emit, say, table
from services.cli.session import open_database
from services.gate.people import authenticate
from services.rulesets.adopt import adopt as adopt_rules
from services.rulesets.listing import list_rules
from services.rulesets.named import read_text, shown

if TYPE_CHECKING:
    from services.simulation.main import Simulated

app = typer.Typer(no_args_is_help=True, help="判定ルール。")
USUAL_RUNS, MOST_RUNS = 6, 60  # half-yearly: three years, and thirty
STATES = {
    "known": "登録済み",
    "simulated": "試算済み",
    "signed": "署名待ち",
    "adopted": "採用中",
    "coming": "採用予定",
    "replaced": "交替済み",
}


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name="rules")


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


@app.command("show")
def show(rules: Annotated[str, typer.Argument(help="版の名、照合値、またはファイル")]) -> None:
    """判定ルールのファイルをそのまま示します。市の案は、標準ルールの写しから書き始めます。"""
    with open_database().connect("analyst") as conn:
        found = shown(conn, rules)
    document = {"digest": found.rules.digest(), "text": found.text, "rules": found.rules.model_dump(mode="json")}
    emit(document, lambda: found.text or json.dumps(document["rules"], ensure_ascii=False, indent=2))


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


@app.command("simulate")
def simulate(
    before: Annotated[str, typer.Argument(help="今のルール。ファイル、版の名、または照合値")],
    after: Annotated[str, typer.Argument(help="新しい案。ファイル、版の名、または照合値")],
    out: Annotated[Path, typer.Option(help="審議会への資料を書き出すフォルダー")] = Path("simulation"),
    runs: Annotated[
        list[str] | None,
        typer.Option("--runs", help="やり直す正式な判定の番号（繰り返し可）、または新しいものからの回数"),
    ] = None,
) -> None:
    """過去の正式な判定を二つのルールでやり直し、だれの区分が変わるかを比べます。試算で、だれの判定も変わりません。"""
    from services.simulation.main import simulate as compare  # scikit-learn takes seconds to load

    wanted, last = _runs(runs or [])
    done = compare(open_database(), before, after, runs=wanted, last=last, out=out, tell=say)
    emit(done.json(), lambda: _simulated(done))


def _runs(given: list[str]) -> tuple[list[str], int]:
    """Names of runs, or how many of the newest."""
    if len(given) == 1 and given[0].isdecimal():
        if not 1 <= int(given[0]) <= MOST_RUNS:
            raise UsageError(f"--runs の回数は 1 から {MOST_RUNS} までです。")
        return [], int(given[0])
    return given, USUAL_RUNS


def _simulated(done: "Simulated") -> str:
    found = done.json()
    return (
        f"{found['before']['version']} と {found['after']['version']} を {len(found['runs'])} 回の判定で比べました。"
        f"最後の基準日では約{found['children']:,}人のうち約{found['changed']:,}人の区分が変わります（10の位に丸めた数）。"
        f"\n審議会への資料: {done.files[0]}"
    )


@app.command("adopt")
def adopt(
    file: Annotated[Path, typer.Argument(help="判定ルールのファイル（TOML）。試算したものと同じ内容")],
    effective_from: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="適用の初日（今日以後）")],
    keyfile: Annotated[
        list[Path], typer.Option("--as", help="二人の鍵（drafter・hearer・admin。二度指定するか、別々に実行）")
    ],
) -> None:
    """判定ルールを、その日から採用します。別々の二人の署名が要り、一人のうちは終了コード4です。"""
    database = open_database()
    people = [authenticate(database, find_key(database, each)) for each in keyfile]
    day = effective_from.date()
    for waiting in people[:-1]:
        try:
            adopt_rules(database, file, effective_from=day, by=waiting)
        except HeldError as held:
            say(str(held))
    done = adopt_rules(database, file, effective_from=day, by=people[-1])
    emit(
        asdict(done),
        lambda: f"{done.version} を {done.effective_from} から採用しました（{'・'.join(done.persons)}）。",
    )
