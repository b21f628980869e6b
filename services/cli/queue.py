"""`mimamori queue`: the caseworkers' alert queue."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.rules.names import Act
from services.casework.items import Item
from services.casework.look import MASKED, MASKED_ITEMS, Detail, Shown, show
from services.casework.queue import act_on, list_queue
from services.casework.states import ACT_LABELS, STATE_LABELS, State
from services.casework.unmask import unmask
from services.cli.options import KeyFile, Urgent, acting, find_key
from services.cli.output import emit, say
from services.cli.session import open_database
from services.gate.people import authenticate
from services.rulesets import adopted_now

app = typer.Typer(
    no_args_is_help=True,
    help="見守りの候補の一覧。載っているのは人が確かめるための候補で、支援の要否は人が決めます。\n\n"
    "一覧には氏名がなく、queue show だけが氏名を示します。どちらも閲覧として記録されます。",
)
Alert = Annotated[str, typer.Argument(help="候補の番号（mimamori queue list）")]


def add_to(main: typer.Typer) -> None:
    """Add these commands to the application."""
    main.add_typer(app, name="queue")


@app.command("list")
def list_(
    keyfile: KeyFile,
    watch: Annotated[bool, typer.Option("--watch", help="お知らせを出していない見守りの子どもを示します")] = False,
    state: Annotated[State | None, typer.Option(help="この状態の候補だけを示します")] = None,
) -> None:
    """候補を、重い区分から順に一覧します。caseworker の鍵が必要です。閲覧として記録されます。"""
    database, by = acting(keyfile)
    listing = list_queue(database, by, adopted_now(database), watch=watch)
    shown = [item for item in listing.items if state in (None, item.state)]
    emit(
        {"items": [_plain(item) for item in shown], "look": listing.entry},
        lambda: (
            "\n\n".join(map(_listed, shown))
            or "候補はありません。判定の結果が公表されると（mimamori publish）、ここに載ります。"
        ),
    )
    say(f"この閲覧は記録されました（記録番号 {listing.entry}）。")


@app.command("show")
def show_one(alert: Alert, keyfile: KeyFile, emergency: Urgent = None) -> None:
    """一人の候補を氏名とともに示します。閲覧として記録されます。支援措置の対象者の住所・学校・保護者は示しません。"""
    database, by = acting(keyfile)
    shown = show(database, alert, by, adopted_now(database), emergency=emergency)
    emit(_document(shown), lambda: _told(shown))
    say(f"この閲覧は記録されました（記録番号 {shown.detail.look}）。")


@app.command("unmask")
def unmask_(
    alert: Alert,
    office: Annotated[str, typer.Option(help="表示を受ける課（承認に、支援措置の対象者の提供先として記されたもの）")],
    reason: Annotated[str, typer.Option(help="表示する理由。記録されます")],
    keyfile: Annotated[list[Path], typer.Option("--as", help="二人の鍵（二度指定するか、別々に実行）")],
) -> None:
    """支援措置で伏せた項目を、二人の同意により一時間だけ、その二人の queue show に示します。二人目までは終了コード 4 です。"""
    database = open_database()
    people = [authenticate(database, find_key(database, each)) for each in keyfile]
    done = unmask(database, alert, people, office=office, reason=reason)
    emit(
        asdict(done) | {"until": done.until.isoformat()},
        lambda: f"{'・'.join(done.people)}の二人に、{done.until:%H:%M} まで表示します（記録番号 {done.entry}）。",
    )


@app.command("act")
def act(
    alert: Alert,
    verb: Annotated[Act, typer.Argument(help="confirm 一次確認とする、watch 見守りを続ける、dismiss 対象外とする")],
    keyfile: KeyFile,
    reason: Annotated[str | None, typer.Option(help="理由コード。省くと、選べるコードを示して終わります")] = None,
) -> None:
    """候補について人が決めたことを、理由とともに記録します。消えることはなく、最後に記録したものが状態になります。"""
    database, by = acting(keyfile)
    recorded = act_on(database, alert, verb, reason, by, adopted_now(database))
    emit(asdict(recorded), lambda: f"{recorded.alert} を「{STATE_LABELS[recorded.state]}」として記録しました。")


def _plain(item: Item) -> dict[str, Any]:
    return asdict(item) | {"child_id": str(item.child_id), "since": str(item.since), "as_of": str(item.as_of)}


def _category(item: Item) -> str:
    check = "・要データ確認" if item.data_check and item.category != "要データ確認" else ""
    return f"{item.category}の候補{check}"


def _head(item: Item) -> str:
    return f"{_category(item)}（{STATE_LABELS[item.state]}、{item.since} から）"


def _listed(item: Item) -> str:
    return "\n".join([f"{item.alert or '―'}  {_head(item)}", *(f"  ・{reason.text}" for reason in item.reasons)])


def _document(shown: Shown) -> dict[str, Any]:
    detail = shown.detail
    return _plain(detail.item) | {
        "ranks": asdict(detail.ranks),
        "person": shown.person,
        "masked": list(MASKED_ITEMS) if shown.masked else [],
        "protection": shown.protection,
        "actions": [asdict(action) | {"at": action.at.isoformat()} for action in detail.actions],
        "look": detail.look,
    }


def _told(shown: Shown) -> str:
    item, person = shown.detail.item, shown.person
    lines = [
        _head(item),
        f"氏名 {person['name'] or '―'}（{person['kana'] or '―'}）　生年月日 {person['birth'] or '―'}　学年 {person['grade'] or '―'}",
    ]
    if shown.masked:
        lines.append(f"住所・学校・保護者: {MASKED[shown.protection]}")
    else:
        lines.append(
            f"住所 {person['address'] or '―'}　学校 {person['school'] or '―'}　保護者 {person['guardian'] or '―'}"
        )
        if shown.protection != "none":
            lines.append("支援措置による制限を、二人の同意により一時的に外しています。ほかに伝えないでください。")
    return "\n".join([*lines, *_evidence(item), *_history(shown.detail)])


def _evidence(item: Item) -> list[str]:
    return [
        f"・{reason.text}" + "".join(f"\n    {each.feed} {each.file} {each.line}行目" for each in reason.sources)
        for reason in item.reasons
    ]


def _history(detail: Detail) -> list[str]:
    return [
        f"{action.at:%Y-%m-%d} {ACT_LABELS[action.verb]}（{action.reason}、{action.person}）"
        for action in detail.actions
    ]
