"""What permits oblige to, and acts in an emergency: each duty and review as its entry has it, signed, and in time."""

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg import Connection

from schemas.records.person import Role
from services.gate.duties import done_said
from services.gate.emergencies import review_said
from services.gate.words import Word, holds, people_now
from services.ledger.fault import Fault
from services.ledger.fsck import LogCheck
from services.platform.queries import queries

# Query beside this module (its faults' kind, in lower case) → what it means.
TEXTS: Mapping[str, str] = {
    "duty_differs": "義務の内容が、それを生じさせた許可の記録と異なります。",
    "permit_without_duty": "許可に伴う義務が残っていません。",
    "duty_done_without_entry": "義務が果たされたことになっていますが、その記録がありません。",
    "emergency_not_reviewed": "緊急時の行為が、期日までに別の職員に確認されていません。",
    "review_by_same": "緊急時の行為をした者が、自ら確認したことになっています。",
    "review_differs": "緊急時の行為の確認が、その記録と異なります。",
}


def check_obligations(conn: Connection[Any], log: LogCheck) -> Iterator[Fault]:
    """What contradicts the entries that were read into pg_temp.shown, what nobody signed, and what nobody reviewed in time."""
    sql = queries("services.gate.fsck")
    for kind, text in TEXTS.items():
        for index, about in conn.execute(sql[kind], {"unreadable": log.unreadable}).fetchall():
            yield Fault(kind.upper(), text, index=index, id=about)
    people = people_now(conn)
    for index, duty, code, *word in conn.execute(sql["duties_done"]).fetchall():
        if not holds(Word(*word), done_said(duty, code, word[0]), people, tuple(Role)):
            text = "義務を果たしたことに、登録された者の有効な署名がありません。"
            yield Fault("DUTY_NOT_SIGNED", text, index=index, id=f"duty {duty}")
    for index, decision, finding, *word in conn.execute(sql["reviews"]).fetchall():
        if not holds(Word(*word), review_said(decision, finding, word[0]), people, tuple(Role)):
            text = "緊急時の行為の確認に、登録された者の有効な署名がありません。"
            yield Fault("REVIEW_NOT_SIGNED", text, index=index, id=str(decision))
