"""From what each clause permits, every condition is broken alone, then each pair: exactly those codes are listed."""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from models.legality.explain import Explained, explain
from models.legality.explain.conditions import REQUEST_CONDITIONS
from models.legality.explain.situation import Situation
from models.legality.profile import Clause, Demand, Profile, shipped_profiles
from schemas.records.explain import ExplainRequest
from tests.examples.table import examples

Change = Mapping[str, Any]  # path → the value that breaks a condition

OF_THE_REQUEST: dict[str, tuple[str, Change]] = {  # condition → its code, and what breaks it
    "attributes_stated": ("ATTRIBUTE_MISSING", {"aim.purpose": None}),
    "parties_agree": ("PARTIES_DISAGREE", {"parties.recipient_kind": "same-body", "parties.user_body": "別の委員会"}),
    "decided_by_holder": ("DECIDED_BY", {"parties.decided_by": "審議会"}),
    "approved": ("NO_APPROVAL", {"approval": "none"}),
    "items_approved": ("ITEMS_NOT_COVERED", {"extra.approved_items": ["別の項目"]}),
    "items_needed": ("ITEMS_NOT_NEEDED", {"extra.needed_items": ["別の項目"]}),
    "period_holds": ("OUTSIDE_PERIOD", {"extra.approval_period": "1999-04-01/2000-03-31"}),
    "runs_left": ("RUNS_USED_UP", {"extra.approval_runs": 1, "extra.runs_done": 1}),
    "person_not_suspended": ("PERSON_SUSPENDED", {"limits.person_flag": "suspension"}),
    "whereabouts_protected": (
        "ADDRESS_PROTECTED",
        {"limits.person_flag": "address-protection", "data.items": ["住所"]},
    ),
    "tax_secret_lifted": ("TAX_SECRET", {"parties.holder_office": "市民税課"}),
    "not_against": ("COUNCIL_AGAINST", {"council.opinion_result": "adverse"}),
    "units_inside": ("INSIDE_ONLY", {"extra.inside_only": ["別の課"]}),
}
URGENT: Change = {"grounds.emergency": "imminent", "extra.written_reason": "同居の者による暴力が続いている"}
OF_URGENCY: dict[str, tuple[str, Change]] = {  # the same, asked only of what cannot wait
    "one_person_meant": ("EMERGENCY_NO_CHILD", {"extra.targets_individuals": "no"}),
    "reason_written": ("EMERGENCY_NO_REASON", {"extra.written_reason": None}),
    "review_to_come": ("EMERGENCY_NO_REVIEW", {"extra.second_review": "no"}),
}
ELSEWHERE = {"named_approval_covers"}  # broken in test_explain_named.py
DERIVED: dict[str, Change] = {  # what breaks a demand on a fact that is derived
    "derived.within": {"aim.within": "no", "aim.change_related": "no"},
    "derived.registered": {"aim.registered": None},
}
OTHERWISE: dict[str, Change] = {  # where null would break more than the demand
    "DECIDED_BY": {"parties.decided_by": "別の長"},
    "COUNCIL_BODY": {"council.opinion_body": "鹿屋市の別の審査会"},
}
RECIPIENTS = (
    "derived.kind",
    "derived.receiver",
    "parties.recipient_kind",
)  # broken by the lawyer's table: each has its own near misses


def _permitted() -> dict[str, dict[str, Any]]:
    """The first act of the lawyer's table that each clause permits."""
    found: dict[str, dict[str, Any]] = {}
    for example in examples():
        if example.outcome == "permit":
            found.setdefault(example.clause, example.request)
    return found


PERMITTED = _permitted()
CLAUSES = {clause.id: (profile, clause) for profile in shipped_profiles().values() for clause in profile.clauses}


def _changed(request: dict[str, Any], change: Change) -> dict[str, Any]:
    changed = deepcopy(request)
    for path, value in change.items():
        group, _, key = path.partition(".")
        if key:
            changed[group][key] = value
        else:
            changed[group] = value
    return changed


def _explained(request: dict[str, Any]) -> Explained:
    return explain(ExplainRequest.model_validate_json(json.dumps(request)), shipped_profiles())


def _codes(request: dict[str, Any], change: Change) -> set[str]:
    return {failed.code for failed in _explained(_changed(request, change)).failed}


def _breaks(clause_id: str) -> dict[str, Change]:
    """What breaks each demand that the permitted act is asked: none of its facts stated."""
    request, (profile, clause) = PERMITTED[clause_id], CLAUSES[clause_id]
    breaks: dict[str, Change] = {}
    for demand in clause.demands:
        paths = [fact.path for fact in demand.facts]
        if not any(path in RECIPIENTS for path in paths) and _asked(demand, request, profile):
            breaks[demand.code.upper()] = OTHERWISE.get(demand.code.upper()) or _break(demand, paths)
    return breaks | _breaks_of_clause(clause)


def _breaks_of_clause(clause: Clause) -> dict[str, Change]:
    """What breaks the conditions that every clause sets."""
    breaks: dict[str, Change] = {}
    if clause.valid_to is not None:
        breaks["CLAUSE_EXPIRED"] = {"date": str(clause.valid_to + timedelta(days=1))}
    if "恒常" not in clause.recurrence:
        breaks["STANDING_USE"] = {"extra.scheduled": "yes"}
    if clause.my_number == "no":
        breaks["MY_NUMBER"] = {"data.my_number": "yes"}
    return breaks


def _break(demand: Demand, paths: list[str]) -> Change:
    change: dict[str, Any] = {}
    for path in paths:
        change |= DERIVED.get(path, {path: None})
    if demand.heard is not None:
        change |= {"council.opinion_scope": ["処理" if demand.heard.on == "persons" else "対象者"]}
    if demand.law:
        change |= {"grounds.law": None}
    return change


def _asked(demand: Demand, request: dict[str, Any], profile: Profile) -> bool:
    situation = Situation(ExplainRequest.model_validate_json(json.dumps(request)), profile)
    return bool(demand.facts or demand.law or demand.heard) and (not demand.when or situation.any_holds(demand.when))


@pytest.mark.parametrize("clause", PERMITTED)
def test_what_is_broken_starts_from_a_permit(clause: str) -> None:
    answer = _explained(PERMITTED[clause])
    assert (answer.outcome, answer.failed, answer.fits) == ("permit", (), ())


def test_every_condition_of_the_request_is_broken_here() -> None:
    assert {ask.__name__ for ask in REQUEST_CONDITIONS} == set(OF_THE_REQUEST) | set(OF_URGENCY) | ELSEWHERE


ALONE = [
    pytest.param(clause, {code}, change, id=f"{clause}-{code}")
    for clause in PERMITTED
    for code, change in _breaks(clause).items()
]


@pytest.mark.parametrize(("clause", "codes", "change"), ALONE)
def test_a_demand_that_nothing_satisfies_is_the_only_code(clause: str, codes: set[str], change: Change) -> None:
    assert _codes(PERMITTED[clause], change) == codes


def _together(first: Change, second: Change) -> bool:
    """Whether both can be broken at once: no fact is needed in two ways."""
    return all(first[path] == second[path] for path in first.keys() & second.keys())


@pytest.mark.parametrize("clause", PERMITTED)
def test_two_demands_that_nothing_satisfies_are_the_only_codes(clause: str) -> None:
    _assert_pairs(PERMITTED[clause], list(_breaks(clause).items()))


INSIDE = ["minoh/support", "appi/69-2-2", "chiba/8-1-4", "himeji/9-1-4", "nishinomiya/12-2-2"]


@pytest.mark.parametrize("clause", INSIDE)
@pytest.mark.parametrize("condition", OF_THE_REQUEST)
def test_a_condition_of_the_request_broken_alone_is_the_only_code(clause: str, condition: str) -> None:
    code, change = OF_THE_REQUEST[condition]
    assert _codes(PERMITTED[clause], change) == {code}


@pytest.mark.parametrize("clause", INSIDE)
def test_two_conditions_broken_are_the_only_codes(clause: str) -> None:
    _assert_pairs(PERMITTED[clause], [*OF_THE_REQUEST.values(), *_breaks(clause).items()])


@pytest.mark.parametrize("clause", INSIDE)
def test_what_cannot_wait_is_asked_for_all_of_that_and_more(clause: str) -> None:
    urgent = _changed(PERMITTED[clause], URGENT)
    assert _codes(urgent, {}) == set()
    for code, change in OF_URGENCY.values():
        assert _codes(urgent, change) == {code}
    others = [broken for name, broken in OF_THE_REQUEST.items() if name != "approved"]  # it may go without
    _assert_pairs(urgent, [*OF_URGENCY.values(), *others, *_breaks(clause).items()])


def _assert_pairs(request: dict[str, Any], broken: list[tuple[str, Change]]) -> None:
    for (code, change), (other, second) in combinations(broken, 2):
        if _together(change, second):
            assert _codes(request, {**change, **second}) == {code, other}, (code, other)
