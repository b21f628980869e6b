"""A logged look at the children whose category changed since the run before, by keys and without names."""

from typing import Any

import polars as pl
from psycopg import Connection

from models.judgement.change import FLAGGED, SAME, changes, flagged
from schemas.errors import UsageError
from schemas.records.person import Role
from services.gate import Request, act
from services.gate.people import Person, require_role
from services.gate.suspended import barred
from services.judgement.chain import official_runs
from services.judgement.changes import CHILD, changes_of, said_by
from services.judgement.main import CLASSES
from services.judgement.store import find_run
from services.platform.bulk import query_frame
from services.platform.database import Database
from services.platform.queries import queries
from services.rulesets.registry import rules_of

ITEMS = ("judgement.child_id", "judgement.category", "judgement.reasons")


def look_at_changes(database: Database, run: str, by: Person) -> dict[str, Any]:
    """The changes of a run in counts, and child by child: from which category to which, reason codes that came and
    went, and whether the child is a candidate for the first time (`first_flagged`).

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
        now = said_by(conn, run)
        changed = changes(now, said_by(conn, document["previous"]), heights)
        suspended = {str(child) for child in barred(conn)}  # whoever was suspended since is not looked at
        changed = changed.filter(pl.col("change") != SAME, ~pl.col("child_id").is_in(suspended))
        marked = changed.join(_first_flagged(conn, run, now), on="child_id", how="left")
        children = marked.with_columns(pl.col("first_flagged").fill_null(value=False)).to_dicts()
        permit.record(count=len(children), detail={"run": run, "previous": document["previous"]})
    return document | {"children": children}


def _first_flagged(conn: Connection[Any], run: str, said: pl.DataFrame) -> pl.DataFrame:
    """child_id, first_flagged (true): candidates of the run whom no official run before it had named."""
    stored = find_run(conn, run)
    earlier = official_runs(conn, as_of=stored.as_of, seal=stored.seal, released_by=None)
    asked = {"runs": [each.run for each in earlier], "flagged": list(FLAGGED)}
    ever = query_frame(conn, queries("services.judgement")["ever"], asked, CHILD)
    return flagged(said).join(ever, on="child_id", how="anti").with_columns(first_flagged=True)
