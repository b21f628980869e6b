"""A logged look at the children whose category changed since the run before, by keys and without names."""

from typing import Any

import polars as pl

from models.judgement.change import SAME, changes
from schemas.errors import UsageError
from schemas.records.person import Role
from services.gate import Request, act
from services.gate.people import Person, require_role
from services.gate.suspended import barred
from services.judgement.changes import changes_of, said_by
from services.judgement.main import CLASSES
from services.platform.database import Database
from services.platform.queries import queries
from services.rulesets.registry import rules_of

ITEMS = ("judgement.child_id", "judgement.category", "judgement.reasons")


def look_at_changes(database: Database, run: str, by: Person) -> dict[str, Any]:
    """The changes of a run in counts, and child by child: from which category to which, reason codes that came and went.

    Children whose category has the same height as before are not listed. Raises UsageError where no run came before.
    """
    require_role(by, Role.ANALYST, Role.AUDITOR)
    request = Request(act="look", items=ITEMS, classes=CLASSES[:1], person=by.person, role="analyst")
    with act(database, role="analyst", request=request) as permit:
        conn = permit.conn
        document = changes_of(conn, run)
        if document["previous"] is None:
            raise UsageError(f"判定 {run} には、比べる前回の正式な判定がありません。")
        manifest = conn.execute(queries("services.judgement")["manifest"], {"run": run}).fetchone()
        assert manifest is not None
        heights = rules_of(conn, manifest[0]).heights
        changed = changes(said_by(conn, run), said_by(conn, document["previous"]), heights)
        suspended = {str(child) for child in barred(conn)}  # whoever was suspended since is not looked at
        changed = changed.filter(pl.col("change") != SAME, ~pl.col("child_id").is_in(suspended))
        children = changed.to_dicts()
        permit.record(count=len(children), detail={"run": run, "previous": document["previous"]})
    return document | {"children": children}
