"""The report's page: a Jinja template, no script, nothing from outside, good on paper."""

from dataclasses import dataclass
from datetime import datetime

from models.disclosure import publish
from schemas.rules.ruleset import RuleSet
from services.council.figures import Figures
from services.council.paper import paper
from services.council.quarter import Quarter
from services.council.table import Table
from services.council.tables_of_acts import decided
from services.council.tables_of_people import CANDIDATES

LONGEST = 560  # of a bar, in the picture's own units


@dataclass(frozen=True)
class Bar:
    """One bar. length: of the published count, in the picture's own units."""

    label: str
    count: int
    length: int


def render(quarter: Quarter, figures: Figures, tables: tuple[Table, ...], rules: RuleSet, *, now: datetime) -> str:
    """The page as HTML. now: when the report is made, in Japan."""
    run = figures.official_run
    return paper("services.council").get_template("report.html").render(
        quarter=quarter, figures=figures, tables=tables, rules=rules, digest=rules.digest(), now=now, bars=_bars(figures),
        unfinished=now.date() <= quarter.last, permits=publish(decided(figures, "permit")),
        refusals=publish(decided(figures, "refuse")), run=run, children=None if run is None else publish(run.children),
        waiting=[each.name for each in figures.runs if each.status == "held" and not each.official],
    )  # fmt: skip


def _bars(figures: Figures) -> list[Bar]:
    """Candidates of the last official run by category, from published counts alone; empty where there is no such run."""
    run = figures.official_run
    if run is None:
        return []
    counts = {category: publish(run.categories.get(category, 0)) for category in CANDIDATES}
    longest = max(counts.values()) or 1
    return [Bar(category, count, LONGEST * count // longest) for category, count in counts.items()]
