"""`mimamori feed` and `mimamori quarantine`: what departments hand in."""

from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import UsageError
from schemas.feeds import FEEDS
from schemas.feeds.describe import feed_list, json_schema
from schemas.records.person import Role
from services.cli.options import KeyFile, acting
from services.cli.output import emit, say, table
from services.cli.session import open_database
from services.gate.people import require_role
from services.intake.main import check_folder, list_quarantine, load_folder, mend_file, release_batch
from services.intake.report import LoadReport

app = typer.Typer(no_args_is_help=True, help="各課から届くデータ。")
quarantine = typer.Typer(no_args_is_help=True, help="受け付けられなかった行。")
Folder = Annotated[Path, typer.Argument(help="データのフォルダー")]
ProfileName = Annotated[str, typer.Option("--profile", help="ファイルの形。canonical、demo、または TOML ファイル")]


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name="feed")
    main.add_typer(quarantine, name="quarantine")


@app.command("list")
def list_() -> None:
    """受け取れるデータを一覧します。"""
    feeds = feed_list(FEEDS)
    emit(
        {"feeds": feeds},
        lambda: table(
            ("名前", "番号", "内容", "所管", "一行は"),
            ((f["feed"], f["number"], f["title"], f["office"], f["grain"]) for f in feeds),
            empty="ありません。",
        ),
    )


@app.command()
def schema(feed: Annotated[str, typer.Argument(help="データの名前（mimamori feed list）")]) -> None:
    """一行の契約を JSON Schema で示します。"""
    if feed not in FEEDS:
        raise UsageError(f"{feed} というデータはありません。次のいずれかです: {'、'.join(FEEDS)}")
    document = json_schema(FEEDS[feed])
    emit(document, lambda: document)


@app.command()
def check(folder: Folder, profile: ProfileName = "canonical") -> None:
    """フォルダーを調べます。何も保存しません。"""
    _told(check_folder(open_database(), folder, profile=profile, progress=_progress))


@app.command()
def load(
    folder: Folder,
    profile: ProfileName = "canonical",
    initial: Annotated[
        bool, typer.Option("--initial", help="最初の取込。各行は event_time の時点で知られていたものとします")
    ] = False,
) -> None:
    """フォルダーのデータを取り込みます。同じものをもう一度取り込んでも変わりません。"""
    _told(load_folder(open_database(), folder, profile=profile, initial=initial, progress=_progress))


@app.command()
def release(batch: Annotated[int, typer.Argument(help="保留された取込の番号")], keyfile: KeyFile) -> None:
    """保留された取込を、人の判断で受け入れます。"""
    database, by = acting(keyfile)
    require_role(by, Role.CASEWORKER, Role.HEARER, Role.ADMIN)
    _told(release_batch(database, batch, by.person, progress=_progress))


@quarantine.command("list")
def waiting(
    keyfile: KeyFile,
    feed: Annotated[str | None, typer.Option(help="このデータだけ")] = None,
    everything: Annotated[bool, typer.Option("--all", help="直ったものも含める")] = False,
) -> None:
    """受け付けられなかった行を、場所・理由・直し方とともに一覧します。値は示しません。"""
    database, by = acting(keyfile)
    require_role(by, Role.AUDITOR, Role.ADMIN)
    refusals = list_quarantine(database, feed=feed, everything=everything)
    emit(
        {"quarantine": [refusal.as_json() for refusal in refusals]},
        lambda: table(
            ("データ", "ファイル", "行", "列", "理由", "直し方", "期限"),
            ((r.feed, r.file, r.line, r.column, r.rule, r.mend, r.expires_at.date()) for r in refusals),
            empty="受け付けられなかった行はありません。",
        ),
    )


@quarantine.command()
def mend(
    feed: Annotated[str, typer.Argument(help="データの名前")],
    file: Annotated[Path, typer.Argument(help="直した行だけの CSV（canonical の形）")],
    keyfile: KeyFile,
) -> None:
    """直した行を取り込みます。直った行は一覧から消えます。"""
    database, by = acting(keyfile)
    require_role(by, Role.AUDITOR, Role.ADMIN)
    _told(mend_file(database, feed, file, progress=_progress))


def _progress(feed: str, rows: int) -> None:
    say(f"{FEEDS[feed].row.FEED.title}（{feed}）: {rows:,}行")


def _told(report: LoadReport) -> None:
    emit(
        report.as_json(),
        lambda: table(
            ("データ", "ファイル", "行", "取込", "変わりなし", "拒否", "取消", "状態"),
            (
                (
                    b.feed,
                    b.file,
                    b.rows,
                    b.loaded,
                    b.unchanged,
                    b.quarantined,
                    b.tombstones,
                    "保留" if b.held else "失敗" if b.errors else "",
                )
                for b in report.batches
            ),
            empty="取り込むファイルがありません。",
        ),
    )
    for batch in report.batches:
        for error in batch.errors:
            say(error["text"])
    if report.unknown:
        say(f"プロファイルにないファイルは読みませんでした: {'、'.join(report.unknown)}")
    if report.exit_code:
        raise typer.Exit(report.exit_code)
