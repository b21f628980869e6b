"""An approval named by its id is asked as the service asks it: each condition broken alone, then each pair."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from models.legality.explain import History, explain
from models.legality.profile import shipped_profiles
from models.legality.view import ApprovalView
from schemas.records.approval import Approval, ApprovalFile, Opinion, State, read_approval
from schemas.records.explain import ExplainRequest
from tests.examples.table import examples

DEMO = Path(__file__).parents[2] / "infra" / "demo"
OFFICE = "子ども成長見守り室"


@cache
def _file() -> ApprovalFile:
    return read_approval((DEMO / "approval-2.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Named:
    """A request that names an approval, and that approval as it stands."""

    request: dict[str, Any]
    view: ApprovalView
    history: History

    def codes(self) -> set[str]:
        request = ExplainRequest.model_validate_json(json.dumps(self.request))
        return {each.code for each in explain(request, shipped_profiles(), [self.view], self.history).failed}

    def asking(self, group: str, **facts: Any) -> "Named":
        return replace(self, request={**self.request, group: {**self.request[group], **facts}})

    def standing(self, **changes: Any) -> "Named":
        return replace(self, view=replace(self.view, **changes))

    def saying(self, **changes: Any) -> "Named":
        document = self.view.document
        fields = {name: getattr(document, name) for name in Approval.model_fields} | changes
        return self.standing(document=Approval.model_construct(**fields))

    def heard(self, **changes: Any) -> "Named":
        assert self.view.council is not None
        return self.standing(council=self.view.council.model_copy(update=changes))


def _named() -> Named:
    """To look at a category under the demo city's approval of today: permitted."""
    within = next(each.request for each in examples() if each.clause == "appi/61-1" and each.outcome == "permit")
    changes = {"approval": "approval-2", "act": "look", "date": "2026-09-01", "extra": {}}
    file = _file()
    view = ApprovalView(file.approval, file.digest, State.IN_FORCE, file.council, False, "drafter", "drafter", "hearer")
    named = Named(within | changes, view, History({("approval-2", 1): 0}))
    return named.asking("data", items=["judgement.category"]).asking("parties", user_office=OFFICE)


BREAKS: dict[str, Callable[[Named], Named]] = {
    "APPROVAL_NOT_IN_FORCE": lambda n: n.standing(state=State.SUBMITTED),
    "APPROVAL_SIGNATURE": lambda n: n.standing(signed=False),
    "OUTSIDE_PERIOD": lambda n: n.saying(period_to=date(2026, 8, 31)),
    "ACT_NOT_COVERED": lambda n: n.saying(acts=("collect",)),
    "ITEMS_NOT_COVERED": lambda n: n.asking("data", items=["judgement.category", "resident.income"]),
    "RECIPIENT_NOT_COVERED": lambda n: n.asking("parties", user_office="広報課"),
    "RUNS_USED_UP": lambda n: replace(
        n.saying(max_runs=2, recurrence="臨時"), history=History({("approval-2", 1): 3}, n.history.overdue)
    ),
    "DUTY_OVERDUE": lambda n: replace(n, history=History(n.history.runs, {"approval-2": frozenset({"NOTIFY_PERSON"})})),
    "CLAUSE_INCOMPLETE": lambda n: n.saying(with_clauses=()),
    "FINDING_MISSING": lambda n: n.saying(findings=n.view.document.findings[1:]),
    "COUNCIL_NOT_HEARD": lambda n: n.heard(opinion_on=date(2026, 9, 2)),
    "COUNCIL_AGAINST": lambda n: n.heard(opinion=Opinion.ADVERSE),
    "HEARD_BY_DRAFTER": lambda n: n.standing(heard_by="drafter"),
}


def test_what_the_named_approval_covers_is_permitted() -> None:
    assert _named().codes() == set()


@pytest.mark.parametrize("code", BREAKS)
def test_each_condition_of_the_service_broken_alone_gives_its_code_alone(code: str) -> None:
    assert BREAKS[code](_named()).codes() == {code}


def test_two_conditions_of_the_service_broken_give_just_the_two_codes() -> None:
    for one, other in combinations(BREAKS, 2):
        assert BREAKS[other](BREAKS[one](_named())).codes() == {one, other}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda n: n.standing(revoked=True), "APPROVAL_NOT_IN_FORCE"),
        (lambda n: n.standing(council=None), "COUNCIL_NOT_HEARD"),
        (lambda n: n.asking("parties", user_office=None), "RECIPIENT_NOT_COVERED"),
        (lambda n: n.asking("parties", user_office=" "), "RECIPIENT_NOT_COVERED"),
        (lambda n: n.asking("data", items=["resident.birth", "judgement.category", "link.review"]), None),
        (lambda n: n.asking("data", items=["judgement.category", "report.counts"]), None),
        (lambda n: n.asking("data", items=["person.name", "resident.birth"]), "RECIPIENT_NOT_COVERED"),
        (lambda n: n.saying(profile="minoh-support-purpose"), "PROFILE_OTHER"),
        (lambda n: n.saying(clause="appi/69-2-9", with_clauses=()), "CLAUSE_UNKNOWN"),
        (lambda n: replace(n, request=n.request | {"approval": "nobody-holds-this"}), "NO_APPROVAL"),
        (lambda n: n.asking("grounds", emergency="imminent").asking("extra", written_reason="x"), "EMERGENCY_NOT_COVERED"),
        (lambda n: n.saying(emergency=True), "EMERGENCY_ONLY"),
    ],
)  # fmt: skip
def test_a_named_approval_that_stands_otherwise(change: Callable[[Named], Named], code: str | None) -> None:
    codes = change(_named()).codes()
    assert code in codes if code else not codes


def test_runs_that_nobody_counted_are_used_up() -> None:
    twice = _named().saying(max_runs=2, recurrence="臨時")
    assert twice.codes() == set()
    assert replace(twice, history=History()).codes() == {"RUNS_USED_UP"}
    assert replace(twice, history=History()).asking("extra", runs_done=1).codes() == set()
    assert replace(twice, history=History({("approval-2", 1): 3})).asking("extra", runs_done=0).codes() == {
        "RUNS_USED_UP"
    }


def test_an_act_that_only_the_law_has_a_word_for_is_asked_for_all_but_the_act() -> None:
    use = _named()
    assert replace(use, request=use.request | {"act": "use"}).codes() == set()
    assert BREAKS["RECIPIENT_NOT_COVERED"](replace(use, request=use.request | {"act": "use"})).codes() == {
        "RECIPIENT_NOT_COVERED"
    }
