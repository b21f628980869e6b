"""One report of violence, from the event to the caseworker's page in a real browser, be the child known or not."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from schemas.rules import load_default
from services.casework.tickets import issue_ticket
from services.platform import background
from services.platform.database import Database
from services.publication.main import publish_run
from tests.events import arrive, judged_town, once, report
from tests.factories_casework import CASEWORKER

ROOT = Path(__file__).parents[2]
DESK = ViewportSize(width=1366, height=768)


@pytest.fixture
def page(city_at_work: Database, environ: dict[str, str], browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The list of a town whose official run is published, as a caseworker has it open."""
    judged_town(city_at_work, tmp_path / "town")
    publish_run(city_at_work)
    command = [sys.executable, "-m", "services.cli.main", "console", "--background"]
    subprocess.run(command, env=os.environ | environ, cwd=ROOT, check=True, capture_output=True, timeout=90)
    running = background.find(city_at_work.settings.home, "console")
    assert running is not None
    with browser.new_context(viewport=DESK, locale="ja-JP") as context:
        tab = context.new_page()
        tab.goto(f"http://127.0.0.1:{running.port}/enter/{issue_ticket(city_at_work, CASEWORKER)}")
        yield tab
    background.stop(city_at_work.settings.home, "console")


def test_a_report_of_violence_is_on_the_page_at_once(city_at_work: Database, page: Page) -> None:
    mark = page.get_by_text("速報", exact=True)
    expect(mark).to_have_count(0)
    arrive(city_at_work, "soudan", [report(2), report(99)])
    once(city_at_work)
    page.reload()
    expect(mark).to_have_count(2)
    expect(page.get_by_role("heading", level=2)).to_have_text(
        [re.compile("^未連結の通告"), re.compile("^確かめを待つ速報")]  # who cannot wait comes first
    )
    known = page.get_by_role("listitem").filter(has_text="12か月以内に虐待通告を受理しています")
    known.get_by_role("link").click()
    expect(page.get_by_text("速報です。")).to_be_visible()
    page.go_back()

    unlinked = page.get_by_role("region", name="未連結の通告")
    expect(unlinked.get_by_text("2026年8月30日に受理された虐待通告です。")).to_be_visible()
    unlinked.get_by_role("button").click()
    expect(page.get_by_text("0000000099")).to_be_visible()
    expect(page.get_by_text("住民の登録に、この番号の人は見つかっていません。")).to_be_visible()
    assert "0000000099" not in page.url
    page.get_by_label(next(iter(load_default().queue["confirm"].values()))).first.check()
    page.get_by_role("button", name="この判断を記録する").click()
    expect(page.get_by_text("判断を記録しました。")).to_be_visible()
    expect(unlinked).to_have_count(0)
