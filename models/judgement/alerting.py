"""Which judgements become alerts: a child, its category and the set of its reason codes; unchanged gives none.

But a report of violence always does: each is somebody's call for help.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

Child = TypeVar("Child")

ALERTED = frozenset({"重点支援Ⅰ", "重点支援Ⅱ", "要データ確認"})  # other 見守り is looked up, not announced
REPORTED = frozenset({"N3_ABUSE_12M", "N2_ABUSE_36M"})  # reasons that a report of violence gives


@dataclass(frozen=True)
class Signal:
    """What an alert says about a child.

    codes:  the set of reason codes
    """

    category: str
    data_check: bool
    codes: frozenset[str]

    @property
    def calls_for_alert(self) -> bool:
        """Whether a person has to look."""
        return self.category in ALERTED or self.data_check


@dataclass(frozen=True)
class Earlier:
    """A child's last alert, and whether a person dismissed it."""

    signal: Signal
    dismissed: bool


def is_new(signal: Signal, earlier: Earlier | None) -> bool:
    """Whether this signal says something the last alert did not; after a dismissal only a new reason does."""
    if earlier is None:
        return True
    if earlier.dismissed:
        return bool(signal.codes - earlier.signal.codes)
    return (signal.category, signal.codes) != (earlier.signal.category, earlier.signal.codes)


def told_at_once(signal: Signal, earlier: Earlier | None, *, urgent: bool, reported: bool) -> bool:
    """Whether a 速報 becomes an alert.

    urgent:   an urgent event names the child: what it adds to the reasons is told, whatever the category
    reported: and it is a report that was not there before: it is told although the last alert may have said the same, or was
              dismissed, for somebody has seen something again
    """
    if reported and signal.codes & REPORTED:
        return True
    adds = signal.codes - (frozenset() if earlier is None else earlier.signal.codes)
    return (signal.calls_for_alert or (urgent and bool(adds))) and is_new(signal, earlier)


def split(signals: Mapping[Child, Signal], earlier: Mapping[Child, Earlier]) -> tuple[list[Child], list[Child]]:
    """Children with a new alert, and children whose alert stands unchanged; both in the order given."""
    calling = [child for child, signal in signals.items() if signal.calls_for_alert]
    new = [child for child in calling if is_new(signals[child], earlier.get(child))]
    return new, [child for child in calling if not is_new(signals[child], earlier.get(child))]
