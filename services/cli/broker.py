"""`mimamori bus setup|pump|replay`: what a city with Kafka has besides. Kafka's client is loaded by these commands alone."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from services.cli.logs import log_to_stderr
from services.cli.output import emit
from services.cli.session import open_database
from services.ledger.follow import until_told
from services.platform.database import Database
from services.platform.settings import Settings


class Direction(StrEnum):
    """Which way a pump moves events."""

    IN = "in"
    OUT = "out"


def add_to(app: typer.Typer) -> None:
    """Add these commands to `mimamori bus`."""
    for command in (setup, pump, replay):
        app.command()(command)


def setup(
    force: Annotated[
        bool, typer.Option("--force", help="保持期間の短縮など、読まれていないメッセージが消えうる変更も行います")
    ] = False,
) -> int:
    """Kafka のトピックと権限（ACL）を infra/kafka/topics.toml のとおりに用意します。二度実行しても変わりません。

    違うところのうち、失うものがないものは合わせます。人が決めるものは直し方を示し、終了コード 1 で終わります。
    """
    from services.bus.client import kafka_of
    from services.bus.setup import changes, set_up

    settings = Settings.from_environment()
    report = set_up(kafka_of(settings), env=settings.env, force=force)
    emit(report.json(), lambda: "\n".join(changes(report)) or "すべて用意されています。")
    return 1 if report.differing else 0


def pump(
    direction: Annotated[
        Direction, typer.Argument(help="in は部署のトピックから受け入れ、out は知らせを外のトピックへ送ります")
    ],
) -> None:
    """Kafka との間で出来事を運びます。止められる（SIGTERM か Ctrl-C）まで続けます。いくつ動かしても構いません。

    ブローカーやデータベースが止まっているとき、収集の承認がないとき、トピックがないときは、理由を記録に書いて待ちます。
    """
    from services.bus.incoming import pump_in
    from services.bus.outgoing import pump_out

    log_to_stderr()
    settings = Settings.from_environment()
    with until_told() as stop:
        if direction is Direction.IN:
            pump_in(settings, stop)
        else:
            pump_out(settings, stop)
    emit({"direction": direction, "stopped": True}, lambda: "止まりました。")


def replay(
    reason: Annotated[str | None, typer.Option(help="この理由（TOO_LARGE など）、または誤りの種類のものだけ")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="受け入れずに、あるかどうかだけを調べます")] = False,
) -> None:
    """受け取れなかった出来事をブローカーから読み直して受け入れ、判定できなかった出来事をもう一度判定に回します。"""
    from services.bus.replay import replay as replay_letters

    report = replay_letters(open_database(), reason=reason, dry_run=dry_run)
    emit(report.json(), lambda: _told(report.json()))


def kafka_status(database: Database) -> dict[str, Any] | None:
    """The part of `bus status` about Kafka; None where no broker is set."""
    if database.settings.kafka is None:
        return None
    from dataclasses import asdict

    from services.bus.standing import kafka_standing

    found = kafka_standing(database)
    return None if found is None else asdict(found)


def kafka_lines(found: dict[str, Any] | None) -> list[str]:
    """The same for people."""
    if found is None:
        return []
    lines = [f"Kafka への送信待ち: {found['unsent']}"]
    if found["fault"]:
        return [*lines, found["fault"]]
    behind = {topic: count for topic, count in found["lag"].items() if count}
    lines.append(f"Kafka で受け入れを待つメッセージ: {sum(behind.values())}")
    lines += [f"  {topic}: {count}" for topic, count in behind.items()]
    return lines + [f"  {topic}: トピックがありません。mimamori bus setup で作れます。" for topic in found["missing"]]


def _told(report: dict[str, Any]) -> str:
    letters = sum(report["letters"].values())
    lines = [f"受け取れなかった出来事 {letters}件のうち、ブローカーに残るもの {report['found']}件。"]
    if report["dry_run"]:
        lines.append(f"判定できなかった出来事 {report['again']}件。--dry-run のため、何も変えていません。")
    else:
        lines.append(f"受け入れたもの {report['taken']}件、判定に回したもの {report['again']}件。")
        lines += [f"  まだ受け取れません: {reason} {count}件" for reason, count in report["still"].items()]
    if letters > report["found"]:
        lines.append(f"保持期間を過ぎた {letters - report['found']}件は、送った部署にもう一度送ってもらってください。")
    return "\n".join(lines)
