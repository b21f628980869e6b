"""Logged looks at a run's judgements, by keys and without names, and the release of a held run by two persons."""

import hashlib
from typing import Any
from uuid import UUID

import rfc8785
from psycopg import Connection

from models.judgement.sentences import sentence
from schemas.errors import HeldError, UsageError
from schemas.records.person import Role
from schemas.records.release import RELEASERS, released
from schemas.rules import RuleSet
from services.gate import Request, act
from services.gate.people import Person, require_role
from services.gate.suspended import barred
from services.judgement.main import CLASSES
from services.judgement.report import JudgeReport
from services.judgement.store import find_run
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.queries import queries
from services.platform.seal import give_seal
from services.rulesets.registry import rules_of

ITEMS = (
    "judgement.child_id", "judgement.economic", "judgement.nurturing", "judgement.poverty", "judgement.t", "judgement.d1",
    "judgement.d2", "judgement.change", "judgement.learning", "judgement.scales", "judgement.absence",
    "judgement.noncognitive", "judgement.w", "judgement.raw_category", "judgement.category", "judgement.data_check",
    "judgement.reasons",
)  # fmt: skip
COLUMNS = (
    "child_id", "economic", "nurturing", "poverty", "t", "d1", "d2", "change", "learning", "scales", "absence",
    "noncognitive", "w", "raw_category", "category", "data_check", "reasons",
)  # fmt: skip


def look_at_run(
    database: Database, run: str, by: Person, *, child: UUID | None = None, emergency: str | None = None
) -> dict[str, Any]:
    """A run with its manifest and what it said of each child (or of one); one entry of the log a call.

    Scores have one decimal, absent values are None. Raises UsageError for an unknown run or child.

    emergency: the written reason why a look at one child cannot wait; a second person reviews it within three days
    """
    require_role(by, Role.ANALYST, Role.AUDITOR)
    request = Request(
        act="look", items=ITEMS, classes=CLASSES[:1], person=by.person, role="analyst", child=child, emergency=emergency
    )
    with act(database, role="analyst", request=request) as permit:
        report = find_run(permit.conn, run)
        manifest = permit.conn.execute(queries("services.judgement")["manifest"], {"run": run}).fetchone()
        assert manifest is not None
        found = _judgements(permit.conn, run, child, rules_of(permit.conn, manifest[0]))
        if child is not None and not found:
            raise UsageError(f"判定 {run} にこの子どもはいません。")
        permit.record(count=len(found), detail={"run": run, "child": None if child is None else str(child)})
    return report.json() | {"manifest": manifest[0], "judgements": found}


def release_run(database: Database, run: str, by: Person) -> JudgeReport:
    """One person's release of a held run; the second, by another person, makes it official.

    Raises HeldError after the first, for the run still waits; UsageError for a run that is not held. A person who
    releases again changes nothing.
    """
    require_role(by, *RELEASERS)
    with database.connect("analyst") as conn:
        report = find_run(conn, run)
        if not report.held and not report.releases:
            raise UsageError(f"判定 {run} は保留されていません。")
        if not _released(conn, run, by):
            _release(conn, released(run, report.root, by.person), by)
        report = find_run(conn, run)
    if report.held:
        raise HeldError(f"判定 {run} の解除を記録しました。もう一人の解除を待っています。")
    return report


def _release(conn: Connection[Any], said: dict[str, str], by: Person) -> None:
    """Seal, entry and row of one person's signed word. The database counts rows alone; `log fsck` names one that nobody signed."""
    statement = rfc8785.dumps(said)
    seal = give_seal(conn, "release")
    detail = said | {"statement": hashlib.sha256(statement).hexdigest()}
    entry = append(conn, Entry("run.release", clear={"root": said["root"]}, detail=detail))
    row = said | {"seal": seal, "entry": entry, "statement": statement, "signature": by.sign(statement)}
    conn.execute(queries("services.judgement")["release"], row)


def _released(conn: Connection[Any], run: str, by: Person) -> bool:
    asked = {"run": run, "person": by.person}
    return conn.execute(queries("services.judgement")["released_by"], asked).fetchone() is not None


def _judgements(conn: Connection[Any], run: str, child: UUID | None, rules: RuleSet) -> list[dict[str, Any]]:
    files = {batch: (feed, file) for batch, feed, file in conn.execute(queries("services.judgement")["files"])}
    rows = conn.execute(queries("services.judgement")["judgements"], {"run": run, "child": child}).fetchall()
    suspended = barred(conn)  # whoever was suspended since is not looked at
    return [_shown(dict(zip(COLUMNS, row, strict=True)), files, rules) for row in rows if row[0] not in suspended]


def _shown(row: dict[str, Any], files: dict[int, tuple[str, str]], rules: RuleSet) -> dict[str, Any]:
    scales = {code: _score(t) for code, t in row["scales"].items() if t is not None}
    scores = {name: _score(row[name]) for name in ("t", "d1", "d2")}
    reasons = [
        {
            "code": reason["code"],
            "text": sentence(reason, rules),
            "sources": [_source(each, files) for each in reason["sources"]],
        }
        for reason in row["reasons"]
    ]
    return row | scores | {"child_id": str(row["child_id"]), "scales": scales, "reasons": reasons}


def _score(tenths: int | None) -> float | None:
    """One decimal; a tenth has a float that prints as it is."""
    return None if tenths is None else tenths / 10


def _source(source: list[int], files: dict[int, tuple[str, str]]) -> dict[str, Any]:
    feed, file = files[source[0]]
    return {"feed": feed, "file": file, "line": source[1]}
