"""The quarterly report to the council: one page and its tables as CSV files, under a decision of its own."""

from datetime import datetime
from pathlib import Path

from schemas.errors import UsageError
from schemas.rules import RuleSet
from services.council.figures import Figures, read_figures
from services.council.folder import new_report, put_in_place, seal_folder
from services.council.page import render
from services.council.paper import write_csv
from services.council.quarter import Quarter, parse_quarter
from services.council.tables import all_tables
from services.gate import Request, act, receiving_office
from services.gate.duties import reported
from services.platform.database import Database
from services.platform.lock import exclusive
from services.rulesets import adopted

PAGE = "report.html"


def report(database: Database, *, quarter: str, out: Path) -> list[Path]:
    """Write the report of a quarter into the folder `out`; returns the page and the CSV files.

    An earlier report there is replaced as a whole; any other folder with files in it is a UsageError. Raises RefusedError
    where no approval covers reporting today, and writes nothing then. The permit's entry, which commits to the digest of
    what was written, follows the entries that are counted: a report does not count itself.
    """
    asked = parse_quarter(quarter)
    if asked.first > database.clock.today():
        raise UsageError(f"{asked.label}はまだ始まっていません。")
    out = out.resolve()
    with (
        exclusive(database, "report"),
        act(database, role="council", request=_request(database)) as permit,
        new_report(out) as folder,
    ):
        rules = adopted(permit.conn, min(asked.last, database.clock.today()))
        names = _write(folder, asked, read_figures(permit.conn, asked), rules, now=database.clock.now())
        decision = permit.record(detail={"quarter": quarter, "files": seal_folder(folder)})
        reported(permit.conn, decision, quarter=asked.first)
        permit.conn.commit()  # files appear only after their entry stands
        put_in_place(folder, out)
    return [out / name for name in names]


def _request(database: Database) -> Request:
    with database.connect("council") as conn:
        office = receiving_office(conn, act="report", role="council", today=database.clock.today())
    return Request(act="report", items=("report.counts",), classes=("children_0_18",), recipient=office)


def _write(folder: Path, quarter: Quarter, figures: Figures, rules: RuleSet, *, now: datetime) -> list[str]:
    tables = all_tables(figures, rules)
    (folder / PAGE).write_text(render(quarter, figures, tables, rules, now=now), "utf-8")
    return [PAGE, *(write_csv(folder, table) for table in tables)]
