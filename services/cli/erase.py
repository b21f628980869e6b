"""`mimamori erase`: everything about one person, asked for by two."""

import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from schemas.errors import UsageError
from schemas.records.erasure import Reason
from services.cli.options import find_key
from services.cli.output import emit
from services.cli.session import open_database
from services.gate.people import authenticate
from services.rights.erase import Erasure, erase
from services.rights.subject import Number, read_number

Child = Annotated[UUID | None, typer.Option(help="子どもの連携ID")]
NumberFile = Annotated[
    Path | None,
    typer.Option(
        "--person",
        help="番号（例 atena_no:…）を一行書いたファイル。- は標準入力。番号は引数に書けません。",
        allow_dash=True,
    ),
]
Why = Annotated[
    Reason,
    typer.Option(
        help="request 本人等の請求、retention 保存期間の満了、mistake 誤った取込み、unlawful 適法でない取扱い"
    ),
]
Keys = Annotated[list[Path], typer.Option("--as", help="二人の鍵（二度指定するか、別々に実行）")]


def command(reason: Why, keyfile: Keys, child: Child = None, person: NumberFile = None) -> None:
    """一人のデータをすべて消します。元に戻せません。二人目の求めで消し、それまでは終了コード 4 で待ちます。"""
    who = _who(child, person)
    database = open_database()
    people = [authenticate(database, find_key(database, each)) for each in keyfile]
    done = erase(database, who, reason=reason, people=people)
    emit(done.json(), lambda: _told(done))


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("erase")(command)


def _who(child: UUID | None, person: Path | None) -> UUID | Number:
    if child is not None and person is None:
        return child
    if person is None or child is not None:
        raise UsageError("--child か --person のどちらか一つを指定してください。")
    return read_number(sys.stdin.read() if str(person) == "-" else person.read_text("utf-8"))


def _told(done: Erasure) -> str:
    if done.already:
        return f"すでに消去されています（記録 {done.entry}）。"
    return (
        f"消去しました（記録 {done.entry}）。データ {done.facts}行、判定 {done.judgements}件、候補 {done.alerts}件、"
        f"受入不可 {done.refusals}行、記録の内訳 {done.details}件。ほかの方の行 {done.unlinked}行から結び付きを外しました。"
    )
