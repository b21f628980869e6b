"""A request to the gate: one act that a service or a person is about to do."""

from enum import StrEnum

from pydantic import BaseModel, Field


class Act(StrEnum):
    """What an approval may cover and the gate decides on."""

    COLLECT = "collect"  # take the columns of one batch in
    LINK = "link"  # give linkage IDs
    JUDGE = "judge"  # one run
    SIMULATE = "simulate"  # by way of trial: another rule set, an earlier known-at, a day to come; nobody's judgement, and no run
    JUDGE_EVENT = "judge_event"  # 速報: whom some events touch, between two runs
    PUBLISH = "publish"  # one child's alert
    PUBLISH_EVENT = "publish_event"  # one child's alert out of a 速報, or a report about a number that no child has yet
    LOOK = "look"  # one person by name, or one list without names
    EXPORT = "export"
    REPORT = "report"  # to the council
    ERASE = "erase"  # one person, whole
    UNMASK = "unmask"  # where one person under 支援措置 is, for an office: the approval's record for protected persons


class PersonFlag(StrEnum):
    """What stands against acts on one person, looked up when the act happens."""

    SUSPENSION = "suspension"  # 利用停止が決定されている: bars every act on the person
    SUSPENSION_REQUESTED = "suspension_requested"  # 利用停止が請求され、未決定: holds publication, bars nothing else
    ADDRESS_PROTECTION = "address_protection"  # 支援措置: items that lead to where the person is are masked


CHILD_SUPPORT = "child_support"  # the purpose that the service's own pipelines act for


class ActRequest(BaseModel, frozen=True, extra="forbid"):
    """The attributes of one act, as known on the day it is done. What is None or empty although the act needs it fails.

    act:           see `Act`; text, so that an unknown act is refused and not an error
    items:         item codes `feed.column` (or output items such as `judgement.category`) that the act touches
    recipient:     office that receives; None where nothing leaves the acting role (collect, link, judge, a look)
    role:          role that acts, or that looks: intake, linkage, analyst, publisher, council, caseworker, auditor
    classes:       codes of the classes of persons whose data the act touches
    purpose:       code of the purpose acted for
    rule_set:      version name of the rule set; None where the act rests on none
    scheduled:     a schedule started the act (which makes it 恒常 whatever its approval says)
    runs_done:     runs already done under the approval, this one not counted; None = not known
    person_flags:  flags of the one person the act is about; empty where it is about no single person
    child_named:   whether it is about one child by linkage ID
    actor_roles:   roles that the person who acts holds today; empty = nobody registered; None = no person acts
    by_service:    the service looks by itself, at a run as a whole, and tells nobody of a child
    emergency:     its written reason, where it is done in an emergency; None where it is not
    duties_overdue:   codes of duties of earlier acts under the approval that are overdue today
    review_overdue:   an earlier act in an emergency under the approval waits for its review beyond the last day
    """

    act: str | None
    items: tuple[str, ...] = ()
    recipient: str | None = None
    role: str | None = None
    classes: tuple[str, ...] = ()
    purpose: str | None = None
    rule_set: str | None = None
    scheduled: bool = False
    runs_done: int | None = Field(default=None, ge=0)
    person_flags: frozenset[PersonFlag] = frozenset()
    child_named: bool = False
    actor_roles: frozenset[str] | None = None
    by_service: bool = False
    emergency: str | None = None
    duties_overdue: frozenset[str] = frozenset()
    review_overdue: bool = False
