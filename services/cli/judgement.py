"""`link`, `judge`, `run`, `judgement`, `publish`."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from schemas.errors import HeldError, MimamoriError, RefusedError, UsageError
from schemas.rules import RuleSet
from services.casework.queue import take_up
from services.cli.changes import show_changes
from services.cli.judged import STATUS, feeds_text, judgement_text, repeated_text, run_text, share
from services.cli.options import Day, KeyFile, Urgent, acting, find_key, judged_day, moment
from services.cli.output import emit, say, table
from services.cli.session import open_database
from services.gate.people import authenticate
from services.judgement.look import look_at_run, release_run
from services.judgement.main import judge_city
from services.judgement.repeat import repeat_run
from services.judgement.store import list_runs
from services.linkage.look import look_at_links
from services.linkage.main import link_city
from services.platform.database import Database
from services.publication.main import publish_run
from services.publication.relay import relay
from services.rulesets.named import named

runs = typer.Typer(no_args_is_help=True, help="判定の実行。")
judgements = typer.Typer(no_args_is_help=True, help="一人の判定。")
Run = Annotated[str, typer.Argument(help="判定の番号（mimamori run list）")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(link)
    app.command()(judge)
    app.command()(publish)
    app.add_typer(runs, name="run")
    app.add_typer(judgements, name="judgement")


def link(
    show: Annotated[
        bool, typer.Option("--show", help="番号の対応も示します（linkage の鍵が必要。記録されます）")
    ] = False,
    keyfile: Annotated[Path | None, typer.Option("--as", help="linkage の鍵")] = None,
) -> None:
    """番号を子どもごとに結び付けます。不確かな組は確認待ちになります。"""
    database = open_database()
    by = None if keyfile is None else authenticate(database, find_key(database, keyfile))
    if show and by is None:
        raise UsageError("--show には --as 鍵ファイル が必要です。")
    report = link_city(database)
    document = report.json()
    if show and by is not None:
        document["crosswalk"] = look_at_links(database, by)
    waiting = "、".join(f"{feeds_text([feed])} {count:,}行" for feed, count in report.unlinked.items()) or "なし"
    emit(
        document,
        lambda: (
            f"子ども {report.children}人、番号 {report.links}件、確認待ち {report.review}組。結び付かない行: {waiting}"
        ),
    )


def judge(
    as_of: Day,
    known_at: Annotated[str | None, typer.Option(help="この日時までに知られていたことだけで試算します")] = None,
    rules: Annotated[
        str | None, typer.Option(help="別の判定ルール（TOML ファイル、版の名、照合値）で試算します")
    ] = None,
) -> None:
    """基準日の状態を判定します。上限を超えると案として保留し、終了コード4で終わります。"""
    database = open_database()
    chosen = _rules(database, rules)
    report = judge_city(database, as_of=judged_day(as_of), known_at=moment(known_at), rules=chosen)
    emit(report.json(), lambda: run_text(report))
    if report.held:
        say(
            f"重点支援が上限を超えたため（小1～中3の {share(*report.guard)}）、案として保留しました。"
            f"二人の mimamori run release {report.run} を待ちます。"
        )
        raise typer.Exit(HeldError.exit_code)


def publish(run: Annotated[str | None, typer.Option(help="判定の番号。省くと最後の判定")] = None) -> None:
    """判定の結果を、承認された提供先の一覧に載せます。"""
    database = open_database()
    report = publish_run(database, run=run)
    relay(database)
    take_up(database)
    emit(report.json(), lambda: f"公表 {report.published}件、変わりなし {report.unchanged}件、拒否 {report.refused}件")
    if report.conditions:
        for code, text in report.conditions:
            say(f"拒否の理由: {text}（{code}）")
        only_held = {code for code, _ in report.conditions} == {"PERSON_HELD"}
        raise typer.Exit(HeldError.exit_code if only_held else RefusedError.exit_code)


@runs.command("list")
def list_() -> None:
    """判定の実行を新しい順に一覧します。"""
    with open_database().connect("analyst") as conn:
        found = list_runs(conn)
    emit(
        {"runs": [report.json() for report in found]},
        lambda: table(
            ("判定", "基準日", "状態", "ルール", "人数", "根"),
            ((r.run, r.as_of, STATUS[r.status], r.rules, r.children, r.root[:12]) for r in found),
            empty="判定はまだありません。mimamori judge --as-of 日付 で判定します。",
        ),
    )


@runs.command("show")
def show(
    run: Run,
    judgements: Annotated[
        bool, typer.Option("--judgements", help="一人ずつの判定も示します（analyst か auditor の鍵。記録されます）")
    ] = False,
    changes: Annotated[
        bool,
        typer.Option(
            "--changes",
            help="前回の正式な判定からの変化と、3年の推移を件数で示します（鍵を付けると子どもごとに。記録されます）",
        ),
    ] = False,
    keyfile: Annotated[Path | None, typer.Option("--as", help="analyst か auditor の鍵")] = None,
) -> None:
    """一つの判定を示します。"""
    database = open_database()
    if changes:
        by = None if keyfile is None else authenticate(database, find_key(database, keyfile))
        show_changes(database, run, by)
        return
    if judgements:
        if keyfile is None:
            raise UsageError("--judgements には --as 鍵ファイル が必要です。")
        document = look_at_run(database, run, authenticate(database, find_key(database, keyfile)))
        shown = document["judgements"]
        emit(
            document,
            lambda: table(
                ("子ども", "生活困窮", "学力", "非認知", "区分", "要確認"),
                (
                    (
                        j["child_id"],
                        j["poverty"],
                        j["learning"],
                        j["noncognitive"],
                        j["category"],
                        "はい" if j["data_check"] else "",
                    )
                    for j in shown
                ),
                empty="判定された子どもはいません。",
            ),
        )
        return
    with database.connect("analyst") as conn:
        report = list_runs(conn, run)
    if not report:
        raise UsageError(f"判定 {run} は見つかりません。`mimamori run list` で確かめてください。")
    emit(report[0].json(), lambda: run_text(report[0]))


@runs.command("release")
def release(
    run: Run, keyfile: Annotated[list[Path], typer.Option("--as", help="二人の鍵（二度指定するか、別々に実行）")]
) -> None:
    """保留された判定を、二人で解除します。"""
    database = open_database()
    people = [authenticate(database, find_key(database, each)) for each in keyfile]
    for waiting in people[:-1]:
        try:
            release_run(database, run, waiting)
        except HeldError as held:
            say(str(held))
    report = release_run(database, run, people[-1])
    emit(report.json(), lambda: run_text(report))


@runs.command("repeat")
def repeat(
    run: Run,
    keyfile: Annotated[
        Path | None, typer.Option("--as", help="analyst か auditor の鍵。付けると、違う行の子どもも示します")
    ] = None,
    partitions: Annotated[int, typer.Option(min=1, max=10_000, help="世帯をいくつに分けて判定するか")] = 1,
) -> None:
    """一つの判定を、その時のデータとルールで判定し直し、根が同じか確かめます。記録されます。"""
    database = open_database()
    by = None if keyfile is None else authenticate(database, find_key(database, keyfile))
    report = repeat_run(database, run, by, partitions=partitions, tell=say)
    emit(report.json(), lambda: repeated_text(report))
    if not report.same:
        raise typer.Exit(MimamoriError.exit_code)


@judgements.command("show")
def show_one(
    run: Run,
    child: Annotated[UUID, typer.Argument(help="子どもの連携ID")],
    keyfile: KeyFile,
    emergency: Urgent = None,
) -> None:
    """一人の判定と理由を示します。記録されます。"""
    database, by = acting(keyfile)
    document = look_at_run(database, run, by, child=child, emergency=emergency)
    found = document["judgements"][0]
    emit(found, lambda: judgement_text(found))


def _rules(database: Database, name: str | None) -> RuleSet | None:
    if name is None:
        return None
    with database.connect("analyst") as conn:
        return named(conn, name).rules
