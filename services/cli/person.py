"""`mimamori person`: the register of persons, their keys and roles."""

from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.records.person import PersonRecord, Role
from services.cli.options import KeyFile, acting, find_key
from services.cli.output import emit, table
from services.cli.session import open_database
from services.gate.people import add_person, authenticate, list_persons, revoke_person
from services.platform.keyfiles import create_key, public_bytes, read_public_key

app = typer.Typer(no_args_is_help=True, help="職員の登録（鍵と役割）。氏名は登録しません。")
OptionalKey = Annotated[
    Path | None, typer.Option("--as", help="管理者の鍵。空の名簿に最初の管理者を登録するときだけ省けます。")
]


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name="person")


@app.command()
def add(
    person: Annotated[str, typer.Argument(help="職員コード（英小文字・数字・-・_）")],
    role: Annotated[list[Role], typer.Option(help="役割。複数回指定できます")],
    key: Annotated[Path, typer.Option(help="公開鍵の PEM。なければ秘密鍵をこの場所に作ります（0600）")],
    keyfile: OptionalKey = None,
) -> None:
    """職員を登録します。"""
    database = open_database()
    by = None if keyfile is None else authenticate(database, find_key(database, keyfile))
    public = read_public_key(key) if key.exists() else public_bytes(create_key(key))
    record = add_person(database, person, public, role, by)
    emit(_plain(record), lambda: f"{record.person} を登録しました。")


@app.command("list")
def list_(keyfile: KeyFile) -> None:
    """登録された職員を一覧します。"""
    database, _ = acting(keyfile)
    records = list_persons(database)
    emit(
        {"persons": [_plain(record) for record in records]},
        lambda: table(
            ("職員", "役割", "登録", "取消"),
            (
                (r.person, "、".join(sorted(r.roles)), r.added_at.date(), r.revoked_at and r.revoked_at.date())
                for r in records
            ),
            empty="まだ誰も登録されていません。",
        ),
    )


@app.command()
def revoke(person: Annotated[str, typer.Argument(help="職員コード")], keyfile: KeyFile) -> None:
    """職員の登録を取り消します。鍵はただちに使えなくなります。"""
    database, by = acting(keyfile)
    record = revoke_person(database, person, by)
    emit(_plain(record), lambda: f"{record.person} の登録を取り消しました。")


def _plain(record: PersonRecord) -> dict[str, Any]:
    return record.model_dump(mode="json") | {"roles": sorted(record.roles)}
