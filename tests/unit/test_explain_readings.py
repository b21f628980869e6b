"""How `gate explain` reads the law: which profile, which day, which item, and what stands beside every clause."""

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from models.legality.explain import Explained, explain
from models.legality.profile import read_profile, shipped_profiles
from schemas.records.explain import ExplainRequest

USE: dict[str, Any] = {  # one office of the mayor uses what another holds, once, for another purpose: permitted
    "profile": None,
    "act": "use",
    "date": "2024-06-01",
    "approval": "in-force",
    "parties": {
        "holder_body": "千葉市長",
        "holder_office": "子育て支援課",
        "user_body": "千葉市長",
        "user_office": "学習支援課",
        "recipient_kind": "same-body",
        "recipient": None,
        "decided_by": "千葉市長",
    },
    "aim": {
        "purpose": "学習支援",
        "registered": "手当の支給",
        "within": "no",
        "change_related": "no",
        "recurrence": "臨時",
    },
    "data": {
        "items": ["手当の区分"],
        "special_care": "no",
        "tax_secret": False,
        "my_number": False,
        "form": "identified",
        "electronic": "yes",
    },
    "grounds": {
        "consent": "none",
        "law": None,
        "law_kind": "none",
        "emergency": "none",
        "alternative": "no",
        "duty_needed": "yes",
        "reason": "相当",
        "indispensable": "no",
        "unavoidable": "no",
        "public_interest": "none",
        "statistics": "no",
    },
    "council": {"opinion_body": None, "opinion_date": "", "opinion_result": "none", "opinion_scope": None},
    "limits": {"rights": "none", "person_flag": "none"},
    "extra": {},
}


def asked(**changes: Any) -> Explained:
    """`USE` with changes, keys written group__key."""
    facts = deepcopy(USE)
    for name, value in changes.items():
        group, _, key = name.partition("__")
        if key:
            facts[group][key] = value
        else:
            facts[group] = value
    return explain(ExplainRequest.model_validate(facts), shipped_profiles())


def codes(answer: Explained) -> set[str]:
    return {each.code for each in answer.failed}


@pytest.mark.parametrize(
    ("body", "day", "profile"),
    [
        ("千葉市長", "2024-06-01", "appi-69"),
        ("千葉市教育委員会", "2022-06-01", "chiba-city-8-1"),
        ("千葉市長", "2023-03-31", "chiba-city-8-1"),
        ("千葉市長", "2023-04-01", "appi-69"),
        ("千葉市議会", "2024-06-01", "chiba-assembly-12"),
        ("姫路市長", "2022-06-01", "himeji-9"),
        ("宝塚市長", "2024-06-01", "appi-69"),
    ],
)
def test_the_holders_body_and_the_day_of_the_act_decide_the_profile(body: str, day: str, profile: str) -> None:
    answer = asked(parties__holder_body=body, parties__user_body=body, parties__decided_by=body, date=day)
    assert answer.profile == profile


@pytest.mark.parametrize(("body", "day"), [("市長", "2022-06-01"), ("ある公社", "2024-06-01"), (None, "2024-06-01")])
def test_where_no_profile_can_be_told_nothing_is_permitted(body: str | None, day: str) -> None:
    answer = asked(parties__holder_body=body, date=day)
    assert (answer.outcome, answer.profile, codes(answer)) == ("refuse", None, {"PROFILE_UNKNOWN"})


@pytest.mark.parametrize(
    ("profile", "body"), [("appi-69", "千葉市議会"), ("himeji-9", "千葉市長"), ("chiba-assembly-12", "千葉市長")]
)
def test_a_profile_that_does_not_govern_the_holder_is_refused(profile: str, body: str) -> None:
    assert "PROFILE_OTHER" in codes(asked(profile=profile, parties__holder_body=body))


def test_before_its_first_day_the_act_allows_nothing() -> None:
    city = dict.fromkeys(("parties__holder_body", "parties__user_body", "parties__decided_by"), "宝塚市長")
    answer = asked(**city, date="2022-06-01")
    assert codes(answer) == {"CLAUSE_EXPIRED"}
    assert "施行前" in answer.failed[0].text


def test_an_ordinance_that_ended_refuses_and_names_what_decides_instead() -> None:
    answer = asked(profile="chiba-city-8-1", date="2023-04-01")
    assert codes(answer) == {"CLAUSE_EXPIRED"}
    assert "失効" in answer.failed[0].text
    assert "appi-69" in answer.failed[0].mend


def test_a_clause_that_is_not_held_is_refused_as_such() -> None:
    answer = asked(extra={"clause_claimed": "appi/69-2-9"})
    assert codes(answer) == {"CLAUSE_UNKNOWN"}
    assert answer.failed[0].text.startswith("条文未収録")


@pytest.mark.parametrize(
    "standing",
    [{"aim__recurrence": "恒常"}, {"extra": {"approval_runs": 2, "runs_done": 0}}, {"extra": {"scheduled": "yes"}}],
)
@pytest.mark.parametrize("reason", [{"grounds__reason": "相当"}, {"grounds__consent": "given"}])
def test_standing_use_bars_every_exception_of_69_2_consent_included(
    standing: dict[str, Any], reason: dict[str, Any]
) -> None:
    answer = asked(**standing, **reason)
    assert codes(answer) == {"STANDING_USE"}
    assert "目的の特定・変更（61条）が必要" in answer.failed[0].text


def test_standing_use_within_a_registered_purpose_goes_on() -> None:
    answer = asked(aim__recurrence="恒常", aim__within="yes", aim__registered="学習支援")
    assert (answer.outcome, answer.clauses) == ("permit", ("appi/61-1", "appi/69-1"))


def test_a_purpose_changed_and_registered_beforehand_is_the_purpose() -> None:
    changed = asked(aim__change_related="yes", aim__registered="学習支援", grounds__reason="none")
    assert (changed.outcome, changed.clauses) == ("permit", ("appi/61-1", "appi/69-1"))
    assert asked(aim__change_related="yes", grounds__reason="none").outcome == "refuse"
    assert asked(aim__change_related="arguable", aim__registered="学習支援", grounds__reason="none").outcome == "refuse"


def test_from_one_body_of_a_city_to_another_is_provision_but_use_in_himeji() -> None:
    between = {"parties__user_body": "千葉市教育委員会", "parties__recipient_kind": "other-body-same-city"}
    assert asked(**between).clauses == ("appi/69-2-3",)
    himeji = asked(profile="himeji-9", date="2022-06-01", parties__recipient_kind="other-body-same-city",
                   parties__holder_body="姫路市長", parties__user_body="姫路市教育委員会",
                   parties__decided_by="姫路市長")  # fmt: skip
    assert (himeji.outcome, himeji.clauses) == ("permit", ("himeji/9-1-4",))


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"parties__holder_office": "市民税課"}, "refuse"),
        ({"parties__holder_office": "市民税課", "data__tax_secret": None}, "refuse"),
        ({"parties__holder_office": "市民税課", "grounds__consent": "given"}, "permit"),
        ({"parties__holder_office": "子ども医療費助成課", "data__items": ["非課税世帯"]}, "permit"),
        ({"data__tax_secret": None}, "refuse"),
    ],
)
def test_what_the_tax_office_holds_stays_there_unless_lifted(changes: dict[str, Any], outcome: str) -> None:
    answer = asked(**changes)
    assert answer.outcome == outcome
    assert codes(answer) == ({"TAX_SECRET"} if outcome == "refuse" else set())


def test_urgency_alone_is_no_clause_and_the_path_names_where_to_turn() -> None:
    answer = asked(grounds__emergency="imminent", grounds__reason="none", extra={"written_reason": "yes"})
    assert answer.outcome == "refuse"
    assert any("児童虐待の防止等に関する法律" in each.answer for each in answer.path)


def test_an_urgent_act_under_an_item_goes_on_at_once_and_is_reviewed_in_three_days() -> None:
    answer = asked(grounds__emergency="imminent", approval="none", extra={"written_reason": "本人の生命に危険がある"})
    assert answer.outcome == "permit"
    assert {(duty.code, duty.due_days) for duty in answer.duties} >= {("SECOND_REVIEW", 3), ("FLAG_AND_REPORT", None)}


URGENT: dict[str, Any] = {
    "approval": "none",
    "grounds__emergency": "imminent",
    "extra": {"written_reason": "同居の者による暴力が続いている"},
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"extra": {}}, {"EMERGENCY_NO_REASON", "NO_APPROVAL"}),
        ({"extra": URGENT["extra"] | {"targets_individuals": "no"}}, {"EMERGENCY_NO_CHILD"}),
        ({"extra": URGENT["extra"] | {"targets_individuals": "yes"}}, set()),
        ({"data__form": "abstracted"}, {"EMERGENCY_NO_CHILD"}),
        ({"extra": URGENT["extra"] | {"second_review": "no"}}, {"EMERGENCY_NO_REVIEW"}),
        ({"extra": URGENT["extra"] | {"second_review": "2024-05-31"}}, {"EMERGENCY_NO_REVIEW"}),
        ({"extra": URGENT["extra"] | {"second_review": "2024-06-01"}}, set()),
        ({"extra": URGENT["extra"] | {"second_review": "2024-06-04"}}, set()),
        ({"extra": URGENT["extra"] | {"second_review": "2024-06-05"}}, {"EMERGENCY_NO_REVIEW"}),
        ({"extra": URGENT["extra"] | {"second_review": "yes"}}, set()),
        ({"grounds__emergency": "not-imminent"}, {"NO_APPROVAL"}),
        ({"aim__within": "yes", "grounds__reason": "none"}, {"EMERGENCY_CLAUSE"}),
    ],
)
def test_what_cannot_wait_names_one_person_a_reason_a_review_and_an_item(
    changes: dict[str, Any], expected: set[str]
) -> None:
    assert codes(asked(**URGENT | changes)) == expected


def test_where_no_item_speaks_of_urgency_nothing_goes_without_an_approval() -> None:
    himeji = dict.fromkeys(("parties__holder_body", "parties__user_body", "parties__decided_by"), "姫路市長")
    assert codes(asked(**URGENT | himeji, date="2022-06-01")) == {"EMERGENCY_CLAUSE"}


def test_heard_and_not_against_are_two_codes() -> None:
    claimed = {"profile": "nishinomiya-12", "date": "2022-06-01", "extra": {"clause_claimed": "nishinomiya/12-2-6"}}
    body = {"parties__holder_body": "西宮市長", "parties__user_body": "西宮市長"}
    unheard = codes(asked(**claimed, **body))
    assert "COUNCIL_HEARD" in unheard
    assert "COUNCIL_AGAINST" not in unheard
    opinion = {"opinion_body": "西宮市審議会", "opinion_date": "2022-05-01", "opinion_scope": "すべて"}
    against = codes(asked(**claimed, **body, council=opinion | {"opinion_result": "adverse"}))
    assert "COUNCIL_HEARD" not in against
    assert "COUNCIL_AGAINST" in against


@pytest.mark.parametrize(("rows", "outcome"), [("no", "permit"), ("yes", "refuse"), (None, "refuse")])
def test_statistics_need_no_exception_while_nobody_reads_a_row(rows: str | None, outcome: str) -> None:
    extra = {"targets_individuals": "no", "reads_rows": rows}
    answer = asked(data__form="statistics", grounds__reason="none", extra=extra)
    assert (answer.outcome, answer.clauses) == (outcome, () if outcome == "permit" else answer.clauses)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"act": "judge"}, "TARGETS_INDIVIDUALS"),
        ({"act": "look"}, "TARGETS_INDIVIDUALS"),
        ({"data__my_number": True}, "MY_NUMBER"),
        ({"profile": "chiba-city-8-1"}, "CLAUSE_EXPIRED"),
        ({"data__tax_secret": True}, "TAX_SECRET"),
    ],
)
def test_what_is_no_mere_table_leaves_the_path_of_statistics(changes: dict[str, Any], code: str) -> None:
    extra = {"targets_individuals": "no", "reads_rows": "no"}
    assert code in codes(asked(**{"data__form": "statistics", "grounds__reason": "none", "extra": extra} | changes))


def test_a_refusal_on_the_wrong_item_says_which_would_fit_and_tries_every_item() -> None:
    answer = asked(extra={"clause_claimed": "appi/69-2-4"})
    assert answer.outcome == "refuse"
    assert answer.clauses == ("appi/69-2-4",)
    assert answer.fits == ("appi/69-2-2",)
    assert [item.clause for item in answer.items] == [each.id for each in shipped_profiles()["appi-69"].clauses]


@pytest.mark.parametrize(
    "item",
    ["住所", "保護者の電話", "resident.addr_joined", "gakureibo.school_code", "hoiku.facility_code", "通学先の学校"],
)
def test_protected_persons_whereabouts_stay_and_the_rest_goes_on(item: str) -> None:
    assert codes(asked(limits__person_flag="address-protection", data__items=[item])) == {"ADDRESS_PROTECTED"}
    assert asked(limits__person_flag="address-protection").outcome == "permit"


def test_the_path_asks_use_in_the_flows_order_and_stops_at_the_first_yes() -> None:
    questions = [each.question for each in asked().path]
    order = [next(i for i, q in enumerate(questions) if word in q)
             for word in ("他の法律", "範囲内", "変更", "同意", "例外")]  # fmt: skip
    assert order == sorted(order)
    within = [each.question for each in asked(aim__within="yes").path]
    assert not any("同意" in question for question in within)


def test_every_failing_condition_of_a_clause_carries_its_words() -> None:
    answer = asked(grounds__reason="weak")
    assert codes(answer) == {"REASON"}
    assert answer.failed[0].quote is not None
    assert "相当の理由" in answer.failed[0].quote.text


def test_the_second_edition_asks_for_the_council_as_our_own_rule() -> None:
    facts = {
        "profile": "minoh-support-purpose",
        "parties__holder_body": "箕面市教育委員会",
        "parties__user_body": "箕面市教育委員会",
        "parties__decided_by": "箕面市教育委員会",
        "aim__within": "yes",
        "aim__recurrence": "恒常",
        "aim__registered": "学習支援",
    }
    opinion = {"opinion_body": "箕面市審議会", "opinion_date": "2024-05-01", "opinion_scope": "processing"}
    permitted = asked(**facts, council=opinion | {"opinion_result": "favourable"})
    assert (permitted.outcome, permitted.clauses) == ("permit", ("minoh/support-2",))
    refused = asked(**facts)
    assert codes(refused) == {"COUNCIL_HEARD"}
    assert "本システムの定め" in refused.failed[0].text
    assert codes(asked(**facts, extra={"edition": 1})) >= {"CLAUSE_EXPIRED"}


def test_an_unknown_key_or_a_group_left_out_is_no_request() -> None:
    for facts in (USE | {"reason": "x"}, {key: value for key, value in USE.items() if key != "limits"}):
        with pytest.raises(ValidationError):
            ExplainRequest.model_validate(facts)
    with pytest.raises(ValidationError):
        ExplainRequest.model_validate(USE | {"extra": {"whatever": 1}})


EDITIONS = """
id = "x"
title = "試験"
[[clauses]]
id = "x/1"
title = "第1版"
decides = "実施機関"
valid_from = 2020-01-01
valid_to = 2021-12-31
dates = "試験"
recurrence = ["臨時"]
quotes = [{ text = "第一条", source = "試験条例" }]
[[clauses]]
id = "x/1-b"
edition_of = "x/1"
title = "第2版"
decides = "実施機関"
valid_from = 2022-01-01
dates = "試験"
recurrence = ["臨時"]
quotes = [{ text = "第一条", source = "試験条例" }]
"""


@pytest.mark.parametrize(
    ("begins", "named"),
    [("2021-12-31", "期間が重なっています: x/1"), ("2022-01-02", "期間に空白があります: x/1"), ("2022-01-01", "")],
)
def test_editions_with_a_gap_or_an_overlap_in_time_are_refused_by_name(begins: str, named: str) -> None:
    text = EDITIONS.replace("2022-01-01", begins)
    if named:
        with pytest.raises(ValidationError, match=named):
            read_profile(text)
    else:
        assert len(read_profile(text).clauses) == 2


CHIBA_6: dict[str, Any] = {  # an item that asks for the council, of the day it was in force: permitted
    "date": "2022-06-01",
    "extra": {"clause_claimed": "chiba/8-1-6"},
    "grounds__reason": "none",
    "grounds__public_interest": "special",
    "grounds__unavoidable": "yes",
    "council": {
        "opinion_body": "審議会",
        "opinion_date": "2022-05-01",
        "opinion_result": "favourable",
        "opinion_scope": ["目的", "対象者", "項目"],
    },
}


def test_what_a_council_answered_on_the_act_lets_it_happen() -> None:
    assert codes(asked(**CHIBA_6)) == set()


@pytest.mark.parametrize(
    "change",
    [
        {"opinion_result": None},
        {"opinion_result": "none"},
        {"opinion_scope": ["未定"]},
        {"opinion_scope": ["なし"]},
        {"opinion_scope": ["none"]},
        {"opinion_scope": []},
    ],
)
def test_an_opinion_without_answer_or_subject_is_none(change: dict[str, Any]) -> None:
    assert "COUNCIL_HEARD" in codes(asked(**CHIBA_6 | {"council": CHIBA_6["council"] | change}))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parties__holder_body": "千葉県知事", "profile": "chiba-city-8-1"}, "PROFILE_UNKNOWN"),
        ({"parties__holder_body": "株式会社見守", "profile": "chiba-city-8-1"}, "PROFILE_UNKNOWN"),
        ({"parties__user_body": "千葉市教育委員会", "parties__recipient_kind": "none"}, "PARTIES_DISAGREE"),
        ({"act": "provide"}, "PARTIES_DISAGREE"),
        ({"parties__recipient_kind": "police"}, "PARTIES_DISAGREE"),
        ({"parties__holder_office": "財政局税務部市民税課管理係"}, "TAX_SECRET"),
        ({"data__tax_secret": "yes", "grounds__law": " ", "grounds__law_kind": "obliges"}, "TAX_SECRET"),
        ({"extra": {"approval_period": "令和6年度"}}, "OUTSIDE_PERIOD"),
        ({"extra": {"approval_period": "2026-02-30/2026-03-31"}}, "OUTSIDE_PERIOD"),
        ({"extra": {"approval_runs": 0}}, "RUNS_USED_UP"),
        ({"extra": {"approval_runs": 2}}, "RUNS_USED_UP"),
        ({"parties__user_body": None}, "ATTRIBUTE_MISSING"),
        ({"parties__user_body": " "}, "ATTRIBUTE_MISSING"),
        ({"extra": {"approval_runs": "²"}}, "RUNS_USED_UP"),
        ({"extra": {"approval_runs": "9" * 5000}}, "RUNS_USED_UP"),
        ({"limits__person_flag": "address-protection", "data__items": ["通園先"]}, "ADDRESS_PROTECTED"),
        ({"limits__person_flag": "address-protection", "data__items": ["郵便番号"]}, "ADDRESS_PROTECTED"),
        ({"parties__decided_by": " "}, "ATTRIBUTE_MISSING"),
        ({"aim__purpose": "\u3000"}, "ATTRIBUTE_MISSING"),
        ({"data__items": ["", " "]}, "ATTRIBUTE_MISSING"),
    ],
)
def test_what_is_blank_unreadable_or_contradictory_is_refused(changes: dict[str, Any], code: str) -> None:
    assert code in codes(asked(**changes))


@pytest.mark.parametrize(
    ("body", "decider", "expected"),
    [
        ("千葉市長", "市長", set()),
        ("千葉市長", "こども未来部長", set()),
        ("千葉市長", "千葉市教育委員会", {"DECIDED_BY"}),
        ("千葉市長", "千葉市議会議長", {"DECIDED_BY"}),
        ("千葉市長", "個人情報保護審議会", {"DECIDED_BY"}),
        ("千葉市教育委員会", "教育長", set()),
        ("千葉市教育委員会", "千葉市長", {"DECIDED_BY"}),
    ],
)
def test_the_body_that_holds_the_data_decides(body: str, decider: str, expected: set[str]) -> None:
    parties = {"parties__holder_body": body, "parties__user_body": body, "parties__decided_by": decider}
    assert codes(asked(**parties)) == expected


def test_whose_data_it_is_has_to_be_stated_and_is_missed_once() -> None:
    assert codes(asked(profile="appi-69", parties__holder_body=None)) == {"ATTRIBUTE_MISSING"}


@pytest.mark.parametrize("reason", ["なし", "\u3000", " "])
def test_a_blank_reason_is_none(reason: str) -> None:
    answer = asked(approval="none", grounds__emergency="imminent", extra={"written_reason": reason})
    assert {"NO_APPROVAL", "EMERGENCY_NO_REASON"} <= codes(answer)


def test_no_pipeline_does_without_an_approval_for_being_urgent() -> None:
    urgent = {"written_reason": "同居の者による暴力が続いているため", "scheduled": "yes"}
    answer = asked(approval="none", grounds__emergency="imminent", extra=urgent)
    assert "NO_APPROVAL" in codes(answer)
