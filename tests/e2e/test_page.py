"""The page in a real browser: in by a one-time link, through the list to a name and a decision, and out."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from services.casework.tickets import issue_ticket
from services.platform import background
from services.platform.database import Database
from tests.factories_casework import CASEWORKER, Child, Judged, alert_of, judge, load, protect, publish, reason, settle

ROOT = Path(__file__).parents[2]
DESK, PHONE = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)


@pytest.fixture
def child(database: Database) -> Child:
    """One candidate of 重点支援Ⅰ, one of 要データ確認, one that is watched."""
    found, unknown, watched = Child(), Child(), Child()
    settle(database, [found, unknown, watched])
    batch = load(database, "seikatsu_hogo", "hogo.csv")
    lacking = [reason("EX_NO_TAX", count=2026)]
    judge(database, [
        Judged(found, reasons=[reason("E3_HOGO", (batch, 12), day="2024-05-01"), reason("CHANGE_FALL", tenths=-62)]),
        Judged(unknown, "要データ確認", lacking, "X", "X", "X", True),
        Judged(watched, "見守りⅡ", [reason("T_LT35", tenths=338)]),
    ])  # fmt: skip
    publish(database)
    return found


@pytest.fixture
def address(database: Database, child: Child, environ: dict[str, str]) -> Iterator[str]:
    """Where the page is up."""
    command = [sys.executable, "-m", "services.cli.main", "console", "--background"]
    subprocess.run(command, env=os.environ | environ, cwd=ROOT, check=True, capture_output=True, timeout=90)
    running = background.find(database.settings.home, "console")
    assert running is not None
    yield f"http://127.0.0.1:{running.port}"
    background.stop(database.settings.home, "console")


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A browser of its own; whatever it could not fetch or run fails the test."""
    context = browser.new_context(viewport=DESK, locale="ja-JP")
    page = context.new_page()
    troubles: list[str] = []
    page.on("requestfailed", lambda request: troubles.append(f"{request.url}: {request.failure}"))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield page
    context.close()
    assert troubles == []


def _enter(database: Database, tab: Page, address: str) -> None:
    tab.goto(f"{address}/enter/{issue_ticket(database, CASEWORKER)}")
    expect(tab).to_have_url(f"{address}/")


def test_from_the_link_to_a_decision(database: Database, child: Child, address: str, tab: Page) -> None:
    _enter(database, tab, address)
    expect(tab).to_have_title("候補の一覧 | 子ども成長見守り")
    expect(tab.get_by_text("世帯に生活保護の受給があります")).to_be_visible()
    expect(tab.get_by_text(child.name)).to_have_count(0)

    tab.get_by_role("link", name="重点支援Ⅰの候補").click()
    expect(tab.get_by_role("heading", name="重点支援Ⅰの候補")).to_be_visible()
    expect(tab.get_by_text("hogo.csv")).to_be_visible()
    expect(tab.get_by_text("12行目")).to_be_visible()

    tab.get_by_role("button", name="氏名を表示する（記録されます）").click()
    expect(tab.get_by_text(child.name)).to_be_visible()
    assert child.name not in tab.url

    tab.get_by_role("group", name="一次確認とし").get_by_label("学校の見立てと一致した").check()
    tab.get_by_role("button", name="この判断を記録する").click()
    expect(tab.get_by_role("status")).to_have_text("判断を記録しました。")
    expect(tab.get_by_text(child.name)).to_have_count(0)

    tab.get_by_role("link", name="候補の一覧", exact=True).click()
    tab.get_by_role("link", name="一次確認済み 1").click()
    expect(tab.get_by_role("link", name="を開く")).to_have_count(1)

    tab.get_by_role("button", name="終了する").click()
    expect(tab.get_by_role("heading", name="終了しました")).to_be_visible()
    tab.goto(f"{address}/candidates/{alert_of(database, child)}")
    expect(tab.get_by_text("一度だけ使えるリンクが必要です")).to_be_visible()


def test_a_link_opens_one_browser_alone(database: Database, address: str, browser: Browser, tab: Page) -> None:
    ticket = issue_ticket(database, CASEWORKER)
    tab.goto(f"{address}/enter/{ticket}")
    expect(tab).to_have_url(f"{address}/")
    other = browser.new_context().new_page()
    answer = other.goto(f"{address}/enter/{ticket}")
    assert answer is not None
    assert answer.status == 401
    expect(other.get_by_text("すでに使われたか、期限が切れたか")).to_be_visible()
    other.context.close()


def test_an_expired_link_opens_nothing(
    open_at: Callable[[str], Database], child: Child, address: str, tab: Page
) -> None:
    ticket = issue_ticket(open_at("2026-09-01T07:59"), CASEWORKER)
    answer = tab.goto(f"{address}/enter/{ticket}")
    assert answer is not None
    assert answer.status == 401
    expect(tab.get_by_text("期限が切れたか")).to_be_visible()


def test_what_a_measure_hides_is_not_in_the_page(database: Database, child: Child, address: str, tab: Page) -> None:
    protect(database, child.key, start=date(2026, 9, 1))
    _enter(database, tab, address)
    tab.goto(f"{address}/candidates/{alert_of(database, child)}")
    tab.get_by_role("button", name="氏名を表示する").click()
    expect(tab.get_by_text("支援措置により表示しません")).to_have_count(3)
    for hidden in (child.address, child.school, child.guardian):
        assert hidden not in tab.content()


def test_everything_is_reached_by_the_keyboard(database: Database, child: Child, address: str, tab: Page) -> None:
    _enter(database, tab, address)
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="本文へ")).to_be_focused()
    expect(tab.get_by_role("link", name="本文へ")).to_be_in_viewport()
    tab.goto(f"{address}/candidates/{alert_of(database, child)}")
    tab.get_by_role("radio").first.focus()
    tab.keyboard.press("ArrowDown")
    expect(tab.get_by_label("学校の見立てと一致した")).to_be_checked()
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("button", name="この判断を記録する")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("status")).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_is_wider_than_the_screen(
    database: Database, child: Child, address: str, tab: Page, size: ViewportSize
) -> None:
    tab.set_viewport_size(size)
    _enter(database, tab, address)
    for path in ("/", "/watch", f"/candidates/{alert_of(database, child)}", "/candidates/none"):
        tab.goto(address + path)
        assert tab.evaluate("document.documentElement.scrollWidth") == size["width"], path
        assert tab.locator("h1").count() == 1


def test_text_stands_out_enough_from_its_ground(database: Database, child: Child, address: str, tab: Page) -> None:
    """WCAG AA: 4.5 to 1, measured on what the browser computed."""
    _enter(database, tab, address)
    for path in ("/", f"/candidates/{alert_of(database, child)}"):
        tab.goto(address + path)
        faint = tab.evaluate(CONTRAST)
        assert faint == [], path


CONTRAST = """() => {
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const found = parts(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => [e, ...[light(parts(getComputedStyle(e).color)), light(ground(e))].sort((a, b) => b - a)])
    .filter(([, most, least]) => (most + .05) / (least + .05) < 4.5)
    .map(([e]) => e.outerHTML.slice(0, 80));
}"""
