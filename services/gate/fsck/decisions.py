"""Every decision has its entry and says the same, every permit its act, every act its permit."""

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg import Connection

from services.ledger.fault import Fault
from services.ledger.fsck import LogCheck
from services.platform.queries import queries

# Query beside this module (its faults' kind, in lower case) → what it means.
TEXTS: Mapping[str, str] = {
    "decision_without_entry": "決定が記録にありません。",
    "entry_without_decision": "記録にある決定が残っていません。",
    "decision_differs": "決定の内容が、その記録と異なります。",
    "permit_without_act": "許可に対応する処理がなく、消去の記録もありません。",
    "act_without_permit": "処理に、そのための許可がありません。",
    "permit_used_twice": "一つの許可が複数の処理に使われています。",
    "run_differs": "判定の根（root）、判定ルール、基準日又は実行内容（manifest）が、その記録と異なります。",
    "batch_differs": "取り込んだファイルの内容又は行数が、その記録と異なります。",
    "links_differ": "ひも付けの数が、その記録と異なります。",
    "alert_differs": "通知の内容が、その判定又は記録と異なります。",
    "provisional_differs": "速報の判定ルール、基準日又は拠り所とした判定が、その記録と異なります。",
    "confirmation_differs": "速報の確認の結果が、判定の内容と異なります。",
    "alert_not_handed_on": "通知の送出データがないか、通知と異なります。",
    "time_differs": "決定又は承認の手続の時刻が、その記録と異なります。",
    "opinion_differs": "承認に記された答申が、聴取の記載と異なります。",
    "permit_after_revocation": "登録を取り消された職員に対する許可です。",
    "name_without_look": "閲覧の許可なしに氏名が読み出されています。",
    "permit_outside_force": "承認が効力を持つ前、または失った後の許可です。",
    "change_without_entry": "行われた手続が記録にありません。",
    "entry_without_change": "記録にある手続が残っていません。",
    "person_without_entry": "この職員の登録（鍵と役割）が記録にありません。",
    "person_gone": "記録にある職員の登録が残っていません。",
    "revocation_without_entry": "この職員の登録の取消しが記録にありません。",
    "action_differs": "担当者の判断が、その記録と異なります。",
    "release_differs": "判定の解除が、その記録と異なります。",
    "suspension_differs": "利用停止の手続が、その記録と異なります。",
    "unmasking_differs": "伏せた項目の表示への同意が、その記録と異なります。",
    "unmasked_by_one": "伏せた項目の表示の許可に、二人の同意がありません。",
    "request_differs": "消去の求めが、その記録と異なります。",
    "person_still_registered": "登録を取り消された職員が、取り消されていないことになっています。",
}


def read_entries(conn: Connection[Any], log: LogCheck) -> None:
    """Read into pg_temp.shown what the entries show and what their details say, those that cannot be read left out.

    What rests on an entry and is no decision goes into pg_temp.changed.
    """
    sql = queries("services.gate.fsck")
    for step in ("shown", "shown_index", "shown_analyze", "changed"):
        conn.execute(sql[step], _asked(log))


def check_decisions(conn: Connection[Any], log: LogCheck) -> Iterator[Fault]:
    """What contradicts the entries that were read."""
    sql = queries("services.gate.fsck")
    for kind, text in TEXTS.items():
        for index, about in conn.execute(sql[kind], _asked(log)).fetchall():
            yield Fault(kind.upper(), text, index=index, id=about)


def _asked(log: LogCheck) -> dict[str, list[int]]:
    return {"unreadable": log.unreadable, "unopened": log.unopened, "erased": sorted(log.erased)}
