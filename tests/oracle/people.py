"""Who is a child in scope, who lives with whom, and which number is whose, as of a day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.oracle.days import Span, fiscal_year, grade_in, in_force, last_day_in_scope, month_of
from tests.oracle.store import Row, Store, current

OPEN_END = date.max


@dataclass
class View:
    """What is known at a moment, judged as of a day: the current rows of each feed, by feed."""

    as_of: date
    known_at: datetime
    store: Store
    feeds: dict[str, list[Row]]
    missing: list[str]
    pupils: dict[str, str]  # pupil_no → atena_no
    residents: dict[str, list[Row]] = field(default_factory=dict)  # atena_no → rows of feed 1 begun by the day
    homes: dict[str, Row] = field(default_factory=dict)  # atena_no → row in force with status 住民
    members: dict[str, set[str]] = field(default_factory=dict)  # setai_no → residents


def view(store: Store, as_of: date, known_at: datetime, missing: list[str]) -> View:
    """Everything that a judgement looks at."""
    feeds = {feed: current(store, feed, known_at=known_at) for feed in store.rows}
    seen = View(as_of, known_at, store, feeds, missing, _pupils(feeds["oneroster_map"]))
    seen.residents = _grouped(row for row in feeds["resident"] if _start(row) <= as_of)
    seen.homes = {person: home for person, rows in seen.residents.items() if (home := _home(rows, as_of))}
    homes: dict[str, set[str]] = defaultdict(set)
    for person, home in seen.homes.items():
        homes[home.text("setai_no") or ""].add(person)
    seen.members = dict(homes)
    return seen


def _pupils(rows: Iterable[Row]) -> dict[str, str]:
    """The mapping known: of several records of one pupil_no the latest known counts."""
    ordered = sorted(rows, key=lambda row: row.tie)
    return {row.text("pupil_no") or "": row.text("atena_no") or "" for row in ordered}


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.text("atena_no") or ""].append(row)
    return dict(groups)


def _start(row: Row) -> date:
    """Reading 4, "a condition that puts a child … in scope, holds if it holds for one of these days": an imprecise
    start is taken as early as it may be for 住民, as late as it may be for a row that puts out of scope."""
    span = row.days("effective_from")
    return span.first if row.text("status") == "住民" else span.last


def _end(row: Row) -> date:
    span = row.span("effective_to")
    if span is None:
        return OPEN_END
    return span.last if row.text("status") == "住民" else span.first


def _home(rows: list[Row], as_of: date) -> Row | None:
    """The row in force, if its status is 住民: "latest effective_from ≤ D, then highest rireki_no" (reading 7).

    Reading 6: "a row of status 転出, 死亡 or 消除 with effective_from = D puts the person out of scope on D": taken to
    say that the day itself counts as outside, whatever other row of that day has a higher rireki_no.
    """
    rows = [row for row in rows if _end(row) >= as_of]
    if not rows or any(row.text("status") != "住民" and _start(row) == as_of for row in rows):
        return None
    newest = max(rows, key=lambda row: (_start(row), row.whole("rireki_no"), row.tie))
    return newest if newest.text("status") == "住民" else None


def person_of(seen: View, row: Row) -> str | None:
    """The atena_no a school row is about; None where its pupil_no has no mapping at T (it waits, reading 16)."""
    return row.text("atena_no") or seen.pupils.get(row.text("pupil_no") or "")


def birth_of(seen: View, person: str) -> Span | None:
    """The birth of a person, resident at D or not, from the latest row of feed 1 begun by D; None without one."""
    if person in seen.homes:
        return seen.homes[person].span("birth")
    rows = seen.residents.get(person)
    if not rows:
        return None
    return max(rows, key=lambda row: (_start(row), row.whole("rireki_no"), row.tie)).span("birth")


def grade_at(seen: View, person: str, fy: int) -> str | None:
    """The grade by birth date alone; of an imprecise birth by its first day (reading 4), of an unknown one none."""
    birth = birth_of(seen, person)
    return None if birth is None or birth.unknown else grade_in(birth.first, fy)


def grade_now(seen: View, child: str) -> str | None:
    """The child's grade at D."""
    return grade_at(seen, child, fiscal_year(seen.as_of))


def household(seen: View, child: str) -> set[str]:
    """Reading 7: all residents with the setai_no of the child's row in force at D, the child among them."""
    return seen.members[seen.homes[child].text("setai_no") or ""]


def children_in_scope(seen: View) -> list[str]:
    """Reading 6, in order of number."""
    return sorted(person for person, home in seen.homes.items() if _young(seen, person, home.days("birth")))


def _young(seen: View, person: str, birth: Span) -> bool:
    """Reading 6: "birth ≤ D and D ≤ the first 31 March on or after the day of attaining 18"; one day is enough.

    Reading 26: "A person whose birth is wholly unknown is in scope only while a row of feeds 4, 6–9, 11, 13 or 16–18
    in force at D names that person as the child".
    """
    if birth.unknown:
        return any(_names_as_child(seen, row, person) for feed in CHILD_FEEDS for row in seen.feeds[feed])
    latest = birth.latest_by(seen.as_of)  # the last day in scope never falls with a later birth
    return latest is not None and seen.as_of <= last_day_in_scope(latest)


CHILD_FEEDS = {
    "gakureibo": ("effective_from", "effective_to"),
    "academic": ("date", None),
    "life_answer": ("date", None),
    "life_scale": ("date", None),
    "physical": (None, None),
    "attendance": (None, None),
    "shugaku_enjo": ("from", "to"),
    "jido_fuyo_teate": (None, None),
    "boshi_hoken": ("due_from", None),
    "hoiku": ("from", "to"),
    "soudan": ("received", "closed"),
}


def _names_as_child(seen: View, row: Row, person: str) -> bool:
    """True if the row is in force at D and the person is its child.

    Reading 3 names the ends: "(effective_to, to, end, closed)". Feeds 6–9 and 16 have none of these: their rows are in
    force from their date, month, fiscal year or due_from on.
    """
    child = row.text("child_atena_no") or person_of(seen, row)
    if child != person:
        return False
    day, month = seen.as_of, month_of(seen.as_of)
    if row.feed == "physical":
        return row.whole("fy") <= fiscal_year(day)
    if row.feed == "attendance":
        return row.whole("ym") <= month
    if row.feed == "jido_fuyo_teate":
        return covers_month(row, month)
    start, end = CHILD_FEEDS[row.feed]
    return start is not None and in_force(row.days(start), row.span(end) if end else None, day)


def covers_month(row: Row, month: int) -> bool:
    """Rows of feed 13: `from` and `to` are months, both included, `to` open where empty."""
    return row.whole("from") <= month <= (row.whole("to") or 999912)
