"""Acts in an emergency: from a permitted look at one child each condition is broken alone, then each pair."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from models.legality.decide import decide
from models.legality.profile import shipped_profiles
from models.legality.verdict import Verdict
from models.legality.view import ApprovalView, choose_approval
from schemas.records.approval import Approval, Council, State, read_approval
from schemas.records.request import ActRequest

FILE = read_approval((Path(__file__).parents[2] / "infra" / "demo" / "approval-1.toml").read_text("utf-8"))
TODAY = date(2020, 9, 1)
LOOK = ActRequest(
    act="look",
    items=("person.name", "judgement.category"),
    role="caseworker",
    classes=("children_0_18",),
    purpose="child_support",
    child_named=True,
    actor_roles=frozenset({"caseworker"}),
    emergency="自宅で重いけがをしているとの通報",
)
EMERGENCY = read_approval((Path(__file__).parents[2] / "infra" / "demo" / "approval-emergency.toml").read_text("utf-8"))
CLAUSES = {  # an item that an urgent act fits → its profile
    "chiba/8-1-3": "chiba-city-8-1",
    "nishinomiya/12-2-4": "nishinomiya-12",
}


def _view(clause_id: str, **changes: Any) -> ApprovalView:
    """An approval for emergencies under one clause, all that it demands found but the emergency itself."""
    profile = shipped_profiles()[CLAUSES.get(clause_id, clause_id)]
    clause = profile.clause(clause_id)
    assert clause is not None
    finding = FILE.approval.findings[0]
    findings = tuple(
        finding.model_copy(update={"code": demand.code, "answer": "none" if demand.code == "rights" else "yes"})
        for demand in clause.demands
        if demand.code != "emergency"
    )
    fields = {name: getattr(FILE.approval, name) for name in Approval.model_fields}
    fields |= {"profile": profile.id, "clause": clause_id, "findings": findings, "emergency": True, "with_clauses": ()}
    council: Council | None = FILE.council
    return ApprovalView(
        document=Approval.model_construct(**fields | changes), digest=b"", state=State.IN_FORCE, council=council, revoked=False,
        drafted_by="drafter", submitted_by="drafter", heard_by="hearer",
    )  # fmt: skip


def _decided(view: ApprovalView, **changes: Any) -> Verdict:
    profile = shipped_profiles()[view.document.profile]
    return decide(LOOK.model_copy(update=changes), view, profile, today=TODAY)


def _codes(verdict: Verdict) -> set[str]:
    return {condition.code.value for condition in verdict.failed}


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_look_that_cannot_wait_rests_on_its_own_written_reason(clause: str) -> None:
    assert _codes(_decided(_view(clause))) == set()


def test_the_demos_approval_lets_a_caseworker_look_and_nobody_else() -> None:
    view = replace(_view("chiba/8-1-3"), document=EMERGENCY.approval, council=EMERGENCY.council)
    profile = shipped_profiles()["appi-69"]
    for role, codes in (("caseworker", set()), ("publisher", {"RECIPIENT_NOT_COVERED"})):
        verdict = decide(LOOK.model_copy(update={"role": role, "runs_done": 0}), view, profile, today=date(2026, 9, 1))
        assert _codes(verdict) == codes
        assert verdict.obligations == ()


Break = Callable[[dict[str, Any], dict[str, Any]], None]
BREAKS: dict[str, Break] = {
    "EMERGENCY_NO_CHILD": lambda request, document: request.update(child_named=False),
    "EMERGENCY_NO_PERSON": lambda request, document: request.update(actor_roles=None),
    "EMERGENCY_NOT_COVERED": lambda request, document: document.update(emergency=False),
    "PERSON_NOT_ALLOWED": lambda request, document: request.update(actor_roles=frozenset({"auditor"})),
    "REVIEW_OVERDUE": lambda request, document: request.update(review_overdue=True),
    "DUTY_OVERDUE": lambda request, document: request.update(duties_overdue=frozenset({"YEARLY_FORM"})),
}


NOT_TOGETHER = {("EMERGENCY_NO_PERSON", "PERSON_NOT_ALLOWED")}  # whoever acts without the role is there
PAIRS = [pair for pair in combinations(BREAKS, 2) if pair not in NOT_TOGETHER]


@pytest.mark.parametrize("broken", [*((code,) for code in BREAKS), *PAIRS], ids="+".join)
def test_what_is_broken_alone_or_together_gives_just_its_codes(broken: tuple[str, ...]) -> None:
    request: dict[str, Any] = {}
    document: dict[str, Any] = {}
    for code in broken:
        BREAKS[code](request, document)
    verdict = _decided(_view("chiba/8-1-3", **document), **request)
    assert _codes(verdict) == set(broken)
    assert all(condition.text and condition.mend for condition in verdict.failed)


@pytest.mark.parametrize("reason", ["", " ", "\n\u3000"])
def test_an_emergency_without_a_reason_meets_neither_the_product_nor_the_clause(reason: str) -> None:
    assert _codes(_decided(_view("chiba/8-1-3"), emergency=reason)) == {"EMERGENCY_NO_REASON", "FINDING_MISSING"}


def test_no_standing_finding_says_that_something_cannot_wait() -> None:
    finding = FILE.approval.findings[0].model_copy(update={"code": "emergency", "answer": "yes"})
    findings = (*_view("chiba/8-1-3").document.findings, finding)
    ordinary = _decided(_view("chiba/8-1-3", findings=findings, emergency=False), emergency=None)
    assert _codes(ordinary) == {"FINDING_MISSING"}


def test_a_clause_that_no_urgent_act_fits_names_the_law_to_turn_to() -> None:
    view = replace(
        _view("chiba/8-1-3"), document=FILE.approval.model_copy(update={"emergency": True})
    )  # 心身の保護又は生活の支援: not a word of 緊急
    verdict = _decided(view)
    assert _codes(verdict) == {"EMERGENCY_CLAUSE"}
    assert "通告" in verdict.failed[0].mend


def test_an_overdue_review_bars_no_ordinary_act() -> None:
    view = replace(_view("chiba/8-1-3"), document=FILE.approval)
    assert _codes(_decided(view, emergency=None, review_overdue=True)) == set()


def test_approvals_for_emergencies_are_chosen_for_these_alone() -> None:
    ordinary, urgent = replace(_view("chiba/8-1-3"), document=FILE.approval), _view("chiba/8-1-3")
    for views in ((ordinary, urgent), (urgent, ordinary)):
        assert choose_approval(views, act="look", today=TODAY) is ordinary
        assert choose_approval(views, act="look", today=TODAY, emergency=True) is urgent
    assert choose_approval((ordinary,), act="look", today=TODAY, emergency=True) is ordinary
