"""`mimamori bus`: events on their way to judgement."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.events.asyncapi import asyncapi_document
from schemas.events.reasons import MEND, Reason
from services.cli import broker
from services.cli.output import emit, say
from services.cli.session import open_database
from services.intake.events_file import Sent, send_file
from services.platform.inbox import standing

app = typer.Typer(no_args_is_help=True, help="出来事（イベント）の受け入れ。Kafka のある市では、その入口と出口も。")
broker.add_to(app)


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name="bus")


@app.command()
def send(file: Annotated[Path, typer.Argument(help="出来事のファイル（一行に一つの CloudEvents、JSON）")]) -> None:
    """ファイルの出来事を受け入れます。同じものをもう一度送っても変わりません。"""
    sent = send_file(open_database(), file, progress=lambda lines: say(f"{lines:,}行"))
    emit(sent.as_json(), lambda: _told(sent))


@app.command()
def schema() -> None:
    """出来事の形と送り先を AsyncAPI 3 の文書で示します。"""
    document = asyncapi_document()
    emit(document, lambda: document)


@app.command()
def status() -> None:
    """判定を待つ出来事、受け取れなかった出来事、働いている処理、Kafka での遅れを数えます。"""
    database = open_database()
    with database.connect("auditor") as conn:
        found = standing(conn)
    kafka = broker.kafka_status(database)
    emit(asdict(found) | {"kafka": kafka}, lambda: "\n".join([_listed(asdict(found)), *broker.kafka_lines(kafka)]))


def _told(sent: Sent) -> str:
    taken = f"{sent.lines:,}行のうち {sent.events:,}件を受け入れました"
    besides = f"受け入れ済み {sent.repeated:,}件、値に誤りがあり保留 {sent.quarantined:,}件"
    lines = [f"{sent.file}: {taken}（{besides}）。"]
    lines += [
        f"{each.position}行目は受け取れません: {each.reason}{f'（{each.detail}）' if each.detail else ''} {MEND[each.reason]}。"
        for each in sent.dead
    ]
    return "\n".join(lines)


def _listed(found: dict[str, Any]) -> str:
    names = {
        "waiting": "判定待ち", "urgent": "うち緊急", "oldest_seconds": "最も古いものの待ち時間（秒）", "failed": "判定できなかったもの",
        "dead_letters": "受け取れなかったもの", "workers": "働いている処理", "parts": "受け持たれている区分（32のうち）",
    }  # fmt: skip
    lines = [f"{text}: {found[name] if found[name] is not None else '―'}" for name, text in names.items()]
    return "\n".join([*lines, *(f"  {reason}: {MEND[Reason(reason)]}。" for reason in found["dead_letters"])])
