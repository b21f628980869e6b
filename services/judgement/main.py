"""Judges the city: snapshot, kernel, run manifest and root, in one transaction under one decision."""

import hashlib
from dataclasses import replace
from datetime import date, datetime

from schemas.rules import RuleSet
from services.gate import Request, act
from services.judgement.changes import record_changes
from services.judgement.compute import Asked, compute
from services.judgement.report import JudgeReport
from services.judgement.store import same_again, store_run
from services.platform.database import Database
from services.platform.lock import exclusive
from services.platform.seal import give_seal
from services.rulesets import adopted_now, keep, require_current

ITEMS = (
    "judgement.economic", "judgement.nurturing", "judgement.poverty", "judgement.learning", "judgement.noncognitive",
    "judgement.raw_category", "judgement.category", "judgement.data_check", "judgement.reasons",
)  # fmt: skip
CLASSES = ("children_0_18", "household_members", "guardians", "pupils", "expectant_mothers")


def judge_city(
    database: Database, *, as_of: date, known_at: datetime | None = None, rules: RuleSet | None = None
) -> JudgeReport:
    """Judge every child in scope at the end of `as_of`.

    A run that asks for an earlier known-at, a day to come, or another than the adopted rule set, is a trial. Where nothing that
    bears on the answer has changed since the last run of this day, that run is reported and none is added.
    Raises RefusedError where no approval covers judging today.
    """
    adopted = adopted_now(database)
    chosen = rules or adopted
    earlier = known_at is not None and known_at < database.clock.now()
    ahead = as_of > database.clock.today()
    asked = Asked(as_of, known_at, chosen, earlier or ahead or chosen.digest() != adopted.digest())
    if not asked.trial:
        require_current(chosen, database.clock.today())
    request = Request(act="judge", items=ITEMS, classes=CLASSES, rules=chosen.version)
    if asked.trial:  # never leads to an alert, and needs no approval of its rules
        request = replace(request, act="simulate", rules=None)
    with exclusive(database, "judge"), act(database, role="analyst", request=request) as permit:
        conn = permit.conn
        keep(conn, chosen)
        # The seal comes first: it waits for every load that is committing, and what comes later gets a greater one.
        seal = give_seal(conn, "run")
        with database.beside(conn, "analyst") as beside:
            run = compute(conn, asked, seal=seal, beside=beside)
        root, count = run.root.hex(), run.judged.judgements.height
        depends = {"as_of": as_of.isoformat(), "manifest": hashlib.sha256(run.manifest).hexdigest()}
        same = same_again(conn, run)
        if same is not None:
            conn.rollback()  # the seal too: nothing is added but the entry of the attempt
            permit.record(root=root, count=count)
            return same.as_unchanged()
        report = store_run(conn, run, decision=permit.record(root=root, count=count, detail=depends))
        record_changes(conn, run)
        return report
