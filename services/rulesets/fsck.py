"""Checks the adoptions of rule sets against signatures and log, and official runs against what was adopted on their day."""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from services.gate.words import people_now
from services.ledger.fault import Fault
from services.platform.queries import queries
from services.rulesets.standing import adopted, signatures


def check_rules(conn: Connection[Any]) -> Iterator[Fault]:
    """Every contradiction, in the caller's transaction."""
    people = people_now(conn)
    for row in signatures(conn):
        if not row.signed(people):
            yield Fault(
                "ADOPTION_NOT_SIGNED",
                "判定ルールの採用に、役割を持つ登録された者の有効な署名がありません。",
                index=row.entry,
            )
    for (entry,) in conn.execute(queries("services.rulesets")["adoption_lost"]):
        yield Fault("ADOPTION_MISSING", "記録にある判定ルールの採用が残っていません。", index=entry)
    for (entry,) in conn.execute(queries("services.rulesets")["adoption_unlogged"]):
        yield Fault("ADOPTION_NOT_LOGGED", "判定ルールの採用が、その採用の記録と結び付いていません。", index=entry)
    for run, digest, day in conn.execute(queries("services.rulesets")["judged_by"]):
        if adopted(conn, day).digest() != digest:
            yield Fault(
                "RUN_BY_OTHER_RULES", f"{day} に採用されていた判定ルールによる判定ではありません。", id=f"run {run}"
            )
