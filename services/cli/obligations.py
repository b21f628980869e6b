"""`mimamori gate duties|done|reviews|review`: what permits oblige to, and reviews of acts in an emergency."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import typer

from schemas.errors import UsageError
from services.cli.options import KeyFile, acting
from services.cli.output import emit, table
from services.cli.session import open_database
from services.council.wording import duty_title
from services.gate.duties import Duty, duties, fulfil
from services.gate.emergencies import Emergency, Finding, emergencies, read_reason, review

DUTY_STATES = {"open": "期日前", "overdue": "期限超過", "done": "済み"}
REVIEW_STATES = {
    "waiting": "確認待ち",
    "closed": "期限を過ぎ閉鎖",
    "justified": "妥当",
    "unjustified": "不当",
}


def add_to(app: typer.Typer) -> None:
    """Add these commands to the group `gate`."""
    app.command("duties")(list_duties)
    app.command("done")(done)
    app.command("reviews")(list_reviews)
    app.command("review")(review_one)


def list_duties() -> None:
    """許可に伴う義務を、果たされていないものから期日の順に一覧します。期限を過ぎると、同じ承認による次の処理はできません。"""
    database = open_database()
    today = database.clock.today()
    with database.connect("approvals") as conn:
        found = duties(conn)
    emit(
        {"duties": [_duty(each, today) for each in found]},
        lambda: table(
            ("番号", "承認", "義務", "内容", "担当", "期日", "状態"),
            (
                (
                    d.duty,
                    f"{d.approval} 第{d.version}版",
                    d.code,
                    duty_title(d.code),
                    d.responsible,
                    d.due,
                    DUTY_STATES[d.state(today)],
                )
                for d in found
            ),
            empty="許可に伴う義務はありません。",
        ),
    )


def done(
    duty: Annotated[int, typer.Argument(help="義務の番号（mimamori gate duties）")],
    what: Annotated[str, typer.Option(help="何をしたか（封をして記録します）")],
    keyfile: KeyFile,
) -> None:
    """義務を果たしたことを、署名して記録します。"""
    database, by = acting(keyfile)
    entry = fulfil(database, duty, by, what=what)
    emit({"duty": duty, "entry": entry}, lambda: f"義務 {duty} を果たしたことを記録しました（記録番号 {entry}）。")


def list_reviews() -> None:
    """緊急時の行為と、その確認を一覧します。3日以内に確認されないと、同じ承認による次の緊急時の行為はできません。"""
    database = open_database()
    today = database.clock.today()
    with database.connect("approvals") as conn:
        found = emergencies(conn)
    emit(
        {"reviews": [_emergency(each, today) for each in found]},
        lambda: table(
            ("決定", "承認", "行為をした者", "確認の期日", "状態"),
            ((e.decision, f"{e.approval} 第{e.version}版", e.person, e.due, _review_state(e, today)) for e in found),
            empty="緊急時の行為はありません。",
        ),
    )


def review_one(
    decision: Annotated[UUID, typer.Argument(help="緊急時の決定（mimamori gate reviews）")],
    keyfile: KeyFile,
    finding: Annotated[
        Finding | None,
        typer.Option(help="justified 妥当、unjustified 不当。省くと、緊急の理由を示します（記録されます）"),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="確認の理由（封をして記録します）")] = None,
) -> None:
    """緊急時の行為を、行為をした者とは別の職員が確認します。期日の後でも確認でき、遅れたことが記録されます。"""
    database, by = acting(keyfile)
    if finding is None:
        told = read_reason(database, decision, by)
        emit(
            {"decision": str(decision)} | told,
            lambda: (
                f"緊急の理由: {told['reason'] or '消去されました'}\n対象の子ども: {told['child'] or '消去されました'}"
            ),
        )
        return
    if reason is None:
        raise UsageError("確認の理由を --reason に書いてください。")
    reviewed = review(database, decision, by, finding, reason=reason)
    today = database.clock.today()
    emit(_emergency(reviewed, today), lambda: f"確認を記録しました: {_review_state(reviewed, today)}。")


def _duty(duty: Duty, today: date) -> dict[str, Any]:
    return asdict(duty) | {"text": duty_title(duty.code), "state": duty.state(today)}


def _emergency(emergency: Emergency, today: date) -> dict[str, Any]:
    return asdict(emergency) | {"state": emergency.state(today)}


def _review_state(emergency: Emergency, today: date) -> str:
    return REVIEW_STATES[emergency.state(today)] + ("（期日の後）" if emergency.late else "")
