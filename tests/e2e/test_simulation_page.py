"""The page of a simulation in a real browser: it reads without script or network, on a desk, a phone and paper."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from models.judgement.kernel import SCALE_COLUMNS
from models.simulation.difference import GROUPS
from models.simulation.outcomes import OUTCOMES
from schemas.rules import load_default
from schemas.rules.names import CATEGORIES
from services.simulation.again import Again, PastRun
from services.simulation.comparison import Comparison, compare
from services.simulation.page import render
from services.simulation.tables import all_tables
from tests.rule_text import rules_with

NOW = datetime(2026, 9, 1, tzinfo=UTC)
CHILDREN = 600


def _again(as_of: date, shift: int) -> Again:
    """A run in which child n is in one category after another, shifted for another rule set."""
    children = pl.DataFrame({"child_id": [f"{n:03d}" for n in range(CHILDREN)]}).with_columns(
        pl.Series("category", [CATEGORIES[(n + shift) % len(CATEGORIES)] for n in range(CHILDREN)]),
        pl.lit("E0").alias("economic"),
        pl.lit("N0").alias("nurturing"),
        *(pl.lit(None, dtype=pl.Int32).alias(name) for name in ("t", "absence", *SCALE_COLUMNS)),
    )
    return Again(PastRun(f"run-{as_of}", as_of, NOW, 1), children, held=bool(shift), sources=pl.DataFrame())


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two runs, written as `rules simulate` writes it."""
    days = (date(2026, 1, 31), date(2026, 8, 31))
    after = rules_with(("percent = 4  #", "percent = 5  #"), ("mimamori-default-1.0.0", "city-draft-1"))
    groups = pl.DataFrame({"child_id": [f"{n:03d}" for n in range(CHILDREN)]}).with_columns(
        pl.Series(group, [None if n % 7 == 0 else f"{group}{n % 5}" for n in range(CHILDREN)]) for group in GROUPS
    )
    compared: Comparison = compare(
        load_default(), after, [(_again(day, 0), _again(day, 1)) for day in days], groups=groups,
        outcomes=pl.DataFrame(schema=OUTCOMES), with_casework=True,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("page") / "simulation.html"
    path.write_text(render(compared, all_tables(compared), now=NOW), "utf-8")
    return path


@pytest.mark.parametrize("size", [ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)])
def test_the_page_reads_by_itself_at_every_width(browser: Browser, page: Path, size: ViewportSize) -> None:
    context = browser.new_context(viewport=size, locale="ja-JP", java_script_enabled=True, offline=True)
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    expect(tab).to_have_title("判定ルールの試算 mimamori-default-1.0.0 → city-draft-1")
    expect(tab.get_by_role("heading", name="だれの区分が変わるか")).to_be_visible()
    expect(tab.get_by_role("img")).to_be_visible()
    expect(tab.get_by_text("2回のうち、今のルールで0回、新しい案で2回")).to_be_visible()
    assert asked == [page.as_uri()]
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
        "the page itself never scrolls sideways"
    )
    context.close()


def test_on_paper_no_table_is_cut_off(browser: Browser, page: Path) -> None:
    context = browser.new_context(viewport=ViewportSize(width=700, height=1000), locale="ja-JP")
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.emulate_media(media="print")
    wide = "[...document.querySelectorAll('table')].filter(t => t.scrollWidth > document.body.clientWidth + 1).length"
    assert tab.evaluate(wide) == 0
    context.close()
