"""The quarter in figures: exact counts, as read; rounding is the tables' business."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from models.legality.view import ApprovalView
from services.council.changes import RunChange, read_changes
from services.council.quarter import Quarter
from services.gate.standing import approvals_now
from services.platform.queries import queries


@dataclass(frozen=True)
class Group:
    """Entries of the quarter that show the same in clear.

    kind:      `decision`, or a dotted name of what is no decision
    decision:  permit or refuse; act, decision, clause, approval (its hash, hexadecimal), recipient: None where not shown
    first, last:  smallest and greatest index of these `count` entries
    """

    kind: str
    act: str | None
    decision: str | None
    clause: str | None
    approval: str | None
    recipient: str | None
    items: list[str]
    count: int
    first: int
    last: int


@dataclass(frozen=True)
class Run:
    """One run and the permit it rests on.

    root:      hexadecimal
    agrees:    its entry in the log is a permit to judge that names this very root
    missing:   feeds that it lacked
    suspended: children left out because their 利用停止 is decided
    releases:  persons who released it by the end of the quarter
    """

    name: str
    as_of: date
    status: str
    rules: str
    approval: str
    version: int
    clause: str
    root: str
    entry: int
    children: int
    categories: dict[str, int]
    missing: list[str]
    suspended: int
    agrees: bool
    releases: int

    @property
    def official(self) -> bool:
        """Whether alerts may rest on it."""
        return self.status == "official" or (self.status == "held" and self.releases >= 2)


@dataclass(frozen=True)
class Linkage:
    """The newest linkage run.

    unlinked:  feed → rows whose number leads to no child; feeds where there are none are absent
    rows:      feed → rows that had been loaded by then
    """

    persons: int
    children: int
    links: int
    review: int
    unlinked: dict[str, int]
    rows: dict[str, int]


@dataclass(frozen=True)
class Figures:
    """One quarter, exact.

    groups:      every entry of the log with a day of the quarter; counts of acts come from these alone
    approvals:   versions on which the council was heard and whose period touches the quarter
    revoked:     (approval, version) → day of its revocation
    loads:       feed → rows, refused rows and answers, day of the last load; feeds without a load are absent
    held:        feeds with a file that waits for a person
    linkage:     None where nothing was linked in the quarter
    queue:       (category, last act of a person or None) → alerts
    closings:    (act of a person, reason code) → acts
    changes:     the last official run, last, and those of the three years before it
    duties:      code → opened in the quarter, done in it, overdue at its end
    emergencies: what became of the review (a key of wording.REVIEWS) → permits in an emergency; absent where there are none
    """

    groups: tuple[Group, ...]
    approvals: tuple[ApprovalView, ...]
    revoked: dict[tuple[str, int], date]
    runs: tuple[Run, ...]
    loads: dict[str, tuple[int, int, date]]
    held: frozenset[str]
    linkage: Linkage | None
    queue: dict[tuple[str, str | None], int]
    closings: dict[tuple[str, str], int]
    changes: tuple[RunChange, ...]
    duties: dict[str, tuple[int, int, int]]
    emergencies: dict[str, int]

    @property
    def first(self) -> int | None:
        """Index of the first entry that is counted; None where there is none."""
        return min((group.first for group in self.groups), default=None)

    @property
    def last(self) -> int | None:
        """Index of the last entry that is counted."""
        return max((group.last for group in self.groups), default=None)

    @property
    def unbroken(self) -> bool:
        """Whether every entry from first to last is counted: days come from the clock, and a clock can be set back."""
        return self.first is None or self.last is None or self.last - self.first + 1 == self.entries

    @property
    def entries(self) -> int:
        """How many entries are counted."""
        return sum(group.count for group in self.groups)

    @property
    def official_run(self) -> Run | None:
        """The last official run of the quarter."""
        return _last_official(self.runs)


def read_figures(conn: Connection[Any], quarter: Quarter) -> Figures:
    """Read the quarter's figures in the caller's transaction."""
    asked = {"first": quarter.first, "last": quarter.last, "days": [f'%"day":"{month}-%' for month in quarter.months]}

    def rows(name: str, **more: Any) -> list[tuple[Any, ...]]:
        return conn.execute(queries("services.council")[name], asked | more).fetchall()

    groups = tuple(Group(*row) for row in rows("entries"))
    until = max((group.last for group in groups), default=-1)  # what commits meanwhile is the next report's
    runs = tuple(Run(*row) for row in rows("runs", until=until))
    last = _last_official(runs)
    return Figures(
        groups=groups,
        approvals=_heard(conn, quarter),
        revoked={(approval, version): day for approval, version, day in rows("revocations")},
        runs=runs,
        loads={feed: (handed_in, refused, day) for feed, handed_in, refused, day in rows("loads")},
        held=frozenset(feed for (feed,) in rows("held")),
        linkage=next((Linkage(*row) for row in rows("linkage")), None),
        queue={(category, verb): count for category, verb, count in rows("queue")},
        closings={(verb, reason): count for verb, reason, count in rows("closings")},
        duties={code: (opened, done, overdue) for code, opened, done, overdue in rows("duties")},
        emergencies={state: count for state, count in rows("emergencies")},
        changes=() if last is None else read_changes(conn, last.name, last.as_of),
    )


def _last_official(runs: tuple[Run, ...]) -> Run | None:
    return next((run for run in reversed(runs) if run.official), None)


def _heard(conn: Connection[Any], quarter: Quarter) -> tuple[ApprovalView, ...]:
    """By then, not by now: an opinion given after the quarter is the next report's."""
    return tuple(
        view
        for view in approvals_now(conn)
        if view.council is not None
        and view.council.opinion_on <= quarter.last
        and view.document.period_from <= quarter.last
        and view.document.period_to >= quarter.first
    )
