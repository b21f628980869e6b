"""`mimamori log fsck`: the log, decisions, acts, approvals and the database's own rules, checked against one another."""

from typing import Any

import typer
from psycopg import Connection

from services.cli.output import emit, table
from services.cli.session import open_database
from services.gate.fsck import check_gate
from services.intake.stored import changed_batches
from services.judgement.proof import altered_events, prove_run
from services.ledger.fault import Fault
from services.ledger.fsck import check_log
from services.platform.database import Database
from services.rulesets.fsck import check_rules

HEAD = ("種類", "番号", "対象", "内容")


def add_to(app: typer.Typer) -> None:
    """Attach the command."""
    app.command()(fsck)


def fsck() -> None:
    """記録と決定、処理、承認の署名、判定の根、データベースの制約と権限を突き合わせます。食い違いがあれば終了コード 1 です。"""
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
        faults = [*log.faults, *check_gate(conn, log), *check_rules(conn)]
        counts = {"entries": log.entries, "checkpoints": log.checkpoints, **_counts(conn)}
    with database.connect("intake") as conn:
        faults += [
            Fault("FACTS_DIFFER", "取り込んだファイルの行が増えているか、減っています。", id=f"batch {batch}")
            for batch in changed_batches(conn)
        ]
    runs, altered = _runs(database)
    return counts | {"runs": runs}, faults + altered


def _runs(database: Database) -> tuple[int, list[Fault]]:
    """Every run and every 速報 against its root; the rows of judgements are the analyst's to read."""
    with database.connect("analyst") as conn:
        runs = [run for (run,) in conn.execute("SELECT run FROM judgement.run ORDER BY seal").fetchall()]
        proofs = {run: prove_run(conn, run) for run in runs}
        events = altered_events(conn)
    faults = [
        Fault("RUN_ALTERED", f"判定の行が、実行の根と合いません（位置 {_some(proof.altered)}）。", id=run)
        for run, proof in proofs.items()
        if not proof.holds
    ]
    faults += [
        Fault("PROVISIONAL_ALTERED", "速報の判定の行が、記録の根と合いません。", id=f"provisional {seal}")
        for seal in events
    ]
    return len(runs), faults


def _some(positions: tuple[int, ...]) -> str:
    """The first ten positions; a dash where no single row is to blame."""
    return "、".join(map(str, positions[:10])) + (" ほか" if len(positions) > 10 else "") or "―"


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
