"""`mimamori log`: checkpoints of the log, proofs, and what outsiders verify it with."""

from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import UsageError
from services.cli import fsck
from services.cli.output import emit, say
from services.cli.session import open_database
from services.ledger import folder as public
from services.ledger import keys
from services.ledger import prove as proofs
from services.ledger import verify as verification
from services.ledger.checkpoint import publish
from services.ledger.cosigned import take
from services.ledger.export import export as export_log
from services.ledger.follow import follow as follow_log
from services.ledger.follow import until_told
from services.ledger.verify_proof import verify_proof

app = typer.Typer(
    no_args_is_help=True,
    help="ログ（台帳）。チェックポイントに署名し、書き出し、外から検証できるようにします。\n\n"
    "例: mimamori log export --out 公開 → mimamori log verify 公開 → mimamori witness cosign --dir 証人 --key 鍵 公開",
)
fsck.add_to(app)


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name="log")


@app.command()
def checkpoint(
    follow: Annotated[
        bool, typer.Option("--follow", help="止められる（SIGTERM か Ctrl-C）まで、記録が増えるたびに署名し続けます")
    ] = False,
) -> None:
    """ログの今の木に署名し、タイルを公開フォルダーに書きます。以前の木の続きでなければ署名しません。"""
    database = open_database()
    if follow:
        with until_told() as stop:
            signed = follow_log(database, stop)
    else:
        signed = publish(database, whole=True)
    document = {"origin": signed.origin, "size": signed.size, "root": signed.root.hex()}
    emit(document, lambda: f"{signed.origin} 大きさ{signed.size} 根{signed.root.hex()}")


@app.command()
def verify(
    shown: Annotated[
        Path, typer.Argument(metavar="DIR_OR_PROOF", help="書き出したフォルダー、または log prove の証明ファイル")
    ],
    against: Annotated[
        list[Path] | None, typer.Option(help="以前に控えたチェックポイント。その続きかどうかも確かめます")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="信頼する公開鍵（vkey）のファイル。なければそこにある keys")] = None,
    witness: Annotated[
        list[Path] | None, typer.Option(help="信頼する証人の公開鍵（vkey）のファイル。その副署がなければ誤りとします")
    ] = None,
) -> int:
    """書き出したフォルダー、または一つの証明を、ファイルだけで検証します。データベースは使いません。"""
    older = [_text(path / "checkpoint" if path.is_dir() else path) for path in against or ()]
    pinned = None if key is None else _text(key).strip()
    witnesses = [_text(path).strip() for path in witness or ()]
    if shown.is_file():
        if older:
            raise UsageError("--against は、書き出したフォルダーを検証するときだけ使えます。")
        found = verify_proof(shown, pinned=pinned, witnesses=witnesses)
    else:
        found = verification.verify(shown, against=older, pinned=pinned, witnesses=witnesses)
    for fault in (*found.warnings, *found.errors):
        say(f"{fault.kind} {'―' if fault.index is None else fault.index} {fault.id or ''} {fault.text}")
    size = 0 if found.checkpoint is None else found.checkpoint.size
    right = (
        f"正しいログです（{size}件）。" if found.entry is None else f"{found.entry}番の記録は{size}件のログにあります。"
    )
    emit(found.json(), lambda: right if found.ok else "正しくありません。")
    return 0 if found.ok else 1


@app.command()
def prove(
    entry: Annotated[int, typer.Argument(min=0, help="記録の番号（0から）")],
    out: Annotated[Path | None, typer.Option(help="証明を書くファイル（.tlog-proof）")] = None,
) -> None:
    """記録がログにあることの証明（C2SP tlog-proof）を作ります。単独で検証できます。"""
    published, text = proofs.prove(open_database(), entry)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, "utf-8")
    signed = published.checkpoint
    document = {"index": entry, "size": signed.size, "root": signed.root.hex(), "proof": text}
    emit(document, lambda: text.removesuffix("\n") if out is None else f"{out} に証明を書きました。")


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="書き出すフォルダー（以前の書き出しは置き換えます）")],
    cosigned: Annotated[
        Path | None, typer.Option(help="証人が副署したチェックポイント。受け取り、以後の書き出しと証明に添えます")
    ] = None,
) -> None:
    """記録・タイル・チェックポイント・公開鍵を、静的なファイルとして書き出します。個人データは含みません。"""
    database = open_database()
    if cosigned is not None:
        take(database, cosigned)
    written = export_log(database, out)
    if written.refused is not None:
        say(f"{written.refused} 最後のチェックポイントまでを書き出しました。")
    signed = written.checkpoint
    document = {
        "out": out,
        "size": signed.size,
        "root": signed.root.hex(),
        "refused": None if written.refused is None else type(written.refused).__name__,
    }
    emit(document, lambda: f"{out} に {signed.size}件を書き出しました。検証: mimamori log verify {out}")


@app.command()
def rotate(
    finish: Annotated[bool, typer.Option("--finish", help="重なりの期間を終え、古い鍵の署名をやめます")] = False,
    lost: Annotated[bool, typer.Option("--lost", help="古い鍵を失ったとき。新しい鍵だけで署名します")] = False,
) -> None:
    """ログの署名鍵を替えます。--finish までは新旧の両方が署名し、古い鍵が新しい鍵を保証します。"""
    if finish and lost:
        raise UsageError("--finish と --lost は一緒に使えません。")
    database = open_database()
    key = keys.finish_rotation(database) if finish else keys.rotate(database, lost=lost)
    signed = publish(database)
    document = {"number": key.number, "key": key.vkey, "endorsed": key.endorsement is not None, "size": signed.size}
    emit(document, lambda: f"{key.number}番の鍵: {key.vkey}")


def _text(path: Path) -> str:
    text = public.read_note(path.parent, path.name)
    if text is None:
        raise UsageError(f"{path} がありません。")
    return text
