"""Pages for a council: Jinja templates with one style, no script, nothing from outside, good on paper."""

import csv
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined

from services.council.table import Table, csv_rows, numeric, shown

SHARED = "services.council"  # whose style and tables every page has


def paper(package: str) -> Environment:
    """Templates of `package`, and beside them the shared ones."""

    def load(name: str) -> str:
        own = resources.files(package) / "templates" / name
        return (own if own.is_file() else resources.files(SHARED) / "templates" / name).read_text("utf-8")

    environment = Environment(loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["shown"] = shown
    environment.tests["numeric"] = numeric
    return environment


def write_csv(folder: Path, table: Table) -> str:
    """A table as a CSV file of its name. With a byte order mark: spreadsheets in city offices read it without being asked."""
    name = f"{table.name}.csv"
    with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(csv_rows(table))
    return name
