"""Publishes a run: an alert for each child it calls for, each under its own permit, in chunks of one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from models.judgement.alerting import ALERTED, Earlier, Signal, split
from schemas.errors import HeldError, UsageError
from services.gate import Request, check, decide, receiving_office, record_refusal
from services.gate.releases import released_by
from services.gate.suspended import barred
from services.platform.database import Database
from services.platform.lock import exclusive
from services.platform.queries import queries
from services.publication.alerts import Candidate, Run, add_alerts

CHUNK = 500  # alerts a transaction: the log's head is locked for as long
ITEMS = ("judgement.category", "judgement.data_check", "judgement.reasons")
CLASSES = ("children_0_18",)


@dataclass
class PublishReport:
    """What became of the run's candidates.

    unchanged:   their alert stands as it is
    conditions:  what the gate refused for, as (code, sentence)
    """

    run: str
    published: int = 0
    unchanged: int = 0
    refused: int = 0
    conditions: list[tuple[str, str]] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        """As the command line prints it."""
        conditions = [{"code": code, "text": text} for code, text in self.conditions]
        return {
            "run": self.run, "published": self.published, "unchanged": self.unchanged, "refused": self.refused,
            "conditions": conditions,
        }  # fmt: skip


def publish_run(database: Database, *, run: str | None = None) -> PublishReport:
    """Publish a run (None: the one judged last) to the office that the approval names.

    Raises HeldError for a run held by the guard and UsageError for a trial or an unknown run. What the gate refuses is
    in the report, logged; nothing of it is published.
    """
    with exclusive(database, "publish"):
        with database.connect("publisher") as conn:
            found = _run(conn, run)
            candidates, unchanged = _candidates(conn, found)
            report = PublishReport(found.name, unchanged=unchanged)
            conn.commit()
            let = _publish_chunks(conn, database, found, candidates, report)
        if not candidates:
            report.conditions = _refused_at_all(database, found)
            let = not report.conditions
        if let:
            _confirm(database, found)
    return report


def _run(conn: Connection[Any], run: str | None) -> Run:
    if run is None:
        newest = conn.execute(queries("services.publication")["newest_run"]).fetchone()
        if newest is None:
            raise UsageError("公表できる判定がまだありません。先に `mimamori judge --as-of 日付` を実行してください。")
        run = str(newest[0])
    row = conn.execute(queries("services.publication")["run"], {"run": run}).fetchone()
    if row is None:
        raise UsageError(f"判定 {run} は見つかりません。`mimamori run list` で確かめてください。")
    name, as_of, status, rules, overtaken = row
    if status == "trial":
        raise UsageError(f"判定 {run} は試算のため公表できません。")
    if status == "held" and len(released_by(conn, name)) < 2:
        raise HeldError(
            f"判定 {run} は候補の割合が上限を超えたため保留中です。二人の `mimamori run release {run}` を待っています。"
        )
    if overtaken:
        raise UsageError(f"判定 {run} より新しい判定がすでに公表されています。古い判定は公表できません。")
    return Run(name, as_of, rules)


def _candidates(conn: Connection[Any], run: Run) -> tuple[list[Candidate], int]:
    """Children with a new alert, and how many have theirs unchanged."""
    rows = conn.execute(
        queries("services.publication")["signals"], {"run": run.name, "alerted": list(ALERTED)}
    ).fetchall()
    candidates = {row[0]: Candidate(row[0], row[1], Signal(row[2], row[3], frozenset(row[4]))) for row in rows}
    earlier = {
        row[0]: Earlier(Signal(row[1], row[2], frozenset(row[3])), row[4] == "dismiss")
        for row in conn.execute(queries("services.publication")["earlier"])
    }
    new, unchanged = split({child: candidate.signal for child, candidate in candidates.items()}, earlier)
    return [candidates[child] for child in new], len(unchanged)


def _refused_at_all(database: Database, run: Run) -> list[tuple[str, str]]:
    """What the gate would refuse publishing for although nothing is new: logged, for the attempt was made."""
    with database.connect("publisher") as conn:
        request = _request(run, None, _office(conn, database))
        conditions = check(conn, request, today=database.clock.today())
    if conditions:
        record_refusal(database, "publisher", request, conditions)
    return conditions


def _confirm(database: Database, run: Run) -> None:
    """Say of each 速報 that still stands whether this run says the same; once a run, and only where the gate lets it be published."""
    with database.connect("publisher") as conn:
        asked = {"run": run.name, "barred": list(barred(conn))}
        conn.execute(queries("services.publication")["confirm"], asked)


def _office(conn: Connection[Any], database: Database) -> str | None:
    return receiving_office(conn, act="publish", role="publisher", today=database.clock.today())


def _publish_chunks(
    conn: Connection[Any], database: Database, run: Run, candidates: Sequence[Candidate], report: PublishReport
) -> bool:
    """Chunk by chunk. False, with the rest refused, where the gate lets nothing be published."""
    unchanged = report.unchanged
    for start in range(0, len(candidates), CHUNK):
        if not _publish_chunk(conn, database, run, candidates[start : start + CHUNK], report):
            report.refused = len(candidates) - report.published - (report.unchanged - unchanged)
            return False
    return True


def _publish_chunk(
    conn: Connection[Any], database: Database, run: Run, chunk: Sequence[Candidate], report: PublishReport
) -> bool:
    """One transaction: decisions, entries, alerts, outbox. False, with nothing published, where the gate refuses all of it."""
    chunk, overtaken = _not_overtaken(conn, run, chunk)
    report.unchanged += overtaken
    today, office = database.clock.today(), _office(conn, database)
    at_all = _request(run, None, office)
    conditions = check(conn, at_all, today=today)
    requests = [_request(run, candidate, office) for candidate in chunk]
    if conditions:
        conn.rollback()
        record_refusal(database, "publisher", next(iter(requests), at_all), conditions)
        report.conditions = list(conditions)
        return False
    decisions = decide(conn, requests, today=today)
    permitted = [(each, made) for each, made in zip(chunk, decisions, strict=True) if not made.failed]
    add_alerts(conn, run, permitted, office=office, now=database.clock.now())
    conn.commit()
    report.published += len(permitted)
    report.refused += len(chunk) - len(permitted)
    failed = {condition for decision in decisions for condition in decision.failed}
    report.conditions = sorted({*report.conditions, *failed})
    return True


def _not_overtaken(conn: Connection[Any], run: Run, chunk: Sequence[Candidate]) -> tuple[Sequence[Candidate], int]:
    """Those of whom no 速報 knows more than the run, and how many others; asked late, for events do not wait for a run."""
    asked = {"run": run.name, "children": [candidate.child for candidate in chunk]}
    ahead = {child for (child,) in conn.execute(queries("services.publication")["overtaken"], asked).fetchall()}
    left = [candidate for candidate in chunk if candidate.child not in ahead]
    return left, len(chunk) - len(left)


def _request(run: Run, candidate: Candidate | None, office: str | None) -> Request:
    return Request(
        act="publish",
        items=ITEMS,
        classes=CLASSES,
        recipient=office,
        role="publisher",
        rules=run.rules,
        child=None if candidate is None else candidate.child,
        judgement=None if candidate is None else candidate.judgement,
    )
