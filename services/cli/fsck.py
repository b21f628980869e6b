"""`mimamori log fsck`: the log, decisions, acts, approvals and the database's own rules, checked against one another."""

from typing import Any

import typer
from psycopg import Connection

from services.cli.output import emit, table
from services.cli.session import open_database
from services.gate.fsck import check_gate
from services.ledger.fault import Fault
from services.ledger.fsck import check_log
from services.platform.database import Database

HEAD = ("種類", "番号", "対象", "内容")


def add_to(app: typer.Typer) -> None:
    """Attach the command."""
    app.command()(fsck)


def fsck() -> None:
    """記録と決定、処理、承認の署名、データベースの制約と権限を突き合わせます。食い違いがあれば終了コード 1 です。"""
    checked, faults = check_all(open_database())
    document = {"ok": not faults, "checked": checked, "errors": [fault.json() for fault in faults]}
    emit(document, lambda: _shown(checked, faults))
    if faults:
        raise typer.Exit(1)


def check_all(database: Database) -> tuple[dict[str, int], list[Fault]]:
    """How much was checked, and every contradiction; all of it as the database stood at one moment."""
    with database.connect("auditor") as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        log = check_log(conn)
        faults = [*log.faults, *check_gate(conn, log)]
        return {"entries": log.entries, "checkpoints": log.checkpoints, **_counts(conn)}, faults


def _counts(conn: Connection[Any]) -> dict[str, int]:
    row = conn.execute(
        "SELECT (SELECT count(*) FROM gate.decision), (SELECT count(*) FROM gate.approval), (SELECT count(*) FROM gate.person)"
    ).fetchone()
    assert row is not None
    return dict(zip(("decisions", "approvals", "persons"), row, strict=True))


def _shown(checked: dict[str, int], faults: list[Fault]) -> Any:
    if not faults:
        return f"食い違いはありません（記録 {checked['entries']}件、決定 {checked['decisions']}件、承認 {checked['approvals']}件）。"
    return table(HEAD, ((fault.kind, fault.index, fault.id, fault.text) for fault in faults), empty="")
