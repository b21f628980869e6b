"""The queue without names: what stands in it, who may look, what people decide."""

import json
from collections.abc import Callable
from datetime import date

import pytest

from schemas.errors import RefusedError, UsageError
from schemas.rules import load_default
from services.approvals.main import revoke
from services.casework.items import Source, UnknownAlertError
from services.casework.look import look
from services.casework.queue import act_on, list_queue, take_up
from services.platform.database import Database
from services.publication.main import publish_run
from services.publication.relay import relay
from tests.factories_casework import (
    AUDITOR,
    CASEWORKER,
    Child,
    Judged,
    alert_of,
    entries,
    judge,
    load,
    person,
    publish,
    reason,
    settle,
)

RULES = load_default()
HOGO = reason("E3_HOGO", day="2024-05-01")
NO_TAX = reason("EX_NO_TAX", count=2026)


@pytest.fixture
def child(database: Database) -> Child:
    """One candidate of 重点支援Ⅰ in the queue."""
    found = Child()
    settle(database, [found])
    judge(database, [Judged(found, reasons=[HOGO])])
    publish(database)
    return found


def test_an_empty_queue_is_a_logged_look_too(database: Database) -> None:
    settle(database, [])
    before = len(entries(database))
    listing = list_queue(database, CASEWORKER, RULES)
    assert listing.items == ()
    assert listing.entry == before == len(entries(database)) - 1


def test_the_gravest_come_first_and_every_kind_of_alert_is_there(database: Database) -> None:
    children = [Child() for _ in range(5)]
    settle(database, children)
    kinds = [("要データ確認", True), ("見守りⅠ", True), ("重点支援Ⅱ", False), ("重点支援Ⅰ", False), ("見守りⅡ", False)]
    judge(
        database,
        [
            Judged(child, category, [NO_TAX if check else HOGO], data_check=check)
            for child, (category, check) in zip(children, kinds, strict=True)
        ],
    )
    publish(database)
    found = list_queue(database, CASEWORKER, RULES).items
    assert [(item.category, item.data_check, item.state) for item in found] == [
        ("重点支援Ⅰ", False, "new"),
        ("重点支援Ⅱ", False, "new"),
        ("見守りⅠ", True, "new"),
        ("要データ確認", True, "new"),
    ]
    (watched,) = list_queue(database, CASEWORKER, RULES, watch=True).items
    assert (watched.child_id, watched.category, watched.alert) == (children[4].child_id, "見守りⅡ", None)


def test_reasons_are_sentences_that_lead_to_rows_of_files(database: Database) -> None:
    child = Child()
    settle(database, [child])
    hogo, tests = load(database, "seikatsu_hogo", "hogo.csv"), load(database, "academic", "gakuryoku.csv")
    low = reason("T_40_45", (tests, 7), (tests, 9), tenths=421)
    judge(database, [Judged(child, reasons=[reason("E3_HOGO", (hogo, 12), day="2024-05-01"), low, NO_TAX])])
    publish(database)
    (item,) = list_queue(database, CASEWORKER, RULES).items
    assert [(each.code, each.text) for each in item.reasons] == [
        ("E3_HOGO", "世帯に生活保護の受給があります(開始 2024年5月1日)"),
        ("T_40_45", "学力調査の平均偏差値が 42.1 で、やや低い区分です"),
        ("EX_NO_TAX", "2026 年度の課税区分がなく、経済状況を判定できません"),
    ]
    assert [each.sources for each in item.reasons] == [
        (Source("seikatsu_hogo", "hogo.csv", 12),),
        (Source("academic", "gakuryoku.csv", 7), Source("academic", "gakuryoku.csv", 9)),
        (),
    ]


def test_what_was_handed_on_is_taken_up_once(database: Database) -> None:
    child = Child()
    settle(database, [child])
    judge(database, [Judged(child, reasons=[HOGO])])
    publish_run(database, run="R1")
    assert take_up(database) == 0
    assert relay(database) == 1
    assert [take_up(database), take_up(database)] == [1, 0]
    assert relay(database) == 0


def test_a_list_shows_no_person_and_its_entry_none_either(database: Database, child: Child) -> None:
    listing = list_queue(database, CASEWORKER, RULES)
    entry = json.loads(entries(database)[listing.entry])
    assert (entry["act"], entry["decision"], entry["role"]) == ("look", "permit", "casework")
    alerts = ["alert.category", "alert.reasons"]
    assert entry["items"] == [*alerts, "judgement.category", "judgement.data_check", "judgement.reasons"]
    for text in (json.dumps(entry), repr(listing.items)):
        assert child.name not in text
        assert "caseworker" not in text


def test_who_is_no_caseworker_sees_nothing_and_the_refusal_is_logged(database: Database, child: Child) -> None:
    before = len(entries(database))
    for attempt in (
        lambda: list_queue(database, AUDITOR, RULES),
        lambda: look(database, alert_of(database, child), AUDITOR, RULES),
    ):
        with pytest.raises(RefusedError) as refused:
            attempt()
        assert [code for code, _ in refused.value.conditions] == ["ROLE_NOT_HELD"]
    assert [json.loads(entry)["decision"] for entry in entries(database)[before:]] == ["refuse", "refuse"]


def test_a_revoked_approval_ends_every_look_and_names_why(database: Database, child: Child) -> None:
    revoke(database, "approval-2", person(database, "hearer"), reason="試験")
    before = len(entries(database))
    with pytest.raises(RefusedError) as refused:
        list_queue(database, CASEWORKER, RULES)
    assert "APPROVAL_NOT_IN_FORCE" in [code for code, _ in refused.value.conditions]
    assert all(text for _, text in refused.value.conditions)
    assert [json.loads(entry)["decision"] for entry in entries(database)[before:]] == ["refuse"]


@pytest.mark.parametrize(
    ("verb", "code", "state"),
    [
        ("confirm", "FACTS_CONFIRMED", "confirmed"),
        ("watch", "AWAITING_DATA", "watching"),
        ("dismiss", "DATA_ERROR", "dismissed"),
    ],
)
def test_what_a_person_decides_is_the_state(database: Database, child: Child, verb: str, code: str, state: str) -> None:
    alert = alert_of(database, child)
    before = len(entries(database))
    recorded = act_on(database, alert, verb, code, CASEWORKER, RULES)
    assert (recorded.state, recorded.entry) == (state, before)
    assert json.loads(entries(database)[recorded.entry])["kind"] == f"case.{verb}"
    detail = look(database, alert, CASEWORKER, RULES)
    assert detail.item.state == state
    assert [(each.verb, each.reason, each.person, each.entry) for each in detail.actions] == [
        (verb, code, "caseworker", recorded.entry)
    ]


def test_the_last_decision_counts_and_none_is_lost(database: Database, child: Child) -> None:
    alert = alert_of(database, child)
    act_on(database, alert, "dismiss", "NO_NEED", CASEWORKER, RULES)
    act_on(database, alert, "confirm", "SCHOOL_CONFIRMED", CASEWORKER, RULES)
    detail = look(database, alert, CASEWORKER, RULES)
    assert [each.verb for each in detail.actions] == ["dismiss", "confirm"]
    assert detail.item.state == "confirmed"


@pytest.mark.parametrize("code", [None, "NO_SUCH", "DATA_ERROR"])
def test_a_reason_that_does_not_fit_lists_those_that_do(database: Database, child: Child, code: str | None) -> None:
    before = len(entries(database))
    with pytest.raises(UsageError, match="OFFICE_CONFIRMED  担当課の見立てと一致した"):
        act_on(database, alert_of(database, child), "confirm", code, CASEWORKER, RULES)
    assert len(entries(database)) == before


def test_an_unknown_verb_lists_those_that_there_are(database: Database, child: Child) -> None:
    with pytest.raises(UsageError, match="confirm、watch、dismiss"):
        act_on(database, alert_of(database, child), "close", "DATA_ERROR", CASEWORKER, RULES)


def test_who_is_no_caseworker_decides_nothing(database: Database, child: Child) -> None:
    with pytest.raises(RefusedError):
        act_on(database, alert_of(database, child), "confirm", "FACTS_CONFIRMED", AUDITOR, RULES)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda database: look(database, "no-such-alert", CASEWORKER, RULES),
        lambda database: act_on(database, "no-such-alert", "confirm", "FACTS_CONFIRMED", CASEWORKER, RULES),
    ],
)
def test_an_unknown_alert_is_said_to_be_unknown(database: Database, attempt: Callable[[Database], object]) -> None:
    settle(database, [])
    before = len(entries(database))
    with pytest.raises(UnknownAlertError):
        attempt(database)
    assert len(entries(database)) == before


def test_a_new_reason_after_a_dismissal_takes_the_alerts_place(database: Database, child: Child) -> None:
    first = alert_of(database, child)
    act_on(database, first, "dismiss", "RESOLVED", CASEWORKER, RULES)
    judge(database, [Judged(child, reasons=[HOGO])], run="R2", as_of=date(2026, 9, 1))
    assert publish(database, "R2").published == 0
    worse = [HOGO, reason("T_LT35", tenths=338)]
    judge(database, [Judged(child, reasons=worse)], run="R3", as_of=date(2026, 9, 1))
    assert publish(database, "R3").published == 1
    (item,) = list_queue(database, CASEWORKER, RULES).items
    assert (item.state, item.since, item.as_of) == ("new", date(2026, 8, 31), date(2026, 9, 1))
    assert item.alert != first
    with pytest.raises(UnknownAlertError):
        look(database, first, CASEWORKER, RULES)


def test_a_trial_or_a_held_run_is_not_watched(database: Database) -> None:
    child = Child()
    settle(database, [child])
    for run, status in (("T1", "trial"), ("H1", "held")):
        judge(database, [Judged(child, "見守りⅠ", [HOGO])], run=run, status=status)
    assert list_queue(database, CASEWORKER, RULES, watch=True).items == ()
    judge(database, [Judged(child, "見守りⅠ", [HOGO])], run="R1")
    assert len(list_queue(database, CASEWORKER, RULES, watch=True).items) == 1
