"""`mimamori bus`: events on their way to judgement."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from schemas.events.asyncapi import asyncapi_document
from schemas.events.reasons import MEND, Reason
from services.cli import broker
from services.cli.output import emit, say
from services.cli.session import open_database
from services.intake.events_file import Sent, send_file
from services.platform.inbox import PARTS, Standing, standing

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
    emit(document, lambda: json.dumps(document, ensure_ascii=False, indent=2))


@app.command()
def status() -> None:
    """判定を待つ出来事、受け取れなかった出来事、働いている処理、Kafka での遅れを数えます。"""
    database = open_database()
    with database.connect("auditor") as conn:
        found = standing(conn)
    kafka = broker.kafka_status(database)
    emit(asdict(found) | {"kafka": kafka}, lambda: "\n".join([_listed(found), *broker.kafka_lines(kafka)]))


def _told(sent: Sent) -> str:
    taken = f"{sent.lines:,}行のうち {sent.events:,}件を受け入れました"
    besides = f"受け入れ済み {sent.repeated:,}件、値に誤りがあり保留 {sent.quarantined:,}件"
    lines = [f"{sent.file}: {taken}（{besides}）。"]
    lines += [
        f"{each.position}行目は受け取れません: {each.reason}{f'（{each.detail}）' if each.detail else ''} {MEND[each.reason]}。"
        for each in sent.dead
    ]
    return "\n".join(lines)


def _listed(found: Standing) -> str:
    waits = "" if found.oldest_seconds is None else f"、最も古いものは {found.oldest_seconds:,.0f}秒前から"
    lines = [
        f"判定待ち: {found.waiting:,}件（うち緊急 {found.urgent:,}件{waits}）",
        f"判定できなかった出来事: {sum(found.failed.values()):,}件",
        *(f"  {kind} {count:,}件" for kind, count in found.failed.items()),
        f"受け取れなかった出来事: {sum(found.dead_letters.values()):,}件",
        *(f"  {reason} {count:,}件 {MEND[Reason(reason)]}。" for reason, count in found.dead_letters.items()),
        f"緊急の出来事のうち値に誤りがあり保留中: {found.urgent_quarantined:,}件"
        + ("　ただちに mimamori quarantine list で確かめてください。" if found.urgent_quarantined else ""),
        f"働いている処理: {found.workers}（{PARTS}の区分のうち {found.parts}を受け持つ）",
    ]
    return "\n".join(lines)
