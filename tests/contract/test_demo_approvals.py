"""The demo's approvals name every column of every contract: a canonical folder loads after them with nothing more."""

from pathlib import Path

import pytest

from models.legality.profile import shipped_profiles
from schemas.feeds import FEEDS
from schemas.records.approval import Approval, read_approval
from schemas.records.request import CHILD_SUPPORT, Act
from schemas.rules import load_default

DEMO = Path(__file__).parents[2] / "infra" / "demo"
APPROVALS = [read_approval((DEMO / f"approval-{number}.toml").read_text("utf-8")).approval for number in (1, 2)]
SOKUHO = read_approval((DEMO / "approval-sokuho.toml").read_text("utf-8")).approval


@pytest.mark.parametrize("approval", APPROVALS, ids=lambda approval: approval.id)
def test_every_column_is_named(approval: Approval) -> None:
    named = set(approval.items)
    contracts = {f"{feed}.{c.name}" for feed, contract in FEEDS.items() for c in contract.columns if c.of is None}
    assert named == contracts


@pytest.mark.parametrize("approval", APPROVALS, ids=lambda approval: approval.id)
def test_every_act_the_purpose_and_the_default_rules_are_covered(approval: Approval) -> None:
    assert set(approval.acts) == set(Act) - set(SOKUHO.acts)
    assert approval.purpose_code == CHILD_SUPPORT
    assert load_default().version in approval.rule_sets


@pytest.mark.parametrize("approval", APPROVALS, ids=lambda approval: approval.id)
def test_intake_may_collect_every_column(approval: Approval) -> None:
    collected = [items for (_, role, act), items in approval.received.items() if (role, act) == ("intake", Act.COLLECT)]
    assert collected == [frozenset(approval.items)]


def test_events_have_an_approval_of_their_own() -> None:
    assert set(SOKUHO.acts) == {Act.JUDGE_EVENT, Act.PUBLISH_EVENT}
    assert (SOKUHO.purpose_code, SOKUHO.rule_sets) == (CHILD_SUPPORT, (load_default().version,))
    assert set(SOKUHO.item_codes) <= set(APPROVALS[1].item_codes)


@pytest.mark.parametrize("approval", [*APPROVALS, SOKUHO], ids=lambda approval: approval.id)
def test_the_clauses_demands_are_all_met(approval: Approval) -> None:
    profile = shipped_profiles()[approval.profile]
    answers = {finding.code: finding.answer for finding in approval.findings}
    for clause_id in (approval.clause, *approval.with_clauses):
        clause = profile.clause(clause_id)
        assert clause is not None
        asked = [
            demand for demand in clause.demands if demand.answers
        ]  # of an approval; the others ask a request alone
        assert asked
        assert all(answers[demand.code] in demand.answers for demand in asked)


def test_the_two_editions_serve_the_same_purpose_with_the_same_items() -> None:
    first, second = APPROVALS
    assert (first.purpose, first.items, first.received) == (second.purpose, second.items, second.received)
    assert (second.period_from - first.period_to).days == 1
