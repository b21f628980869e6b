"""The report's page: a Jinja template, no script, nothing from outside, good on paper."""

from datetime import datetime
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from models.disclosure import publish
from schemas.rules.names import CATEGORIES
from schemas.rules.ruleset import RuleSet
from services.council.figures import Figures
from services.council.quarter import Quarter
from services.council.tables import Table

SHOWN = CATEGORIES[:6]  # 対象外 is no candidate


def render(quarter: Quarter, figures: Figures, tables: list[Table], rules: RuleSet, *, now: datetime) -> str:
    """The page as HTML. now: when the report is made, in Japan."""
    environment = Environment(loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("report.html").render(
        quarter=quarter, figures=figures, tables=tables, rules=rules, digest=rules.digest(), now=now,
        unfinished=now.date() <= quarter.last, bars=_bars(figures), permits=_decided(figures, "permit"),
        refusals=_decided(figures, "refuse"),
    )  # fmt: skip


def _template(name: str) -> str:
    return (resources.files("services.council") / "templates" / name).read_text("utf-8")


def _decided(figures: Figures, decision: str) -> int:
    return publish(sum(row[5] for row in figures.acts if row[1] == decision))


def _bars(figures: Figures) -> list[dict[str, Any]]:
    """Candidates of the newest run by category, as bars: label, published count, width in tenths of a per cent of the longest."""
    if not figures.runs:
        return []
    categories = figures.runs[-1][10]
    counts = {category: publish(categories.get(category, 0)) for category in SHOWN}
    longest = max(counts.values()) or 1
    return [{"label": label, "count": count, "width": 1000 * count // longest} for label, count in counts.items()]
