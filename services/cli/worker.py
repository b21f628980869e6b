"""`mimamori worker`: judges events as they come."""

from contextlib import ExitStack
from dataclasses import asdict
from typing import Annotated

import typer

from services.cli.logs import log_to_stderr
from services.cli.output import emit, say
from services.cli.session import open_database
from services.ledger.follow import until_told
from services.worker.main import work
from services.worker.watch import Watch, serving


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("worker")(worker)


def worker(
    once: Annotated[bool, typer.Option("--once", help="待っている出来事がなくなったら終わります")] = False,
    metrics: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="127.0.0.1 のこのポートで /livez・/readyz・/metrics に答えます。0 は空いている番号"
        ),
    ] = None,
) -> None:
    """届いた出来事を判定し、許可された速報を一覧に載せます。止められる（SIGTERM か Ctrl-C）まで続けます。

    いくつ動かしても構いません。公式の判定がまだないとき、速報の承認がないとき、データベースが止まっているときは、待ちます。
    """
    log_to_stderr()
    database, watch = open_database(), Watch()
    with ExitStack() as around:
        stop = around.enter_context(until_told())
        if metrics is not None:
            port = around.enter_context(serving(watch, metrics))
            say(f"http://127.0.0.1:{port}/metrics")
        totals = work(database, stop, once=once, watch=watch)
    emit(
        asdict(totals),
        lambda: (
            f"出来事 {totals.events}件、判定した子ども {totals.children}人、公表 {totals.published}件、"
            f"拒否 {totals.refused}件、判定できなかった出来事 {totals.failed}件"
        ),
    )
