"""`mimamori approval`: drafted, submitted, heard, in force, amended, narrowed, revoked."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from services.approvals import main as approvals
from services.approvals import register
from services.approvals.note import signed_note
from services.approvals.register import Standing
from services.cli.options import KeyFile, acting
from services.cli.output import emit, table

app = typer.Typer(
    no_args_is_help=True, help="承認（処理の記録）。起案 → 諮問 → 答申 → 効力。縮小と取消はいつでも一人でできます。"
)
File = Annotated[Path, typer.Argument(help="承認書（TOML）")]
Name = Annotated[str, typer.Argument(help="承認の番号（例 approval-2）")]
Why = Annotated[str, typer.Option(help="理由")]


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name="approval")


@app.command()
def draft(file: File, keyfile: KeyFile) -> None:
    """承認書を起案します（drafter）。"""
    database, by = acting(keyfile)
    _told([approvals.draft(database, file, by)])


@app.command()
def submit(approval: Name, keyfile: KeyFile) -> None:
    """審議会に諮問します（drafter）。"""
    database, by = acting(keyfile)
    _told([approvals.submit(database, approval, by)])


@app.command()
def hear(
    approval: Name, opinion: Annotated[Path, typer.Option(help="[council] の表を持つ TOML")], keyfile: KeyFile
) -> None:
    """答申を記録します（hearer）。反対でなければ効力を持ちます。起案者・諮問者は記録できません。"""
    database, by = acting(keyfile)
    _told([approvals.hear(database, approval, approvals.read_opinion(opinion), by)])


@app.command()
def amend(file: File, keyfile: KeyFile) -> None:
    """次の版を起案します。諮問と答申を経て、前の版に代わります。"""
    database, by = acting(keyfile)
    _told([approvals.amend(database, file, by)])


@app.command()
def narrow(file: File, reason: Why, keyfile: KeyFile) -> None:
    """範囲を狭める版をただちに効力あるものにします。"""
    database, by = acting(keyfile)
    _told([approvals.narrow(database, file, by, reason=reason)])


@app.command()
def revoke(approval: Name, reason: Why, keyfile: KeyFile) -> None:
    """承認をただちに取り消します。"""
    database, by = acting(keyfile)
    _told(approvals.revoke(database, approval, by, reason=reason))


@app.command("list")
def list_(keyfile: KeyFile) -> None:
    """すべての承認と版を一覧します。"""
    database, _ = acting(keyfile)
    _told(register.list_approvals(database))


@app.command()
def show(
    approval: Name,
    keyfile: KeyFile,
    version: Annotated[int | None, typer.Option(help="版。省くと最新の版")] = None,
    note: Annotated[
        bool, typer.Option("--note", help="承認書に両者の署名を添えた文書（C2SP signed note）を示します")
    ] = False,
) -> None:
    """承認書と答申、これまでの手続を示します。"""
    database, _ = acting(keyfile)
    shown = register.show(database, approval, version)
    if note:
        signed = signed_note(database, approval, shown.standing.version)
        emit(asdict(signed), lambda: signed.note.removesuffix("\n"))
        return
    emit(shown.plain(), lambda: shown.document)


@app.command()
def diff(
    approval: Name,
    old: Annotated[int, typer.Argument(help="比べる元の版")],
    new: Annotated[int, typer.Argument(help="比べる先の版")],
    keyfile: KeyFile,
) -> None:
    """二つの版の違いを日本語で示します。"""
    database, _ = acting(keyfile)
    lines = register.diff(database, approval, old, new)
    emit({"differences": lines}, lambda: "\n".join(lines) or "違いはありません。")


def _told(standings: list[Standing]) -> None:
    emit(
        {"approvals": [asdict(each) for each in standings]},
        lambda: table(
            ("承認", "版", "状態", "根拠", "期間", "答申", "ハッシュ"),
            (
                (
                    s.approval,
                    s.version,
                    s.label,
                    s.clause,
                    f"{s.period_from} ～ {s.period_to}",
                    s.opinion_on,
                    s.hash[:12],
                )
                for s in standings
            ),
            empty="承認はまだありません。approval draft で起案してください。",
        ),
    )
