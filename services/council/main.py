"""The quarterly report to the council: one page and its tables as CSV files, under a decision of its own."""

import csv
import shutil
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from schemas.errors import UsageError
from schemas.rules import load_default
from services.council.figures import Figures, read_figures
from services.council.page import render
from services.council.quarter import Quarter, parse_quarter
from services.council.tables import Table, all_tables, csv_rows
from services.gate import Request, act, receiving_office
from services.platform.database import Database

MARK = "report.html"  # a folder that holds this is an earlier report and may be replaced


def report(database: Database, *, quarter: str, out: Path) -> list[Path]:
    """Write the report of a quarter into the folder `out`; returns the files.

    An earlier report there is replaced as a whole; any other folder with files in it is a UsageError. Raises RefusedError
    where no approval covers reporting today, and writes nothing then.
    """
    asked = parse_quarter(quarter)
    if asked.first > database.clock.today():
        raise UsageError(f"{asked.label}はまだ始まっていません。")
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise UsageError(f"{out} には別のファイルがあります。空のフォルダーを指定してください。")
    with database.connect("council") as conn:
        office = receiving_office(conn, act="report", role="council", today=database.clock.today())
    request = Request(act="report", items=("report.counts",), classes=("children_0_18",), recipient=office)
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        with act(database, role="council", request=request) as permit:
            figures = read_figures(permit.conn, asked)
            names = _write(folder, asked, figures, now=database.clock.now())
            permit.record(detail={"quarter": quarter})
        _replace(folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [out / name for name in names]


def _write(folder: Path, quarter: Quarter, figures: Figures, *, now: datetime) -> list[str]:
    rules = load_default()
    tables = all_tables(figures, rules)
    (folder / MARK).write_text(render(quarter, figures, tables, rules, now=now), "utf-8")
    for table in tables:
        _write_csv(folder / f"{table.name}.csv", table)
    return [MARK, *(f"{table.name}.csv" for table in tables)]


def _write_csv(path: Path, table: Table) -> None:
    """UTF-8 with a byte order mark: spreadsheets in city offices read it without being asked for the encoding."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(csv_rows(table))


def _replace(folder: Path, out: Path) -> None:
    """The new report in place of the old; a kill between leaves one of them whole beside."""
    folder.chmod(0o755)
    if out.exists():
        shutil.rmtree(out)
    folder.rename(out)
