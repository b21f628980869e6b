"""`mimamori witness`: the council's own check on the log. Needs no database and no home, only what the city exported."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from services.cli.output import emit
from services.ledger import witness
from services.platform.settings import JAPAN

app = typer.Typer(
    no_args_is_help=True,
    help="審議会の証人。市が書き出したログを自分で検証し、前に見た木の続きであるときだけ副署します。データベースは使いません。",
)
Folder = Annotated[Path, typer.Option("--dir", help="証人自身のフォルダー。最後に見たチェックポイントを覚えます")]
Key = Annotated[Path, typer.Option(help="証人自身の鍵ファイル（Ed25519 の PEM）")]


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name="witness")


@app.command()
def init(
    export: Annotated[Path, typer.Argument(help="市が書き出したログのフォルダー")],
    folder: Folder,
    key: Key,
    name: Annotated[str, typer.Option(help="証人の名前。副署に現れます")] = "mimamori/witness",
) -> None:
    """証人のフォルダーと鍵を用意し、ログの公開鍵を覚えます。公開鍵は別の経路でも受け取り、照らしてください。"""
    own, log = witness.init(folder, key, export, name=name)
    emit(
        {"witness": own, "log": log}, lambda: f"証人の公開鍵: {own}\nログの公開鍵（別の経路で確かめてください）: {log}"
    )


@app.command()
def cosign(
    shown: Annotated[
        Path, typer.Argument(metavar="EXPORT_OR_CHECKPOINT", help="書き出したフォルダー、またはチェックポイント")
    ],
    folder: Folder,
    key: Key,
) -> None:
    """検証し、前に見た木の続きなら副署します。続きでなければ拒み、前の大きさを示します。"""
    signed = witness.cosign(folder, key, shown, datetime.now(JAPAN))
    checkpoint = signed.checkpoint
    document = {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "seen": signed.seen,
        "checkpoint": signed.file,
    }
    emit(
        document,
        lambda: f"大きさ{checkpoint.size}の木に副署しました: {signed.file}\nこのファイルを市に渡してください。",
    )
