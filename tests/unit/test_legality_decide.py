"""The decision: from a permitted request each condition is broken alone, then each pair."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from models.legality.decide import decide
from models.legality.profile import Profile, shipped_profiles
from models.legality.verdict import Code, Verdict
from models.legality.view import ApprovalView, choose_approval
from schemas.records.approval import Approval, ApprovalFile, Opinion, State, read_approval
from schemas.records.request import ActRequest, PersonFlag

DEMO = Path(__file__).parents[2] / "infra" / "demo"
OFFICE = "子ども成長見守り室"


@dataclass(frozen=True)
class Asked:
    """What one decision is asked about; a break changes one thing of it."""

    request: ActRequest
    view: ApprovalView | None
    profile: Profile | None
    today: date

    def decided(self) -> Verdict:
        return decide(self.request, self.view, self.profile, today=self.today)

    def codes(self) -> set[str]:
        return {condition.code.value for condition in self.decided().failed}

    def with_request(self, **changes: Any) -> "Asked":
        return replace(self, request=self.request.model_copy(update=changes))

    def with_view(self, **changes: Any) -> "Asked":
        return replace(self, view=replace(_there(self.view), **changes))

    def with_document(self, **changes: Any) -> "Asked":
        document = _there(self.view).document
        fields = {name: getattr(document, name) for name in Approval.model_fields} | changes
        return self.with_view(document=Approval.model_construct(**fields))

    def with_council(self, **changes: Any) -> "Asked":
        council = _there(self.view).council
        assert council is not None
        return self.with_view(council=council.model_copy(update=changes))


def _there(view: ApprovalView | None) -> ApprovalView:
    assert view is not None
    return view


@cache
def _file(number: int) -> ApprovalFile:
    return read_approval((DEMO / f"approval-{number}.toml").read_text("utf-8"))


def _view(number: int) -> ApprovalView:
    file = _file(number)
    return ApprovalView(
        document=file.approval,
        digest=file.digest,
        state=State.IN_FORCE,
        council=file.council,
        revoked=False,
        drafted_by="drafter",
        submitted_by="drafter",
        heard_by="hearer",
    )


def _asked(number: int, today: date) -> Asked:
    """To publish one child's alert: permitted."""
    view = _view(number)
    request = ActRequest(
        act="publish",
        items=("judgement.category", "judgement.reasons"),
        recipient=OFFICE,
        role="publisher",
        classes=("children_0_18",),
        purpose="child_support",
        rule_set="mimamori-default-1.0.0",
    )
    return Asked(request, view, shipped_profiles()[view.document.profile], today)


FIRST = _asked(1, date(2020, 9, 1))
SECOND = _asked(2, date(2026, 9, 1))

Break = Callable[[Asked], Asked]

BREAKS: dict[str, Break] = {
    "APPROVAL_NOT_IN_FORCE": lambda a: a.with_view(state=State.SUBMITTED),
    "APPROVAL_SIGNATURE": lambda a: a.with_view(signed=False),
    "OUTSIDE_PERIOD": lambda a: a.with_document(period_to=date(2019, 1, 1)),
    "ACT_NOT_COVERED": lambda a: a.with_document(acts=("collect",)),
    "ITEMS_NOT_COVERED": lambda a: a.with_request(items=(*a.request.items, "resident.income")),
    "RECIPIENT_NOT_COVERED": lambda a: a.with_request(recipient="広報課"),
    "CLASS_NOT_COVERED": lambda a: a.with_request(classes=("all_citizens",)),
    "PURPOSE_NOT_COVERED": lambda a: a.with_request(purpose="tax_collection"),
    "RULE_SET_NOT_COVERED": lambda a: a.with_request(rule_set="other-2.0.0"),
    "RUNS_USED_UP": lambda a: a.with_document(max_runs=2, recurrence="臨時").with_request(runs_done=3),
    "CLAUSE_EXPIRED": lambda a: replace(a, profile=_ended(a.profile)),
    "FINDING_MISSING": lambda a: a.with_document(findings=_there(a.view).document.findings[1:]),
    "COUNCIL_NOT_HEARD": lambda a: a.with_council(subjects=frozenset({"persons"})),
    "COUNCIL_AGAINST": lambda a: a.with_council(opinion=Opinion.ADVERSE),
    "HEARD_BY_DRAFTER": lambda a: a.with_view(heard_by="drafter"),
    "DUTY_OVERDUE": lambda a: a.with_request(duties_overdue=frozenset({"NOTIFY_PERSON"})),
    "EMERGENCY_ONLY": lambda a: a.with_document(emergency=True),
    "PERSON_HELD": lambda a: a.with_request(person_flags=a.request.person_flags | {PersonFlag.SUSPENSION_REQUESTED}),
    "PERSON_NOT_ALLOWED": lambda a: a.with_request(actor_roles=frozenset()),
    "PERSON_SUSPENDED": lambda a: a.with_request(person_flags=a.request.person_flags | {PersonFlag.SUSPENSION}),
}


def _ended(profile: Profile | None) -> Profile | None:
    assert profile is not None
    clauses = tuple(clause.model_copy(update={"valid_to": date(2019, 1, 1)}) for clause in profile.clauses)
    return profile.model_copy(update={"clauses": clauses})


@pytest.mark.parametrize("asked", [FIRST, SECOND], ids=["minoh", "appi"])
def test_what_the_approval_covers_is_permitted_with_its_duties(asked: Asked) -> None:
    verdict = asked.decided()
    assert verdict.failed == ()
    assert verdict.outcome == "permit"
    assert verdict.clause == _there(asked.view).document.clause
    assert [duty.code for duty in verdict.duties] == ["REPORT_TO_COUNCIL"]


@pytest.mark.parametrize("asked", [FIRST, SECOND], ids=["minoh", "appi"])
@pytest.mark.parametrize("code", BREAKS)
def test_each_condition_broken_alone_gives_its_code_alone(asked: Asked, code: str) -> None:
    verdict = BREAKS[code](asked).decided()
    assert [condition.code for condition in verdict.failed] == [code]
    assert verdict.outcome == "refuse"
    assert verdict.duties == ()
    assert verdict.failed[0].text
    assert verdict.failed[0].mend


@pytest.mark.parametrize("pair", list(combinations(BREAKS, 2)), ids="+".join)
def test_two_conditions_broken_give_just_the_two_codes(pair: tuple[str, str]) -> None:
    broken = BREAKS[pair[1]](BREAKS[pair[0]](SECOND))
    assert broken.codes() == set(pair)


def test_every_code_is_broken_here_or_in_an_emergency() -> None:
    elsewhere = {
        Code.EMERGENCY_NO_CHILD,
        Code.EMERGENCY_NO_PERSON,
        Code.EMERGENCY_NO_REASON,
        Code.EMERGENCY_NOT_COVERED,
        Code.EMERGENCY_CLAUSE,
        Code.REVIEW_OVERDUE,
        Code.ATTRIBUTE_MISSING,
        Code.NO_APPROVAL,
        Code.CLAUSE_UNKNOWN,
        Code.CLAUSE_INCOMPLETE,
        Code.STANDING_USE,
        Code.COUNCIL_NOT_HEARD_ON_PERSONS,
    }
    assert set(Code) == {Code(code) for code in BREAKS} | elsewhere


def test_without_an_approval_only_the_request_is_asked_about() -> None:
    suspended = SECOND.with_request(person_flags=frozenset({PersonFlag.SUSPENSION}))
    assert replace(SECOND, view=None, profile=None).codes() == {"NO_APPROVAL"}
    assert replace(suspended, view=None, profile=None).codes() == {"NO_APPROVAL", "PERSON_SUSPENDED"}


@pytest.mark.parametrize(
    ("attribute", "nothing"),
    [
        ("act", None),
        ("items", ()),
        ("recipient", None),
        ("role", None),
        ("classes", ()),
        ("purpose", None),
        ("rule_set", None),
    ],
)
def test_an_attribute_that_is_not_stated_fails(attribute: str, nothing: object) -> None:
    expected = {"ATTRIBUTE_MISSING"}
    assert SECOND.with_request(**{attribute: nothing}).codes() == expected


def test_a_service_act_inside_needs_no_receiving_office() -> None:
    link = ActRequest(
        act="link",
        items=("resident.atena_no", "oneroster_map.pupil_no"),
        role="linkage",
        classes=("children_0_18",),
        purpose="child_support",
    )
    assert replace(SECOND, request=link).codes() == set()


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"actor_roles": {"caseworker"}}, set()),
        ({"actor_roles": {"auditor", "admin"}}, {"PERSON_NOT_ALLOWED"}),
        ({}, {"PERSON_NOT_ALLOWED"}),
        ({"by_service": True}, {"PERSON_NOT_ALLOWED"}),
        ({"role": "analyst", "actor_roles": {"auditor"}}, {"RECIPIENT_NOT_COVERED"}),
        ({"role": "analyst", "by_service": True}, {"RECIPIENT_NOT_COVERED"}),
        ({"role": "analyst", "by_service": True, "child_named": True}, {"PERSON_NOT_ALLOWED", "RECIPIENT_NOT_COVERED"}),
    ],
)
def test_a_look_is_a_persons_with_the_role_or_a_services_at_a_whole_run(
    changes: dict[str, Any], codes: set[str]
) -> None:
    look = {"act": "look", "items": ("person.name",), "role": "caseworker", "recipient": None}
    assert SECOND.with_request(**look | changes).codes() == codes


def test_an_item_of_the_approval_that_this_role_does_not_receive_is_refused() -> None:
    named = SECOND.with_request(items=("judgement.category", "resident.name_kanji"))
    assert named.codes() == {"RECIPIENT_NOT_COVERED"}
    assert "resident.name_kanji" in named.decided().failed[0].text


@pytest.mark.parametrize("state", [state for state in State if state is not State.IN_FORCE])
def test_an_approval_in_any_other_state_lets_nothing_happen(state: State) -> None:
    assert SECOND.with_view(state=state).codes() == {"APPROVAL_NOT_IN_FORCE"}


def test_a_recorded_revocation_counts_whatever_the_state_says() -> None:
    assert SECOND.with_view(revoked=True).codes() == {"APPROVAL_NOT_IN_FORCE"}


def test_an_approval_nobody_was_heard_on_fails_for_the_clause_and_for_the_product() -> None:
    assert FIRST.with_view(council=None).codes() == {"COUNCIL_NOT_HEARD", "COUNCIL_NOT_HEARD_ON_PERSONS"}
    assert SECOND.with_view(council=None).codes() == {"COUNCIL_NOT_HEARD"}


def test_the_support_clause_wants_the_council_heard_on_who_the_persons_are() -> None:
    on_processing = FIRST.with_council(subjects=frozenset({"processing"}))
    assert on_processing.codes() == {"COUNCIL_NOT_HEARD_ON_PERSONS"}
    assert SECOND.with_council(subjects=frozenset({"processing"})).codes() == set()


@pytest.mark.parametrize(
    ("opinion_on", "codes"), [(date(2026, 9, 1), set()), (date(2026, 9, 2), {"COUNCIL_NOT_HEARD"})]
)
def test_the_council_is_heard_before_the_act(opinion_on: date, codes: set[str]) -> None:
    assert SECOND.with_council(opinion_on=opinion_on).codes() == codes


def test_an_opinion_with_conditions_is_not_against() -> None:
    assert SECOND.with_council(opinion=Opinion.CONDITIONAL, conditions="年1回見直す").codes() == set()


def test_a_finding_made_after_the_act_does_not_count() -> None:
    findings = _there(SECOND.view).document.findings
    later = (findings[0].model_copy(update={"on": date(2026, 9, 2)}), *findings[1:])
    assert SECOND.with_document(findings=later).codes() == {"FINDING_MISSING"}


@pytest.mark.parametrize(("answer", "codes"), [("none", set()), ("infringed", set()), ("unduly", {"FINDING_MISSING"})])
def test_rights_bar_where_they_are_unduly_infringed(answer: str, codes: set[str]) -> None:
    findings = tuple(
        finding.model_copy(update={"answer": answer}) if finding.code == "rights" else finding
        for finding in _there(FIRST.view).document.findings
    )
    assert FIRST.with_document(findings=findings).codes() == codes


def test_a_clause_whose_words_are_not_held_permits_nothing() -> None:
    unknown = FIRST.with_document(clause="minoh/emergency")
    assert unknown.codes() == {"CLAUSE_UNKNOWN"}
    assert "条文未収録" in unknown.decided().failed[0].text
    assert replace(FIRST, profile=None).codes() == {"CLAUSE_UNKNOWN"}


@pytest.mark.parametrize(("clause", "other"), [("appi/61-1", "appi/69-1"), ("appi/69-1", "appi/61-1")])
def test_a_purpose_without_use_within_it_and_the_reverse_are_no_basis(clause: str, other: str) -> None:
    alone = SECOND.with_document(clause=clause, with_clauses=())
    assert "CLAUSE_INCOMPLETE" in alone.codes()
    assert any(other in condition.text for condition in alone.decided().failed)


def _occasional(item: int) -> Asked:
    """One run, once, resting on an item of 69条2項 with all that it asks for found."""
    clause = shipped_profiles()["appi-69"].clause(f"appi/69-2-{item}")
    assert clause is not None
    template = _there(SECOND.view).document.findings[0]
    findings = tuple(
        template.model_copy(update={"code": demand.code, "answer": "none" if demand.code == "rights" else "yes"})
        for demand in clause.demands
        if demand.answers
    )
    return SECOND.with_document(
        clause=clause.id, with_clauses=(), findings=findings, recurrence="臨時", max_runs=1
    ).with_request(runs_done=0)


@pytest.mark.parametrize(
    ("code", "asked", "broken", "same_fact"),
    [
        ("ATTRIBUTE_MISSING", SECOND, lambda a: a.with_request(classes=()), "CLASS_NOT_COVERED"),
        ("CLAUSE_UNKNOWN", SECOND, lambda a: a.with_document(with_clauses=("appi/69-1", "appi/69-9")), None),
        ("CLAUSE_INCOMPLETE", SECOND, lambda a: a.with_document(with_clauses=()), None),
        (
            "COUNCIL_NOT_HEARD_ON_PERSONS",
            FIRST,
            lambda a: a.with_council(subjects=frozenset({"processing"})),
            "COUNCIL_NOT_HEARD",
        ),
        ("STANDING_USE", _occasional(2), lambda a: a.with_request(scheduled=True), "RUNS_USED_UP"),
    ],
)
def test_what_only_some_requests_can_break_comes_beside_every_other_code(
    code: str, asked: Asked, broken: Break, same_fact: str | None
) -> None:
    assert broken(asked).codes() == {code}
    for other in BREAKS.keys() - {same_fact}:
        assert BREAKS[other](broken(asked)).codes() == {code, other}


@pytest.mark.parametrize("item", [1, 2, 3, 4])
def test_an_exception_of_69_2_covers_the_occasional_and_never_the_standing(item: int) -> None:
    once = _occasional(item)
    assert once.codes() == set()
    for standing in (
        once.with_document(recurrence="恒常", max_runs=None),
        once.with_document(max_runs=2),  # a second run for the same purpose
        once.with_request(scheduled=True),
    ):
        assert standing.codes() == {"STANDING_USE"}
        assert "目的の特定・変更（61条）が必要" in standing.decided().failed[0].text


def test_a_schedule_does_not_bar_a_purpose_that_was_specified_nor_an_ordinance() -> None:
    assert SECOND.with_request(scheduled=True).codes() == set()
    assert FIRST.with_request(scheduled=True).codes() == set()


@pytest.mark.parametrize(
    ("act", "done", "used_up"),
    [
        ("judge", 1, False), ("judge", 2, True), ("link", 2, True), ("collect", 2, True), ("judge", None, True),
        ("publish", 2, False), ("publish", 3, True), ("publish", None, True), ("simulate", 2, False),  # what the last run found
        ("judge_event", 2, False), ("judge_event", 3, True),
    ],
)  # fmt: skip
def test_runs_of_an_occasional_approval_are_counted(act: str, done: int | None, used_up: bool) -> None:
    twice = SECOND.with_document(recurrence="臨時", max_runs=2).with_request(act=act, runs_done=done)
    assert ("RUNS_USED_UP" in twice.codes()) is used_up


@pytest.mark.parametrize(
    ("number", "today", "codes"),
    [
        (1, date(2015, 12, 30), {"OUTSIDE_PERIOD", "CLAUSE_EXPIRED"}),
        (1, date(2015, 12, 31), set()),
        (1, date(2023, 3, 31), set()),
        (1, date(2023, 4, 1), {"OUTSIDE_PERIOD", "CLAUSE_EXPIRED"}),
        (2, date(2023, 3, 31), {"OUTSIDE_PERIOD", "CLAUSE_EXPIRED"}),
        (2, date(2023, 4, 1), set()),
        (2, date(2031, 3, 31), set()),
        (2, date(2031, 4, 1), {"OUTSIDE_PERIOD"}),
    ],
)
def test_the_day_of_the_act_decides_which_edition_holds(number: int, today: date, codes: set[str]) -> None:
    assert _asked(number, today).codes() == codes


def test_a_lapsed_ordinance_names_the_profile_that_decides_instead() -> None:
    lapsed = _asked(1, date(2023, 4, 1)).decided().failed
    expired = next(condition for condition in lapsed if condition.code is Code.CLAUSE_EXPIRED)
    assert "失効" in expired.text
    assert "appi-69" in expired.mend


@pytest.mark.parametrize(
    ("today", "chosen"),
    [
        (date(2014, 1, 1), "approval-2"),
        (date(2023, 3, 31), "approval-1"),
        (date(2023, 4, 1), "approval-2"),
        (date(2031, 4, 1), "approval-2"),
    ],
)
def test_the_approval_in_force_on_the_day_is_chosen(today: date, chosen: str) -> None:
    view = choose_approval((_view(2), _view(1)), act="publish", today=today)
    assert view is not None
    assert view.document.id == chosen


def test_a_refusal_tells_of_the_revoked_approval_and_not_of_one_that_ended_long_ago() -> None:
    revoked = replace(_view(2), state=State.REVOKED, revoked=True)
    for views in ((_view(1), revoked), (revoked, _view(1))):
        assert choose_approval(views, act="publish", today=date(2026, 9, 1)) is revoked


def test_each_act_rests_on_the_approval_that_names_it_and_none_speaks_for_another() -> None:
    events = replace(_view(2), document=_view(2).document.model_copy(update={"id": "a-z", "acts": ("judge_event",)}))
    revoked = replace(_view(2), state=State.REVOKED, revoked=True)
    for run in (_view(2), revoked):
        for views in ((run, events), (events, run)):
            assert choose_approval(views, act="publish", today=date(2026, 9, 1)) is run
            assert choose_approval(views, act="judge_event", today=date(2026, 9, 1)) is events


def test_without_any_approval_none_is_chosen() -> None:
    assert choose_approval((), act="publish", today=date(2026, 9, 1)) is None


def test_a_protected_person_is_published_with_a_duty_to_mask() -> None:
    protected = SECOND.with_request(person_flags=frozenset({PersonFlag.ADDRESS_PROTECTION})).decided()
    assert protected.outcome == "permit"
    assert [duty.code for duty in protected.duties] == ["REPORT_TO_COUNCIL", "MASK_ADDRESS"]
