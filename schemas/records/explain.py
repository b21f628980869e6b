"""A hypothetical request to the gate: the facts of one act, as `gate explain` reads them.

Every key but those of `extra` is stated; null means not stated. An unknown key is refused. A yes or no may be written
`"yes"`, `"no"`, `true` or `false`; a number is a number, never `true` or `"3"`; a day is `"2026-04-01"`.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, Strict
from pydantic_core import PydanticKnownError


def _yes_or_no(value: Any) -> Any:
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _day(value: Any) -> Any:
    """Not a number of seconds nor a time of day, which would be read as a day too."""
    if not isinstance(value, str | date) or (isinstance(value, str) and len(value) != len("2026-04-01")):
        raise PydanticKnownError("date_type")
    return value


def _day_or_nothing(value: Any) -> Any:
    return None if value in (None, "") else _day(value)


YesNo = Annotated[Literal["yes", "no"], BeforeValidator(_yes_or_no, json_schema_input_type=Literal["yes", "no"] | bool)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=list[str] | str)]
Number = Annotated[str, BeforeValidator(_text, json_schema_input_type=str | int)]
Whole = Annotated[int, Strict(), Field(ge=0)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Heard = Annotated[date | None, BeforeValidator(_day_or_nothing, json_schema_input_type=date | Literal[""] | None)]
Told = Annotated[str, BeforeValidator(_yes_or_no, json_schema_input_type=str | bool)]

RecipientKind = Literal[
    "none",
    "same-body",
    "other-body-same-city",
    "assembly",
    "other-local-gov",
    "own-local-inc-agency",
    "other-local-inc-agency",
    "national",
    "police",
    "court",
    "bar",
    "press",
    "university-private",
    "private",
    "contractor",
    "person",
    "public",
]
ExplainedAct = Literal[
    "collect", "use", "provide", "outsource", "link", "judge", "publish", "look", "export", "report", "erase"
]


class _Facts(BaseModel, frozen=True, extra="forbid"):
    """A group of facts: fixed once read, nothing unknown in it."""


class Parties(_Facts):
    """Who holds, who uses, who decides. Offices and bodies by name, never a person's name.

    recipient_kind:  what the recipient is to the holder; none where nothing is handed over
    decided_by:      the office that made the findings, on the day of the act
    """

    holder_body: str | None
    holder_office: str | None
    user_body: str | None
    user_office: str | None
    recipient_kind: RecipientKind | None
    recipient: str | None
    decided_by: str | None


class Aim(_Facts):
    """What for.

    registered:      the purpose that the register holds on the day of the act
    within:          whether the act lies within it
    change_related:  whether the new purpose has 相当の関連性 with it
    """

    purpose: str | None
    registered: str | None
    within: YesNo | None
    change_related: Literal["yes", "no", "arguable"] | None
    recurrence: Literal["恒常", "臨時"] | None


class Data(_Facts):
    """Which data, in which form.

    tax_secret:  held by the tax office
    my_number:   特定個人情報
    electronic:  電子計算機処理に係る
    """

    items: Texts | None
    special_care: YesNo | None
    tax_secret: YesNo | None
    my_number: YesNo | None
    form: Literal["identified", "abstracted", "pseudonymised", "anonymised", "statistics"] | None
    electronic: YesNo | None


class Grounds(_Facts):
    """What was found and what it rests on. The gate derives none of it.

    alternative:  another suitable way exists
    duty_needed:  needed for the recipient's (inside: the user's) duties, and no more than needed
    statistics:   made for statistics or academic research
    """

    consent: Literal["none", "given", "forced", "deemed", "opposed", "not-sought", "unobtainable"] | None
    law: str | None
    law_kind: Literal["obliges", "penalty", "ordinance", "guideline", "only-allows-asking", "none"] | None
    emergency: Literal["none", "imminent", "not-imminent"] | None
    alternative: YesNo | None
    duty_needed: YesNo | None
    reason: Literal["相当", "合理的", "weak", "none"] | None
    indispensable: YesNo | None
    unavoidable: YesNo | None
    public_interest: Literal["none", "ordinary", "special"] | None
    statistics: YesNo | None


class CouncilHeard(_Facts):
    """Which body was heard, when, on what and with which answer.

    opinion_date:   day of 答申; null or empty = not heard
    opinion_scope:  on what: 目的, 対象者, 項目, 提供先 (or purposes, persons, items, recipients; processing; all)
    """

    opinion_body: str | None
    opinion_date: Heard
    opinion_result: Literal["favourable", "adverse", "none"] | None
    opinion_scope: Texts | None


class Limits(_Facts):
    """What stands against it.

    rights:  the finding on rights and interests of the person or others
    """

    rights: Literal["none", "infringed", "unduly"] | None
    person_flag: Literal["none", "suspension", "address-protection"] | None


class Extra(_Facts):
    """What single profiles ask for; a key left out is not stated.

    clause_claimed:  id of the clause that the act is said to rest on
    edition:         of the support purpose: 1 (the ordinance), 2 (from 2023-04-01)
    approval_runs:   runs that the approval allows; text such as 無制限 for no limit
    approval_period: first and last day, both included
    notify:          whether and when the person is told: before, after, none
    published:       whether, and when, it is made public: before, after, none
    processors:      how many people process it
    """

    subject_in_listed_class: YesNo | None = None
    purpose_is_support: YesNo | None = None
    opinion_body_attached_to_executive: YesNo | None = None
    approved_items: Texts | None = None
    clause_claimed: str | None = None
    edition: Number | None = None
    approval_runs: Whole | str | None = None
    runs_done: Whole | None = None
    approval_period: str | tuple[str, ...] | dict[str, str] | None = None
    scheduled: YesNo | None = None
    written_reason: Told | None = None
    second_review: Told | None = None
    council_type: Number | None = None
    identification_needed: YesNo | None = None
    filed: YesNo | None = None
    needed_items: Texts | None = None
    solely: YesNo | None = None
    clear_benefit_to_person: YesNo | None = None
    targets_individuals: YesNo | None = None
    inside_only: YesNo | Texts | None = None
    notify: Told | None = None
    reads_rows: YesNo | None = None
    published: Told | None = None
    abstracted_by: str | None = None
    written_procedure: YesNo | None = None
    processors: Whole | None = None
    on_site: YesNo | None = None
    re_entrusted: YesNo | None = None


class ExplainRequest(_Facts):
    """One hypothetical act.

    profile:   the legal profile, which says which city is meant; null: the holder's body and the date decide
    date:      the day of the act
    approval:  in-force, none, or the id of an approval
    """

    profile: str | None
    act: ExplainedAct | None
    date: Day | None
    approval: str | None
    parties: Parties
    aim: Aim
    data: Data
    grounds: Grounds
    council: CouncilHeard
    limits: Limits
    extra: Extra = Extra()
