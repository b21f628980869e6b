"""One hypothetical request under one profile: its facts by path, those that are derived among them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from models.legality.explain.law import law_kind
from models.legality.fact import Fact
from models.legality.profile import Profile
from models.legality.view import ApprovalView
from schemas.records.explain import ExplainRequest

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NOTHING = ("", "no", "none", "なし", "無し", "無")  # words that say there is none
NO_ID = (None, "", "in-force", "none")  # what `approval` says without naming one
INSIDE = ("none", "same-body")  # kinds of recipient to whom nothing is provided


def blank(value: object) -> bool:
    """Whether nothing is stated: null, empty, or blanks alone."""
    if isinstance(value, tuple):
        return not value or any(blank(each) for each in value)
    return value is None or (isinstance(value, str) and not value.strip())


@dataclass(frozen=True)
class History:
    """What was done under the approvals that are held, and is still owed, up to the day of the act.

    runs:        (id, version) → runs that were done; left out where nobody counted
    overdue:     id → codes of its duties that are overdue
    unreviewed:  ids under which an act in an emergency waits for its review beyond the last day
    """

    runs: Mapping[tuple[str, int], int] = field(default_factory=dict)
    overdue: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unreviewed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Situation:
    """What every condition is asked about.

    approval:  the one that the request names by id, or None where it names none or none of that id is held
    """

    request: ExplainRequest
    profile: Profile
    approval: ApprovalView | None = None
    history: History = History()

    def value(self, path: str) -> Any:
        """The fact at a path; None where it is not stated."""
        if path.startswith("derived."):
            return self._derived[path]
        group, _, key = path.partition(".")
        found = getattr(self.request, group)
        return getattr(found, key) if key else found

    def holds(self, fact: Fact) -> bool:
        """Whether the request states what the fact asks."""
        return fact.holds(self.value(fact.path))

    def any_holds(self, facts: tuple[Fact, ...]) -> bool:
        """Whether one of them holds."""
        return any(self.holds(fact) for fact in facts)

    @property
    def by_law(self) -> bool:
        """Whether a named law obliges to the act; 条例 counts where the profile says so, 要綱 never."""
        return self.by_statute or (self.profile.law_includes_ordinance and self._law_of("ordinance"))

    @property
    def by_statute(self) -> bool:
        """Whether a named statute, and no ordinance, obliges to it."""
        return self._law_of("obliges", "penalty")

    def _law_of(self, *kinds: str) -> bool:
        return law_kind(self.request.grounds.law, self.request.grounds.law_kind) in kinds

    @property
    def emergency(self) -> bool:
        """Whether it is said to be urgent."""
        return self.request.grounds.emergency == "imminent"

    @property
    def reason_written(self) -> bool:
        """Whether its reason is in writing."""
        return (self.request.extra.written_reason or "").strip() not in NOTHING

    @property
    def urgent_once(self) -> bool:
        """Whether it cannot wait, its reason is in writing, and it is no pipeline: that has an approval or waits for one."""
        return self.emergency and self.reason_written and not self._standing

    @property
    def unapproved(self) -> bool:
        """Whether it goes without an approval because it cannot wait."""
        return self.urgent_once and self.request.approval in (None, "", "none")

    @property
    def kind(self) -> str | None:
        """`use` or `provision`; None where the recipient's kind is not stated."""
        recipient = self.request.parties.recipient_kind
        if recipient is None:
            return None
        between = recipient == "other-body-same-city" and self.profile.between_bodies == "use"
        return "use" if recipient in INSIDE or between else "provision"

    @property
    def period(self) -> tuple[date, date] | None:
        """First and last day of the period that is told of the approval, both included; None where they are not told as days."""
        found = DAY.findall(str(self.request.extra.approval_period))
        try:
            first, last = (date.fromisoformat(text) for text in found)
        except ValueError:  # not two, or no such day
            return None
        return first, last

    @cached_property
    def _derived(self) -> dict[str, str | None]:
        receiver = self.request.parties.recipient_kind
        return {
            "derived.kind": self.kind,
            "derived.receiver": "inside" if self.kind == "use" else receiver,
            "derived.within": "yes" if self._purpose_changed else self.request.aim.within,
            "derived.registered": "yes" if self.request.aim.registered not in (None, "", "none", "no") else "no",
            "derived.standing": "yes" if self._standing else "no",
        }

    @property
    def _purpose_changed(self) -> bool:
        """Related to the old purpose, and the register already holds the new one."""
        aim = self.request.aim
        return aim.change_related == "yes" and bool(aim.purpose) and aim.registered == aim.purpose

    @property
    def _standing(self) -> bool:
        """恒常: a second run is allowed or a schedule starts it, whatever the request calls it."""
        extra = self.request.extra
        second_run = extra.approval_runs is not None and str(extra.approval_runs) != "1"
        if self.approval is not None:
            second_run = second_run or self.approval.document.max_runs != 1
        return second_run or extra.scheduled == "yes" or self.request.aim.recurrence == "恒常"
