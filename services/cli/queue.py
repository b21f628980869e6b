"""`mimamori queue`: the caseworkers' alert queue."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.rules.names import Act
from services.casework.items import Item
from services.casework.look import MASKED, MASKED_ITEMS, Detail, Shown, show
from services.casework.queue import act_on, list_queue
from services.casework.states import ACT_LABELS, PROVISIONAL_LABELS, STATE_LABELS, State
from services.casework.unlinked import Report, ReportShown, is_report, show_report
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
        {
            "items": [_plain(item) for item in shown],
            "unlinked": [_reported(report) for report in listing.unlinked],
            "look": listing.entry,
        },
        lambda: (
            "\n\n".join([*map(_report_listed, listing.unlinked), *map(_listed, shown)])
            or "候補はありません。判定の結果が公表されると（mimamori publish）、ここに載ります。"
        ),
    )
    say(f"この閲覧は記録されました（記録番号 {listing.entry}）。")


@app.command("show")
def show_one(alert: Alert, keyfile: KeyFile, emergency: Urgent = None) -> None:
    """一人の候補を氏名とともに示します。閲覧として記録されます。支援措置の対象者の住所・学校・保護者は示しません。

    未連結の通告は、その番号について分かることを示します。
    """
    database, by = acting(keyfile)
    if is_report(database, alert):
        report = show_report(database, alert, by, emergency=emergency)
        emit(_report_document(report), lambda: _report_told(report))
        say(f"この閲覧は記録されました（記録番号 {report.look}）。")
        return
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
    checked = None if item.checked is None else str(item.checked)
    days = {"since": str(item.since), "as_of": str(item.as_of), "checked": checked}
    return asdict(item) | {"child_id": str(item.child_id)} | days


def _reported(report: Report) -> dict[str, Any]:
    received = None if report.received is None else str(report.received)
    return asdict(report) | {"received": received, "at": report.at.isoformat(), "decision": str(report.decision)}


def _category(item: Item) -> str:
    check = "・要データ確認" if item.data_check and item.category != "要データ確認" else ""
    return f"{item.category}の候補{check}"


def _head(item: Item) -> str:
    marks = [STATE_LABELS[item.state], f"{item.since} から"]
    if item.provisional in PROVISIONAL_LABELS:
        marks.insert(0, PROVISIONAL_LABELS[item.provisional])
    return f"{_category(item)}（{'、'.join(marks)}）"


def _report_listed(report: Report) -> str:
    return f"{report.report}  未連結の通告（受理 {report.received or '日不明'}）\n  ・番号が子どもと結び付いていないか、住民として登録されていない人についての虐待通告です。"


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
    item = shown.detail.item
    return "\n".join([_head(item), *_checked(item), *_person(shown), *_evidence(item), *_history(shown.detail)])


def _checked(item: Item) -> list[str]:
    """What became of a 速報."""
    match item.provisional:
        case "waiting":
            return ["出来事ごとの速報です。次の判定がその内容を確かめます。"]
        case "confirmed":
            return [f"速報として知らせ、{item.checked} の判定で確かめられました。"]
        case "not_confirmed":
            return [f"速報として知らせましたが、{item.checked} の判定では同じ内容になりませんでした。"]
    return []


def _report_document(shown: ReportShown) -> dict[str, Any]:
    return _reported(shown.report) | {
        "person": shown.person,
        "known": shown.known,
        "masked": list(MASKED_ITEMS) if shown.masked else [],
        "protection": shown.protection,
        "look": shown.look,
    }


def _report_told(shown: ReportShown) -> str:
    number = f"番号 {shown.person['number'] or '―'}"
    if not shown.known:
        number += "（住民の登録にこの番号の人は見つかっていません）"
    return "\n".join([_report_listed(shown.report), number, *(_person(shown) if shown.known else [])])


def _person(shown: Shown | ReportShown) -> list[str]:
    person = shown.person
    lines = [
        f"氏名 {person['name'] or '―'}（{person['kana'] or '―'}）　生年月日 {person['birth'] or '―'}　学年 {person['grade'] or '―'}"
    ]
    if shown.masked:
        return [*lines, f"住所・学校・保護者: {MASKED[shown.protection]}"]
    lines.append(f"住所 {person['address'] or '―'}　学校 {person['school'] or '―'}　保護者 {person['guardian'] or '―'}")
    if shown.protection != "none":
        lines.append("支援措置による制限を、二人の同意により一時的に外しています。ほかに伝えないでください。")
    return lines


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
