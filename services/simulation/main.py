"""`rules simulate`: two rule sets on the city's own past, under a permit to simulate; nothing of it judges anybody."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from psycopg import Connection

from models.disclosure import publish
from schemas.errors import UsageError
from schemas.rules import RuleSet
from services.council.folder import new_report, put_in_place, seal_folder
from services.council.paper import write_csv
from services.council.table import Table
from services.gate import Permit, Request, act, check
from services.judgement.main import CLASSES, ITEMS
from services.platform.database import Database
from services.platform.lock import exclusive
from services.platform.queries import queries
from services.rulesets.named import Named, named
from services.rulesets.registry import keep
from services.rulesets.simulations import record_simulation
from services.simulation.again import Again, PastRun, judge_again, past_runs
from services.simulation.comparison import AFTER, BEFORE, Comparison, compare
from services.simulation.found import outcomes
from services.simulation.groups import groups_of
from services.simulation.page import render
from services.simulation.tables import all_tables

PAGE, FIGURES = "simulation.html", "simulation.json"
GROUP_ITEMS = (
    "resident.sex",
    "resident.jumin_shubetsu",
    "resident.machiaza_id",
    "gakureibo.school_code",
    "soudan.kind",
)
CASEWORK = "alert.state"  # what people found of an alert


@dataclass(frozen=True)
class Simulated:
    """What was compared; counts are published ones. files: the page first."""

    before: RuleSet
    after: RuleSet
    compared: Comparison
    files: list[Path]

    def json(self) -> dict[str, Any]:
        """As the command line prints it."""
        last = self.compared.last
        return {
            "before": _named(self.before),
            "after": _named(self.after),
            "runs": [run.past.run for run in self.compared.runs],
            "children": publish(last.children),
            "changed": publish(last.changed),
            "listed": {which: publish(last.listed(which)) for which in (BEFORE, AFTER)},
            "files": [str(file) for file in self.files],
        }


def simulate(
    database: Database,
    before: str,
    after: str,
    *,
    runs: Sequence[str],
    last: int,
    out: Path,
    tell: Callable[[str], None],
) -> Simulated:
    """Judge past official runs again by two rule sets and write the page into the folder `out`.

    before, after:  a file, or version or digest of a rule set that is known
    runs:           names of official runs; empty = the `last` newest
    Raises UsageError where there is no such run, RefusedError where no approval lets a rule set be tried today.
    """
    out = out.resolve()
    with database.connect("analyst") as conn:
        pair = named(conn, before), named(conn, after)
    request, with_casework = _request(database)
    with (
        exclusive(database, "simulate"),
        act(database, role="analyst", request=request) as permit,
        new_report(out) as folder,
    ):
        compared = _compared(permit.conn, database, pair, runs, last, with_casework, tell)
        tables = all_tables(compared)
        names = _write(folder, compared, tables, page=render(compared, tables, now=database.clock.now()))
        _record(permit, pair, compared, files=seal_folder(folder))
        permit.conn.commit()  # files appear only after their entry stands
        put_in_place(folder, out)
    return Simulated(pair[0].rules, pair[1].rules, compared, [out / name for name in names])


def _request(database: Database) -> tuple[Request, bool]:
    """The act, with what caseworkers found where the approval lets an analyst use it, else without; and which of both."""
    request = Request(act="simulate", items=(*ITEMS, *GROUP_ITEMS), classes=CLASSES, role="analyst")
    wider = replace(request, items=(*request.items, CASEWORK))
    with database.connect("analyst") as conn:
        allowed = not check(conn, wider, today=database.clock.today())
    return (wider if allowed else request), allowed


def _compared(
    conn: Connection[Any], database: Database, pair: tuple[Named, Named], wanted: Sequence[str], last: int,
    with_casework: bool, tell: Callable[[str], None],
) -> Comparison:  # fmt: skip
    before, after = (each.rules for each in pair)
    row = conn.execute(queries("services.simulation")["last_seal"]).fetchone()
    assert row is not None
    seal = int(row[0])
    runs = _chosen(past_runs(conn, seal=seal), wanted, last)
    old = list(judge_again(conn, runs, before, seal=seal, tell=tell))
    new = old if after.digest() == before.digest() else list(judge_again(conn, runs, after, seal=seal, tell=tell))
    tell("後から分かったこととの照合")
    found = outcomes(conn, database, before, seal=seal, with_casework=with_casework)
    pairs: list[tuple[Again, Again]] = list(zip(old, new, strict=True))
    groups = groups_of(conn, old[-1].sources)
    return compare(before, after, pairs, groups=groups, outcomes=found, with_casework=with_casework)


def _chosen(official: Sequence[PastRun], wanted: Sequence[str], last: int) -> list[PastRun]:
    unknown = set(wanted) - {each.run for each in official}
    if unknown:
        listed = "、".join(sorted(unknown))
        raise UsageError(f"正式な判定ではないか、見つかりません: {listed}。mimamori run list で確かめてください。")
    chosen = [each for each in official if each.run in wanted] if wanted else list(official[-last:])
    if not chosen:
        raise UsageError("正式な判定がまだありません。試算は、市の実データでの過去の判定をやり直して行います。")
    return chosen


def _write(folder: Path, compared: Comparison, tables: tuple[Table, ...], *, page: str) -> list[str]:
    (folder / PAGE).write_text(page, "utf-8")
    document = {
        "before": _named(compared.before),
        "after": _named(compared.after),
        "runs": [{"run": run.past.run, "as_of": run.past.as_of.isoformat()} for run in compared.runs],
        "tables": [
            {"name": each.name, "title": each.title, "head": each.head, "rows": [*each.rows, *each.totals]}
            for each in tables
        ],
    }
    (folder / FIGURES).write_text(json.dumps(document, ensure_ascii=False, indent=1, default=str) + "\n", "utf-8")
    return [PAGE, FIGURES, *(write_csv(folder, table) for table in tables)]


def _record(permit: Permit, pair: tuple[Named, Named], compared: Comparison, *, files: str) -> None:
    """The permit's entry commits to both rule sets, the runs and the files; the register of rule sets remembers them."""
    old, new = (keep(permit.conn, each.rules, text=each.text) for each in pair)
    runs = [run.past.run for run in compared.runs]
    detail = {"simulation": {"before": old.hex(), "after": new.hex(), "runs": runs}, "files": files}
    decision = permit.record(count=compared.last.children, detail=detail)
    record_simulation(permit.conn, before=old, after=new, runs=runs, files=bytes.fromhex(files), decision=decision.id)


def _named(rules: RuleSet) -> dict[str, str]:
    return {"version": rules.version, "title": rules.title, "digest": rules.digest()}
