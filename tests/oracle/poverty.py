"""Judgement 1: economic level, nurturing level, and the rank of both. Rules §1 and readings 7–11."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tests.oracle.days import (
    Span,
    fiscal_year,
    in_force,
    last_day_before_school,
    month_of,
    within_months,
)
from tests.oracle.people import View, covers_month, household, person_of
from tests.oracle.store import Row

Reasons = dict[str, list[Row]]
CHECKUPS = ("3-4m", "1.6y", "3y", "5y")
OVERDUE = timedelta(days=60)
TAX_REASON = {"非課税": "E2_TAX", "均等割のみ": "E1_TAX"}
REGISTERED = {
    "要保護": "N3_YOHOGO",
    "要支援": "N2_YOSHIEN",
    "特定妊婦": "N2_TOKUTEI_NINPU",
    "養育相談": "N1_KATEI_SODAN",
}
ABUSE_DAYS = 366 * 4  # farther back than any month rule looks


@dataclass(frozen=True)
class Poverty:
    """Levels E0–E3/EX and N0–N3/NX, rank A–D/X, and the facts found by reason code."""

    economic: str
    nurturing: str
    rank: str
    reasons: Reasons


def judge_poverty(seen: View, child: str) -> Poverty:
    """Judgement 1 of one child in scope."""
    reasons = economic_facts(seen, child)
    reasons.update(nurturing_facts(seen, child))
    economic = _economic_level(seen, child, reasons)
    nurturing = _nurturing_level(seen, reasons)
    if economic == "EX":
        reasons["EX_NO_TAX"] = []
    if nurturing == "NX":
        reasons["NX_FEED_MISSING"] = []
    return Poverty(economic, nurturing, poverty_rank(economic, nurturing), reasons)


def poverty_rank(economic: str, nurturing: str) -> str:
    """The table of judgement 1."""
    if economic == "E3" or nurturing == "N3" or (economic, nurturing) == ("E2", "N2"):
        return "A"
    if economic == "E2" or nurturing == "N2" or (economic, nurturing) == ("E1", "N1"):
        return "B"
    if economic == "E1" or nurturing == "N1":
        return "C"
    return "D" if (economic, nurturing) == ("E0", "N0") else "X"


def _highest(reasons: Reasons, letter: str) -> str | None:
    levels = [code[:2] for code in reasons if code[0] == letter and code[1] in "123" and code[2] == "_"]
    return max(levels, default=None)


def _economic_level(seen: View, child: str, reasons: Reasons) -> str:
    """Reading 5: "EX if no E1–E3 fact was found and there is no tax class, whatever other feed is missing"."""
    return _highest(reasons, "E") or ("E0" if tax_class(seen, child)[0] else "EX")


def _nurturing_level(seen: View, reasons: Reasons) -> str:
    """Reading 5: "NX if no N1–N3 fact was found and feed 16 or feed 18 is missing"."""
    return _highest(reasons, "N") or ("NX" if {"boshi_hoken", "soudan"} & set(seen.missing) else "N0")


def economic_facts(seen: View, child: str) -> Reasons:
    """Every economic fact of the child's household, by reason code."""
    home = household(seen, child)
    found: Reasons = defaultdict(list)
    _hogo(seen, home, found)
    _teate(seen, home, found)
    _enjo(seen, home, found)
    class_, rows = tax_class(seen, child)
    if class_ in TAX_REASON:
        found[TAX_REASON[class_]] += rows
    return dict(found)


# --- 生活保護, reading 9


@dataclass(frozen=True)
class _Spell:
    start: Span
    end: Span | None
    row: Row


def _hogo(seen: View, home: set[str], found: Reasons) -> None:
    day = seen.as_of
    for member in sorted(home):
        rows = [row for row in seen.feeds["seikatsu_hogo"] if row.text("member_atena_no") == member]
        spells, events = _spells([row for row in rows if row.days("start").may_be_by(day)])
        # Ends are inclusive (reading 3): what "ended on `start`" was in force on that day, even if no row began it.
        covering = [spell.row for spell in [*spells, *events] if in_force(spell.start, spell.end, day)]
        if covering:
            # Reading 23: "E1_HOGO_ENDED not for a member whose spells, united, are in force at D"; a spell that may be
            # in force counts as in force (reading 4), so such a member gives E3 alone.
            found["E3_HOGO"] += covering
            continue
        ended = [spell for spell in [*spells, *events] if spell.end and _may_be_within(spell.end, 12, day)]
        if ended:
            found["E1_HOGO_ENDED"] += [spell.row for spell in ended]


def _spells(rows: list[Row]) -> tuple[list[_Spell], list[_Spell]]:
    """Spells, open ones ended by events, and the events "ended on `start`" (廃止 without end) as spells of no length.

    "a row is a spell start … end whatever its status; a 廃止 row without end is the event "ended on `start`" and ends
    the open rows of the same case and member". An open row is ended by the first event on or after its start.
    """
    events = [row for row in rows if row.text("status") == "廃止" and row.span("end") is None]
    spells = [
        _Spell(row.days("start"), row.span("end") or _ending(row, events), row) for row in rows if row not in events
    ]
    return spells, [_Spell(row.days("start"), row.days("start"), row) for row in events]


def _ending(row: Row, events: list[Row]) -> Span | None:
    ends = [
        event.days("start")
        for event in events
        if _case(event) == _case(row) and event.days("start").last >= row.days("start").first
    ]
    return min(ends, key=lambda span: (span.first, span.last), default=None)


def _case(row: Row) -> tuple[str | None, str | None]:
    """ "setai_no or case_no": the case by its number where it has one, else by the household's."""
    case = row.text("case_no")
    return (case, None) if case else (None, row.text("setai_no"))


def _may_be_within(span: Span, months: int, day: date) -> bool:
    """True if one of the days is on or before `day` and at most `months` months ago (reading 4)."""
    return any(within_months(event, months, day) for event in span.backwards(day, at_most=ABUSE_DAYS))


# --- 児童扶養手当, reading 9


def _teate(seen: View, home: set[str], found: Reasons) -> None:
    """ "of the rows of one recipient and child that cover D's month, the one with the latest `from` … alone counts"."""
    latest: dict[tuple[str | None, str | None], Row] = {}
    for row in seen.feeds["jido_fuyo_teate"]:
        pair = row.text("recipient_atena_no"), row.text("child_atena_no")
        if not home.intersection(pair) or not covers_month(row, month_of(seen.as_of)):
            continue
        rival = latest.get(pair)
        if rival is None or (row.whole("from"), row.tie) > (rival.whole("from"), rival.tie):
            latest[pair] = row
    for row in latest.values():
        code = {"全部支給": "E2_TEATE", "一部支給": "E1_TEATE"}.get(row.text("status") or "")
        if code:
            found[code].append(row)


# --- 就学援助, reading 10


def _enjo(seen: View, home: set[str], found: Reasons) -> None:
    fy, day = fiscal_year(seen.as_of), seen.as_of
    granted = [row for row in seen.feeds["shugaku_enjo"] if _granted(row) and row.days("from").may_be_by(day)]
    this_year = [row for row in granted if row.whole("fy") == fy and in_force(row.days("from"), row.span("to"), day)]
    # Reading 25: "the same child has no such row of fy in force at D" (of either category, granted). It is a condition of
    # a level, so it holds if it holds for one of the days of an imprecise date: only a row surely in force stands in its way.
    covered = {row.text("atena_no") for row in this_year if _surely(row.days("from"), row.span("to"), day)}
    for row in granted:
        if not home.intersection((row.text("atena_no"), row.text("guardian_atena_no"))):
            continue
        if row in this_year and row.text("category") == "準要保護":
            found["E2_ENJO"].append(row)
        if row.whole("fy") == fy - 1 and row.text("atena_no") not in covered:
            found["E1_ENJO_PREVIOUS"].append(row)


def _surely(start: Span, end: Span | None, day: date) -> bool:
    """In force whichever of its days an imprecise date is."""
    return start.last <= day and (end is None or day <= end.first)


def _granted(row: Row) -> bool:
    """ "a row with status 認定, or 廃止 with `to`"."""
    return row.text("status") == "認定" or (row.text("status") == "廃止" and row.span("to") is not None)


# --- 課税区分, reading 8


def tax_class(seen: View, child: str) -> tuple[str | None, list[Row]]:
    """The household's tax class (非課税, 均等割のみ, 課税, or None) and the rows it rests on.

    "that of fy = year of D if D is 1 June or later, else year of D − 1"; "a household row goes before persons' rows":
    taken to say that a household row decides even where its class is 未申告 or 不明, which is then no tax class.
    """
    day = seen.as_of
    fy = day.year if day >= date(day.year, 6, 1) else day.year - 1
    rows = [r for r in seen.feeds["tax_class"] if r.whole("fy") == fy and r.days("effective_from").may_be_by(day)]
    setai = seen.homes[child].text("setai_no")
    # Reading 25: "a tax row with both numbers is the person's"
    of_household = [row for row in rows if row.text("atena_no") is None and row.text("setai_no") == setai]
    if of_household:
        newest = _newest(of_household)
        return _class(newest.text("class")), [newest]
    persons = sorted(household(seen, child))
    own = [[row for row in rows if row.text("atena_no") == person] for person in persons]
    chosen = [_newest(candidates) for candidates in own if candidates]
    return _combined({row.text("class") or "" for row in chosen}), chosen


def _newest(rows: Iterable[Row]) -> Row:
    """Reading 25: "the one with the latest effective_from ≤ D", then the latest known, then the greater record id."""
    return max(rows, key=lambda row: (row.day("effective_from"), row.tie))


def _class(text: str | None) -> str | None:
    return None if text in ("未申告", "不明") else text


def _combined(classes: set[str]) -> str | None:
    """ "課税 if any is 課税; else none if any is 未申告 or 不明; else 均等割のみ if any is; else 非課税"."""
    for first in ("課税", "未申告", "不明", "均等割のみ", "非課税"):
        if first in classes:
            return _class(first)
    return None


# --- nurturing, reading 11


def nurturing_facts(seen: View, child: str) -> Reasons:
    """Every nurturing fact of the child itself, by reason code."""
    found: Reasons = defaultdict(list)
    for row in seen.feeds["soudan"]:
        if row.text("child_atena_no") == child:
            code = _consultation(row, seen.as_of)
            if code:
                found[code].append(row)
    for row in seen.feeds["edu_support"]:
        if row.text("service") != "養育支援訪問" or person_of(seen, row) != child:
            continue
        if in_force(row.days("from"), row.span("to"), seen.as_of):
            found["N2_VISIT"].append(row)
    own = [row for row in seen.feeds["boshi_hoken"] if row.text("child_atena_no") == child]
    if _before_school(seen, child):
        found["N1_CHECKUP_MISSED"] += [row for row in own if _missed(row, seen.as_of)]
        found["N1_HOKEN_SHIDO"] += _under_guidance(own, seen.as_of)
    return {code: rows for code, rows in found.items() if rows}


def _consultation(row: Row, day: date) -> str | None:
    """The code of a row of feed 18 at D, or None. Months: reading 3; imprecise dates: reading 23."""
    kind, received = row.text("kind") or "", row.days("received")
    if kind == "虐待通告":
        if _may_be_within(received, 12, day):
            return "N3_ABUSE_12M"  # "a date that may be within 12 months or before gives N3_ABUSE_12M alone"
        return "N2_ABUSE_36M" if _may_be_within(received, 36, day) else None
    return REGISTERED.get(kind) if in_force(received, row.span("closed"), day) else None


def _before_school(seen: View, child: str) -> bool:
    """ "count only until 31 March before the child enters P1 (by birth date)".

    Entering P1 is a matter of grade, taken from the first possible day (reading 4); a wholly unknown birth has no
    grade, so no such day has passed.
    """
    birth = seen.homes[child].days("birth")
    return birth.unknown or seen.as_of <= last_day_before_school(birth.first)


def _missed(row: Row, day: date) -> bool:
    """ "no `visited` ≤ D and D more than 60 days after `due_to`"; 把握済 = reached_by_other; each row by itself.

    An imprecise visit may be after D: then one possible day has no visit by D (reading 4).
    """
    if row.text("kind") not in CHECKUPS or row.values["reached_by_other"]:
        return False
    visited = row.span("visited")
    due = row.days("due_to")
    overdue = due.unknown or day > due.first + OVERDUE
    return overdue and (visited is None or visited.last > day)


def _under_guidance(rows: list[Row], day: date) -> list[Row]:
    """ "the child's latest attended row of feed 16 (not 妊婦) has the result 要経過観察 or 要支援".

    With imprecise visits: a row that is the latest for one choice of days (reading 4). Its own visit is put as late,
    the others' as early as may be, or after D where that is possible.
    """
    attended = [row for row in rows if row.text("kind") != "妊婦" and _visited_by(row, day)]
    wanted = [row for row in attended if row.text("result") in ("要経過観察", "要支援")]
    return [row for row in wanted if all(_may_be_later(row, other, day) for other in attended if other is not row)]


def _visited_by(row: Row, day: date) -> bool:
    visited = row.span("visited")
    return visited is not None and visited.may_be_by(day)


def _may_be_later(row: Row, other: Row, day: date) -> bool:
    if other.days("visited").last > day:
        return True
    own = row.days("visited").latest_by(day)
    assert own is not None
    return (own, row.tie) > (other.days("visited").first, other.tie)
