"""A run computed again from its manifest, years later, and held against its root line by line.

Everything that was loaded, linked, decided or released after the run's seal is not seen. After an erasure the lines of the erased
stand by their leaves, and the norm set that the run kept stands for the one that can no longer be computed. Engines may differ from
the run's: the report says so and names the lines that came out otherwise.
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import polars as pl
from psycopg import Connection, IsolationLevel

from models.judgement import norms as norm_sets
from models.judgement.line import leaf_hashes
from schemas.errors import MimamoriError
from schemas.records.person import Role
from schemas.rules import RuleSet
from services.gate import Request, act
from services.gate.people import Person, require_role
from services.judgement.chain import Official
from services.judgement.compare import differing, repeated_root, stored_leaves
from services.judgement.compute import Asked, Computed, compute
from services.judgement.look import ITEMS
from services.judgement.main import CLASSES
from services.judgement.repeated import RepeatReport
from services.judgement.store import find_run
from services.platform.database import Database
from services.platform.queries import queries
from services.rulesets.registry import find_rules

DEPENDS = ("batches", "links", "norms", "suspended")  # what the manifest names by digest and a repetition finds again


def repeat_run(
    database: Database,
    run: str,
    by: Person | None = None,
    *,
    partitions: int = 1,
    tell: Callable[[str], None] = lambda _: None,
) -> RepeatReport:
    """Compute a stored run again and compare; a look that is logged and stores nothing.

    by:         an analyst or auditor, who is told whose lines differ; None: the service itself, which is told their positions
    partitions: households are judged in so many parts, at least 1
    tell:       hears of progress
    Raises UsageError for an unknown run, MimamoriError where its rule set or norm set is not kept here.
    """
    if by is not None:
        require_role(by, Role.ANALYST, Role.AUDITOR)
    person = None if by is None else by.person
    request = Request(
        act="look", items=ITEMS, classes=CLASSES[:1], person=person, by_service=by is None, role="analyst"
    )
    with act(database, role="analyst", request=request) as permit:
        find_run(permit.conn, run)
        with database.connect("analyst") as conn:
            conn.isolation_level, conn.read_only = IsolationLevel.REPEATABLE_READ, True
            report = _repeat(conn, run, partitions, tell)
        detail = {"run": run, "repeated_root": report.repeated_root, "same": report.same}
        permit.record(count=report.children, detail=detail)
    return report if by is not None else report.without_children()


def _repeat(conn: Connection[Any], run: str, partitions: int, tell: Callable[[str], None]) -> RepeatReport:
    row = conn.execute(queries("services.judgement")["repeated"], {"run": run}).fetchone()
    assert row is not None
    manifest, root, kept_norms, status, erasures = row
    asked = Asked(
        as_of=date.fromisoformat(manifest["as_of"]),
        known_at=datetime.fromisoformat(manifest["known_at"]),
        rules=_rules(conn, manifest["rules"]["digest"]),
        trial=status == "trial",
    )
    chain = [Official(date.fromisoformat(o["as_of"]), o["run"], o["root"]) for o in manifest["chain"]]
    tell(f"基準日 {asked.as_of}、登録番号 {manifest['seal']} までのデータで判定し直しています。")

    def again(norms: pl.DataFrame | None) -> Computed:
        return compute(conn, asked, seal=manifest["seal"], chain=chain, norms=norms, partitions=partitions)

    repeated = again(None)
    found = json.loads(repeated.manifest)
    if found["norms"] != manifest["norms"] and erasures:
        tell("消去された子どもがいるため、保存してある基準値で判定し直しています。")
        repeated = again(norm_sets.read(kept_norms))
    stored = stored_leaves(conn, run)
    leaves = dict(zip(repeated.lines["child_id"], leaf_hashes(repeated.lines["line"]), strict=True))
    differs = differing(conn, run, stored, leaves, since_erased=bool(erasures))
    return RepeatReport(
        run=run,
        root=root.hex(),
        repeated_root=repeated_root(stored, leaves, differs).hex(),
        children=len(stored),
        erased=tuple(leaf.position for leaf in stored if leaf.child_id is None),
        differs=tuple(differs),
        changed=tuple(name for name in DEPENDS if found[name] != manifest[name]),
        engines=_engines(manifest, found),
    )


def _rules(conn: Connection[Any], digest: str) -> RuleSet:
    found = find_rules(conn, digest)
    if found is None:
        raise MimamoriError(f"この判定のルール（{digest[:16]}）の内容がここにないため、判定し直せません。")
    return found


def _engines(then: dict[str, Any], now: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Versions of code and engines that are not the run's: name → (then, now)."""
    versions = [({"code": each["code"]} | each["engines"]) for each in (then, now)]
    pairs = {name: (str(versions[0][name]), str(versions[1][name])) for name in versions[0]}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
