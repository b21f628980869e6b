"""What a permit obliges to: when a duty arises, who sees to it, by when, and what an overdue one bars."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.legality.case import Case
from models.legality.duties import DEFAULT_DUE_DAYS, arising, obligations
from models.legality.fact import Fact
from models.legality.profile import Duty, Profile, shipped_profiles
from models.legality.view import ApprovalView
from schemas.records.approval import Approval, DutyHolder, State, read_approval
from schemas.records.request import ActRequest

FILE = read_approval((Path(__file__).parents[2] / "infra" / "demo" / "approval-1.toml").read_text("utf-8"))
TODAY = date(2020, 9, 1)


def _document(**changes: Any) -> Approval:
    return FILE.approval.model_copy(update=changes)


def _case(act: str, clause: str, profile: Profile, **changes: Any) -> Case:
    view = ApprovalView(_document(clause=clause, **changes), b"", State.IN_FORCE, None, False, "d", "d", "h")
    return Case(ActRequest(act=act), view, profile, TODAY)


def _owed(*duties: Duty, act: str = "publish", **changes: Any) -> list[tuple[str, str, int]]:
    found = obligations(duties, _document(**changes), act=act, today=TODAY)
    return [(each.code, each.responsible, (each.due - TODAY).days) for each in found]


@pytest.mark.parametrize(
    ("act", "codes"),
    [
        ("judge", {"YEARLY_FORM"}),  # use inside: nothing was provided, so no writing is asked of a recipient
        ("publish", {"YEARLY_FORM", "WRITING_FROM_RECIPIENT"}),  # to whom is not known to be inside
        ("judge_event", {"YEARLY_FORM"}),
        ("publish_event", {"YEARLY_FORM", "WRITING_FROM_RECIPIENT"}),
        ("collect", {"YEARLY_FORM", "WRITING_FROM_RECIPIENT"}),
    ],
)
def test_a_duty_arises_unless_the_service_knows_that_it_does_not(act: str, codes: set[str]) -> None:
    case = _case(act, "chiba/8-1-4", shipped_profiles()["chiba-city-8-1"])
    assert {duty.code for duty in arising(case)} == codes


@pytest.mark.parametrize(
    ("recurrence", "max_runs", "codes"), [("恒常", None, {"STANDING_WARNING"}), ("臨時", 1, set()), ("臨時", 2, {"STANDING_WARNING"})]
)  # fmt: skip
def test_the_warning_of_standing_use_is_for_standing_use(
    recurrence: str, max_runs: int | None, codes: set[str]
) -> None:
    profile = shipped_profiles()["chiba-assembly-12"]
    duties = list(arising(_case("judge", "assembly/12-2-2", profile, recurrence=recurrence, max_runs=max_runs)))
    assert {duty.code for duty in duties} & {"STANDING_WARNING"} == codes
    assert {code for code, _, _ in _owed(*duties)} == {"PUBLISH_YEARLY"}  # a warning is nothing to be done afterwards


def test_the_clauses_day_holds_and_without_one_a_year() -> None:
    told, report = Duty(code="NOTIFY_PERSON", text="通知", due_days=30), Duty(code="PUBLISH_YEARLY", text="公表")
    office = FILE.approval.office
    assert _owed(told, report) == [("NOTIFY_PERSON", office, 30), ("PUBLISH_YEARLY", office, DEFAULT_DUE_DAYS)]


@pytest.mark.parametrize(("named", "days"), [(None, 30), (7, 7), (30, 30), (90, 30)])
def test_the_approval_names_who_and_may_shorten_the_time_and_not_lengthen_it(named: int | None, days: int) -> None:
    holder = DutyHolder(code="NOTIFY_PERSON", responsible="情報公開課", due_days=named)
    told = Duty(code="NOTIFY_PERSON", text="通知", due_days=30)
    assert _owed(told, duties=(holder,)) == [("NOTIFY_PERSON", "情報公開課", days)]


def test_where_the_clause_names_no_day_the_approvals_counts() -> None:
    holder = DutyHolder(code="PUBLISH_YEARLY", responsible="drafter", due_days=400)
    assert _owed(Duty(code="PUBLISH_YEARLY", text="公表"), duties=(holder,)) == [("PUBLISH_YEARLY", "drafter", 400)]


def test_the_same_duty_of_two_clauses_is_one_and_the_earlier_counts() -> None:
    twice = [Duty(code="NOTIFY_PERSON", text="通知", due_days=days) for days in (60, 30)]
    assert [days for _, _, days in _owed(*twice)] == [30]


def test_a_report_brings_no_report_of_its_own() -> None:
    report = Duty(code="REPORT_TO_COUNCIL", text="報告")
    assert _owed(report, act="report") == []
    assert [code for code, _, _ in _owed(report, act="look")] == ["REPORT_TO_COUNCIL"]


def test_what_the_service_cannot_state_counts_as_holding() -> None:
    unknown = Fact(path="extra.council_type", any=frozenset({"1"}))
    known = Fact(path="data.form", any=frozenset({"abstracted"}))
    profile = shipped_profiles()["chiba-city-8-1"]
    clause = profile.clauses[0]

    def arises(*when: Fact) -> bool:
        duty = Duty(code="X", text="x", when=when)
        changed = profile.model_copy(update={"clauses": (clause.model_copy(update={"duties": (duty,)}),)})
        return bool(list(arising(_case("judge", clause.id, changed))))

    assert arises() and arises(unknown) and arises(known, unknown) and not arises(known)


@pytest.mark.parametrize(("act", "word"), [("judge", "judge"), ("judge_event", "judge"), ("publish_event", "publish")])
def test_the_law_knows_no_acts_of_events(act: str, word: str) -> None:
    profile = shipped_profiles()["appi-69"]
    clause = profile.clauses[0]
    for said in ("judge", "publish"):
        duty = Duty(code="X", text="x", when=(Fact(path="act", any=frozenset({said})),))
        held = profile.model_copy(update={"clauses": (clause.model_copy(update={"duties": (duty,)}),)})
        assert (duty in arising(_case(act, clause.id, held))) is (said == word)


def test_a_due_day_is_still_in_time() -> None:
    (owed,) = obligations([Duty(code="X", text="x", due_days=0)], _document(), act="look", today=TODAY)
    assert owed.due == TODAY
    (owed,) = obligations([Duty(code="X", text="x", due_days=1)], _document(), act="look", today=TODAY)
    assert owed.due == TODAY + timedelta(days=1)
