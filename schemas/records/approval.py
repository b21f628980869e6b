"""The approval (処理の記録): what the city lets itself do, in a TOML file that a council member can read (諮問書 items ア–ク)."""

import hashlib
import json
import tomllib
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self

import rfc8785
from pydantic import BaseModel, Field, ValidationError, model_validator

from schemas.errors import UsageError
from schemas.records.request import Act

Item = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_0-9]+$")]
RecipientItem = Annotated[str, Field(pattern=r"^[a-z_]+\.([a-z_0-9]+|\*)$")]


class State(StrEnum):
    """Where an approval stands; only `in_force` lets anything happen."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"  # 諮問
    HEARD = "heard"  # 答申, and it was adverse
    IN_FORCE = "in_force"
    AMENDED = "amended"  # a later version took its place
    REVOKED = "revoked"


class Opinion(StrEnum):
    """The council's answer (答申)."""

    FAVOURABLE = "favourable"
    CONDITIONAL = "conditional"
    ADVERSE = "adverse"


class _Part(BaseModel, frozen=True, extra="forbid"):
    """A part of the document: fixed once read, nothing unknown in it."""


class ClassOfPersons(_Part):
    """ウ One class of persons whose data is used: a code for machines, a label for people."""

    code: str = Field(pattern=r"^[a-z_0-9]+$")
    label: str = Field(min_length=1)


class Recipient(_Part):
    """エ One office and role that receives items, or works with them.

    acts:   what it may do
    items:  item codes; `feed.*` stands for every item of that feed that オ names
    """

    office: str = Field(min_length=1)
    role: str = Field(pattern=r"^[a-z]+$")
    acts: tuple[Act, ...] = Field(min_length=1)
    items: tuple[RecipientItem, ...] = Field(min_length=1)


class Finding(_Part):
    """A finding that a clause asks for (認定): answered by an office, on a day, with a reason in words.

    code:    as the profile names it: need, rights, …
    answer:  yes or no; for `rights` none, infringed or unduly
    on:      the day it was made; it counts for acts from that day on
    """

    code: str = Field(pattern=r"^[a-z_]+$")
    answer: Literal["yes", "no", "none", "infringed", "unduly"]
    office: str = Field(min_length=1)
    on: date
    reason: str = Field(min_length=1)


class DutyHolder(_Part):
    """Who sees to a duty that acts under the approval open.

    code:         as the clause names it: NOTIFY_PERSON, REPORT_TO_COUNCIL, …
    responsible:  an office, or a registered person's staff code; never a name
    due_days:     days after the act by which it is done; it may shorten what the clause names, and not lengthen it. None = the
                  clause's own, else the product's
    """

    code: str = Field(pattern=r"^[A-Z_]+$")
    responsible: str = Field(min_length=1)
    due_days: int | None = Field(default=None, ge=0)


class Council(_Part):
    """The council's part, recorded by the hearer; no part of the document that it is about.

    subjects:         what it was heard on: the class of persons, the processing, or both
    consulted_on:     day of 諮問
    opinion_on:       day of 答申, not before 諮問
    conditions:       conditions of a `conditional` opinion, in words
    document_sha256:  SHA-256 of the opinion's own document, 64 hexadecimal digits
    meeting:          which meeting, in words
    """

    body: str = Field(min_length=1)
    subjects: frozenset[Literal["persons", "processing"]] = Field(min_length=1)
    consulted_on: date
    opinion: Opinion
    opinion_on: date
    conditions: str = ""
    document_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    meeting: str = Field(min_length=1)

    @model_validator(mode="after")
    def _answer_follows_question(self) -> Self:
        if self.opinion_on < self.consulted_on:
            raise ValueError("答申の日が諮問の日より前です")
        if (self.opinion is Opinion.CONDITIONAL) != bool(self.conditions):
            raise ValueError("条件付きの答申（conditional）には条件を書き、それ以外には書きません")
        return self


class Approval(_Part):
    """One version of an approval. Drafted by the city; its hash names it in every entry made under it.

    id, version:   the processing, and the version from 1 on
    name, purpose: ア, in words; `purpose_code` is what a request states
    office:        イ
    classes:       ウ
    recipients:    エ
    items:         オ every column taken in, as `feed.column`; `_raw` and `_precision` of a date go with its column
    outputs:       オ what is made from them: `judgement.category`, `person.name`, `report.counts` …
    reason:        カ
    conditions:    キ
    safeguards:    ク
    profile:       the legal profile (ordinance or act), and
    clause:        its clause that the acts rest on, with
    with_clauses:  further clauses of the same profile that it needs
    rule_sets:     version names of the rule sets that may judge
    emergency:     only for acts in an emergency (生命・身体・財産), each on one named child and with its own written reason
    duties:        who sees to the clause's duties; of those not named here the office イ does
    recurrence:    恒常 (standing) or 臨時 (occasional)
    max_runs:      how many runs, for 臨時; None for 恒常
    period_from, period_to:  days of acts, both included
    retention:     how long what is made is kept, in words
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    version: int = Field(ge=1)
    name: str = Field(min_length=1)
    purpose: str = Field(min_length=1)
    purpose_code: str = Field(pattern=r"^[a-z_]+$")
    office: str = Field(min_length=1)
    classes: tuple[ClassOfPersons, ...] = Field(min_length=1)
    recipients: tuple[Recipient, ...] = Field(min_length=1)
    items: tuple[Item, ...] = Field(min_length=1)
    outputs: tuple[Item, ...] = ()
    reason: str = Field(min_length=1)
    conditions: tuple[str, ...] = ()
    safeguards: tuple[str, ...] = Field(min_length=1)
    findings: tuple[Finding, ...] = ()
    profile: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    with_clauses: tuple[str, ...] = ()
    acts: tuple[Act, ...] = Field(min_length=1)
    rule_sets: tuple[str, ...] = ()
    emergency: bool = False
    duties: tuple[DutyHolder, ...] = ()
    recurrence: Literal["恒常", "臨時"]
    max_runs: int | None = Field(default=None, ge=1)
    period_from: date
    period_to: date
    retention: str = Field(min_length=1)

    @cached_property
    def item_codes(self) -> frozenset[str]:
        """Everything that オ names: what is taken in and what is made from it."""
        return frozenset(self.items) | frozenset(self.outputs)

    @cached_property
    def received(self) -> dict[tuple[str, str, Act], frozenset[str]]:
        """(office, role, act) → items, `feed.*` spelled out, entries of the same office and role taken together."""
        received: dict[tuple[str, str, Act], frozenset[str]] = {}
        for recipient in self.recipients:
            items = frozenset(_spelled_out(recipient.items, self.item_codes))
            for act in recipient.acts:
                key = (recipient.office, recipient.role, act)
                received[key] = received.get(key, frozenset()) | items
        return received

    @model_validator(mode="after")
    def _whole(self) -> Self:
        problems = tuple(_problems(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self


class ApprovalFile(BaseModel, frozen=True):
    """What a file holds: the document, its hash, and the council's part where it is written beside it.

    digest:  SHA-256 over the RFC 8785 form of the parsed document, without `[council]`
    """

    text: str
    approval: Approval
    digest: bytes
    council: Council | None


def read_approval(text: str) -> ApprovalFile:
    """Read an approval's TOML text; what is wrong with it is named field by field."""
    raw = _toml(text)
    council = raw.pop("council", None)
    try:
        return ApprovalFile(
            text=text,
            approval=Approval.model_validate(raw),
            digest=hashlib.sha256(_canonical(raw)).digest(),
            council=None if council is None else Council.model_validate(council),
        )
    except ValidationError as error:
        raise _readable(error) from error


def read_council(text: str) -> Council:
    """Read the council's part out of a TOML text that holds a table `[council]`."""
    raw = _toml(text)
    if "council" not in raw:
        raise UsageError("答申の内容（[council] の表）がファイルにありません")
    try:
        return Council.model_validate(raw["council"])
    except ValidationError as error:
        raise _readable(error) from error


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"TOMLとして読めません: {error}") from error


def _canonical(raw: dict[str, Any]) -> bytes:
    """RFC 8785 bytes; days as ISO text. Taken from the file, not the model, so that a later model changes no hash."""
    return rfc8785.dumps(json.loads(json.dumps(raw, default=date.isoformat)))


def _readable(error: ValidationError) -> UsageError:
    lines = (f"{'.'.join(str(part) for part in e['loc']) or '全体'}: {e['msg']}" for e in error.errors())
    return UsageError("承認書の記載に誤りがあります: " + " / ".join(lines))


def _spelled_out(codes: tuple[str, ...], named: frozenset[str]) -> Iterator[str]:
    for code in codes:
        if code.endswith(".*"):
            yield from (item for item in named if item.startswith(code[:-1]))
        else:
            yield code


def _problems(approval: Approval) -> Iterator[str]:
    """What single fields cannot tell."""
    if approval.period_to < approval.period_from:
        yield "期間の終わりが始まりより前です"
    if (approval.recurrence == "恒常") != (approval.max_runs is None):
        yield "恒常には max_runs を書かず、臨時には書きます"
    codes = [*approval.items, *approval.outputs]
    if len(codes) != len(set(codes)):
        yield "同じ項目が二度書かれています"
    if len(approval.duties) != len({duty.code for duty in approval.duties}):
        yield "同じ義務が二度書かれています"
    for recipient in approval.recipients:
        yield from _problems_of(recipient, approval)


def _problems_of(recipient: Recipient, approval: Approval) -> Iterator[str]:
    who = f"{recipient.office}（{recipient.role}）"
    if set(recipient.acts) - set(approval.acts):
        yield f"{who}の行為が acts にありません"
    for code in recipient.items:
        named = tuple(_spelled_out((code,), approval.item_codes))
        if not named or not set(named) <= approval.item_codes:
            yield f"{who}の項目 {code} が items と outputs にありません"
