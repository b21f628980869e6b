"""The page: who gets in, what every answer carries, what is shown and what is not."""

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from fastapi.routing import APIRoute
from starlette.exceptions import StarletteDeprecationWarning

with warnings.catch_warnings():
    # the client would rather have httpx2, which is not in the lock, and says so when it is imported
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from fastapi.testclient import TestClient

from schemas.errors import RefusedError
from services.approvals.main import revoke
from services.casework.tickets import issue_ticket
from services.console.app import create_app
from services.console.threshold import ENTER
from services.console.visitor import COOKIE
from services.gate.people import revoke_person
from services.platform.database import Database
from tests.factories_casework import (
    AUDITOR,
    CASEWORKER,
    Child,
    Judged,
    alert_of,
    entries,
    judge,
    person,
    protect,
    publish,
    reason,
    revealed,
    settle,
)


@pytest.fixture
def child(database: Database) -> Child:
    """One candidate in the queue."""
    found = Child()
    settle(database, [found])
    judge(database, [Judged(found, reasons=[reason("E3_HOGO", day="2024-05-01")])])
    publish(database)
    return found


@contextmanager
def _client(database: Database) -> Iterator[TestClient]:
    with TestClient(create_app(database), follow_redirects=False) as client:
        yield client


@pytest.fixture
def stranger(database: Database, child: Child) -> Iterator[TestClient]:
    """A browser without a session."""
    with _client(database) as client:
        yield client


@pytest.fixture
def page(database: Database, stranger: TestClient) -> TestClient:
    """A caseworker's browser."""
    assert stranger.get(f"/enter/{issue_ticket(database, CASEWORKER)}").status_code == 303
    return stranger


def _token(page: TestClient, path: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page.get(path).text)
    assert found
    return found[1]


def _routes(database: Database) -> list[tuple[str, str]]:
    routes = [route for route in create_app(database).routes if isinstance(route, APIRoute)]
    return [(method, route.path) for route in routes for method in route.methods]


# == who is there ======================================================================================================


def test_every_route_but_the_door_asks_who_is_there(database: Database, stranger: TestClient) -> None:
    routes = _routes(database)
    assert len(routes) == len(create_app(database).routes) >= 6
    before = len(entries(database))
    for method, path in routes:
        answer = stranger.request(method, path.replace("{alert}", "x").replace("{ticket}", "x"))
        assert answer.status_code == 401, path
        assert "候補です" not in answer.text
    assert len(entries(database)) == before
    assert ("GET", ENTER) in routes


def test_a_link_opens_a_session_and_leaves_no_trace_in_the_address(database: Database, stranger: TestClient) -> None:
    before = len(entries(database))
    answer = stranger.get(f"/enter/{issue_ticket(database, CASEWORKER)}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "max-age=28800" in cookie
    assert '"kind":"case.enter"' in entries(database)[before]
    assert stranger.get("/").status_code == 200


def test_a_link_works_once(database: Database, child: Child) -> None:
    ticket = issue_ticket(database, CASEWORKER)
    with _client(database) as first, _client(database) as second:
        assert first.get(f"/enter/{ticket}").status_code == 303
        refused = second.get(f"/enter/{ticket}")
        assert refused.status_code == 401
        assert "すでに使われた" in refused.text
        assert COOKIE not in second.cookies
        assert first.get("/").status_code == 200


@pytest.mark.parametrize(("time", "status"), [("09:59:59", 303), ("10:00:00", 401)])
def test_a_link_works_for_an_hour(
    database: Database, child: Child, open_at: Callable[[str], Database], time: str, status: int
) -> None:
    ticket = issue_ticket(database, CASEWORKER)
    with _client(open_at(f"2026-09-01T{time}")) as client:
        assert client.get(f"/enter/{ticket}").status_code == status


@pytest.mark.parametrize(("time", "status"), [("16:59:59", 200), ("17:00:00", 401)])
def test_a_session_lasts_a_working_day(
    database: Database, page: TestClient, open_at: Callable[[str], Database], time: str, status: int
) -> None:
    with _client(open_at(f"2026-09-01T{time}")) as later:
        later.cookies.set(COOKIE, page.cookies[COOKIE])
        assert later.get("/").status_code == status


def test_whoever_is_revoked_is_out_at_once(database: Database, page: TestClient) -> None:
    unused = issue_ticket(database, CASEWORKER)
    revoke_person(database, "caseworker", person(database, "admin"))
    assert page.get("/").status_code == 401
    assert page.get(f"/enter/{unused}").status_code == 401


def test_whoever_is_no_caseworker_gets_no_link(database: Database, child: Child) -> None:
    with pytest.raises(RefusedError):
        issue_ticket(database, AUDITOR)


def test_the_database_keeps_hashes_alone(database: Database, page: TestClient) -> None:
    ticket = issue_ticket(database, CASEWORKER)
    with database.connect("casework") as conn:
        rows = conn.execute("SELECT ticket::text FROM casework.ticket").fetchall()
    kept = " ".join(row for (row,) in rows)
    assert len(rows) == 2
    assert page.cookies[COOKIE] not in kept
    assert ticket not in kept


def test_leaving_ends_the_session(page: TestClient) -> None:
    session = page.cookies[COOKIE]
    answer = page.post("/leave", data={"token": _token(page, "/")})
    assert (answer.status_code, "終了しました" in answer.text) == (200, True)
    page.cookies.set(COOKIE, session)
    assert page.get("/").status_code == 401


# == what every answer carries =========================================================================================


def test_every_answer_is_protected(page: TestClient, database: Database, child: Child) -> None:
    for path in ("/", "/watch", f"/candidates/{alert_of(database, child)}", "/candidates/x", "/nowhere", "/enter/x"):
        answer = page.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "<script" not in answer.text
        assert 'lang="ja"' in answer.text
        assert not re.search(r'(src|href|action)="(https?:)?//', answer.text)


def test_a_page_fetched_ahead_is_no_look(database: Database, page: TestClient) -> None:
    before = len(entries(database))
    assert page.get("/", headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 503
    assert len(entries(database)) == before


@pytest.mark.parametrize("data", [{}, {"token": ""}, {"token": "0" * 64}])
def test_a_form_of_another_session_is_refused(
    database: Database, page: TestClient, child: Child, data: dict[str, str]
) -> None:
    alert = alert_of(database, child)
    before = len(entries(database))
    forged = data | {"decision": "confirm:FACTS_CONFIRMED"}
    for path in ("/leave", f"/candidates/{alert}/name", f"/candidates/{alert}/actions"):
        assert page.post(path, data=forged).status_code == 400
    assert len(entries(database)) == before
    assert revealed(database) == 0


def test_an_unforeseen_error_tells_nothing(
    database: Database, page: TestClient, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("見守 花子")

    monkeypatch.setattr("services.console.pages.list_queue", fail)
    answer = page.get("/")
    assert (answer.status_code, "花子" in answer.text) == (500, False)
    written = capfd.readouterr()
    assert "RuntimeError" in written.out + written.err
    assert "花子" not in written.out + written.err


# == what is shown =====================================================================================================


def test_the_list_says_candidates_and_no_names(database: Database, page: TestClient, child: Child) -> None:
    before = len(entries(database))
    text = page.get("/").text
    assert "重点支援Ⅰの候補" in text
    assert "世帯に生活保護の受給があります(開始 2024年5月1日)" in text
    assert f"記録番号 {before}" in text
    assert child.name not in text
    assert str(child.child_id) not in text
    assert "%" not in re.sub(r"<style>.*?</style>|href=\"[^\"]*\"", "", text, flags=re.DOTALL)


def test_an_empty_list_is_no_word_of_comfort(database: Database) -> None:
    settle(database, [])
    with _client(database) as client:
        client.get(f"/enter/{issue_ticket(database, CASEWORKER)}")
        text = client.get("/").text
    assert "いま、確かめていただく候補はありません。" in text
    assert "心配な子どもがいないという意味ではありません" in text


def test_the_list_is_narrowed_by_category_and_state(page: TestClient) -> None:
    assert "当てはまる候補はありません" in page.get("/?state=dismissed").text
    assert "の候補 <small>1人" in page.get("/", params={"category": "重点支援Ⅰ", "state": "new"}).text
    assert page.get("/?state=nonsense").status_code == 400
    assert page.get("/?page=0").status_code == 400


def test_a_long_list_has_pages_and_whole_counts(database: Database) -> None:
    children = [Child() for _ in range(51)]
    settle(database, children)
    judge(database, [Judged(child, reasons=[reason("E3_HOGO", day="2024-05-01")]) for child in children])
    publish(database)
    with _client(database) as client:
        client.get(f"/enter/{issue_ticket(database, CASEWORKER)}")
        first, second, far = (client.get(f"/?page={number}").text for number in (1, 2, 99))
    assert (first.count('class="candidate"'), second.count('class="candidate"')) == (50, 1)
    assert "51人のうち 1–50人目" in first
    assert "51人のうち 51–51人目" in second
    assert "<small>51人</small>" in second
    assert far.count('class="candidate"') == 1


def test_a_candidate_is_opened_without_its_name(database: Database, page: TestClient, child: Child) -> None:
    before = len(entries(database))
    text = page.get(f"/candidates/{alert_of(database, child)}").text
    assert "氏名を表示する（記録されます）" in text
    assert child.name not in text
    assert (len(entries(database)), revealed(database)) == (before + 1, 0)


def test_the_name_comes_by_the_button_and_is_logged(database: Database, page: TestClient, child: Child) -> None:
    path = f"/candidates/{alert_of(database, child)}"
    token = _token(page, path)
    before = len(entries(database))
    text = page.post(f"{path}/name", data={"token": token}).text
    for shown in (child.name, child.kana, child.address, child.guardian, "2016年5月4日", "小5"):
        assert shown in text
    assert f"氏名の閲覧を記録しました（記録番号 {before}）" in text
    assert (len(entries(database)), revealed(database)) == (before + 1, 1)
    assert page.get(f"{path}/name").status_code == 405


def test_a_measure_of_today_masks_on_the_page(database: Database, page: TestClient, child: Child) -> None:
    path = f"/candidates/{alert_of(database, child)}"
    token = _token(page, path)
    protect(database, child.key, start=date(2026, 9, 1))
    text = page.post(f"{path}/name", data={"token": token}).text
    assert text.count("支援措置により表示しません") == 3
    assert child.name in text
    for hidden in (child.address, child.school, child.guardian):
        assert hidden not in text


def test_a_decision_is_recorded_and_shown(database: Database, page: TestClient, child: Child) -> None:
    path = f"/candidates/{alert_of(database, child)}"
    sent = {"token": _token(page, path), "decision": "watch:SCHOOL_WATCHING"}
    answer = page.post(f"{path}/actions", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?recorded=true")
    text = page.get(answer.headers["location"]).text
    assert "判断を記録しました。" in text
    assert "見守り継続" in text
    assert "学校で見守りを続ける" in text


@pytest.mark.parametrize("decision", ["", "watch:", "watch:NO_SUCH", "close:DATA_ERROR"])
def test_a_decision_without_its_reason_is_not_recorded(
    database: Database, page: TestClient, child: Child, decision: str
) -> None:
    path = f"/candidates/{alert_of(database, child)}"
    sent = {"token": _token(page, path), "decision": decision}
    before = len(entries(database))
    assert page.post(f"{path}/actions", data=sent).status_code == 400
    assert len(entries(database)) == before


def test_missing_data_is_named_and_x_stays_x(database: Database) -> None:
    child = Child()
    settle(database, [child])
    lacking = [reason("EX_NO_TAX", count=2026), reason("NX_FEED_MISSING", text="相談・要対協")]
    judge(database, [Judged(child, "要データ確認", lacking, "X", "X", "X", True)])
    publish(database)
    with _client(database) as client:
        client.get(f"/enter/{issue_ticket(database, CASEWORKER)}")
        listed = client.get("/").text
        opened = client.get(f"/candidates/{alert_of(database, child)}").text
    for text in (listed, opened):
        assert "足りないデータ" in text
        assert "2026 年度の課税区分がなく、経済状況を判定できません" in text
        assert "(相談・要対協)" in text
    assert opened.count(">X<small>データ不足で判定できません</small>") == 3


def test_a_refusal_shows_every_condition(database: Database, page: TestClient) -> None:
    revoke(database, "approval-2", person(database, "hearer"), reason="試験")
    answer = page.get("/")
    assert answer.status_code == 403
    assert "APPROVAL_NOT_IN_FORCE" in answer.text
    assert "候補とした理由" not in answer.text


def test_what_the_registers_wrote_is_text(database: Database) -> None:
    child = Child(name="<b>見守</b>", address='"><img src=x>')
    settle(database, [child])
    judge(database, [Judged(child, reasons=[reason("E3_HOGO", day=None)])])
    publish(database)
    with _client(database) as client:
        client.get(f"/enter/{issue_ticket(database, CASEWORKER)}")
        path = f"/candidates/{alert_of(database, child)}"
        text = client.post(f"{path}/name", data={"token": _token(client, path)}).text
    assert "<b>見守" not in text
    assert "<img" not in text
    assert "&lt;b&gt;見守&lt;/b&gt;" in text
