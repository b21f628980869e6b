"""Days, months, fiscal years, school grades, and dates of which only the month, the year or nothing is known."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

JST = timezone(timedelta(hours=9))
FIRST_DAY = date.min  # stands for "any earlier day" of an unknown date
JUDGED_GRADES = ("P1", "P2", "P3", "P4", "P5", "P6", "J1", "J2", "J3")


@dataclass(frozen=True)
class Span:
    """Every day an imprecise date may be, both ends included; an exact day is a span of one.

    first is FIRST_DAY where the date is wholly unknown; last is then the day its row was recorded.
    """

    first: date
    last: date

    @property
    def unknown(self) -> bool:
        """True where the date is wholly unknown."""
        return self.first == FIRST_DAY

    def may_be_by(self, day: date) -> bool:
        """True if one of the days is `day` or earlier."""
        return self.first <= day

    def may_be_from(self, day: date) -> bool:
        """True if one of the days is `day` or later."""
        return self.last >= day

    def latest_by(self, day: date) -> date | None:
        """The latest of the days up to and including `day`, or None."""
        return min(self.last, day) if self.first <= day else None

    def backwards(self, day: date, *, at_most: int) -> Iterator[date]:
        """The days from `day` back to the first, no more than `at_most` of them."""
        current = self.latest_by(day)
        while current is not None and current >= self.first and at_most > 0:
            yield current
            current, at_most = current - timedelta(days=1), at_most - 1


def exact(day: date) -> Span:
    """The span of a day known exactly."""
    return Span(day, day)


def in_force(start: Span, end: Span | None, day: date) -> bool:
    """Reading 3: "in force at D if start ≤ D and (no end or D ≤ end)"; one possible day is enough (reading 4)."""
    return start.may_be_by(day) and (end is None or end.may_be_from(day))


def add_months(day: date, months: int) -> date:
    """The corresponding day so many months later, or the last day of that month (reading 3)."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def within_months(event: date, months: int, day: date) -> bool:
    """True if `event` is on or before `day` and at most `months` months ago: "D ≤ E + m months"."""
    return event <= day <= add_months(event, months)


def last_of_month(month: int) -> date:
    """The last day of a month given as YYYYMM."""
    return date(month // 100, month % 100, calendar.monthrange(month // 100, month % 100)[1])


def month_of(day: date) -> int:
    """The month of a day as YYYYMM."""
    return day.year * 100 + day.month


def months_back(day: date, count: int) -> list[int]:
    """The last `count` calendar months whose last day is on or before `day`, newest first, as YYYYMM."""
    newest = day if last_of_month(month_of(day)) == day else day.replace(day=1) - timedelta(days=1)
    return [month_of(add_months(newest.replace(day=1), -back)) for back in range(count)]


def fiscal_year(day: date) -> int:
    """The fiscal year of a day: it begins on 1 April."""
    return day.year if day.month >= 4 else day.year - 1


def birth_year(birth: date) -> int:
    """The school cohort: the year Y of births from 2 April Y to 1 April Y+1."""
    return birth.year if (birth.month, birth.day) >= (4, 2) else birth.year - 1


def grade_in(birth: date, fy: int) -> str | None:
    """The grade by birth date alone in a fiscal year: P1–P6, J1–J3, H1–H3, or None before and after school."""
    step = fy - (birth_year(birth) + 7)
    if 0 <= step < 6:
        return f"P{step + 1}"
    if 6 <= step < 9:
        return f"J{step - 5}"
    return f"H{step - 8}" if 9 <= step < 12 else None


def last_day_in_scope(birth: date) -> date:
    """The first 31 March on or after the day of attaining 18, which is the day before the 18th birthday."""
    attained = add_months(birth, 18 * 12) - timedelta(days=1)
    end = date(attained.year, 3, 31)
    return end if attained <= end else date(attained.year + 1, 3, 31)


def last_day_before_school(birth: date) -> date:
    """31 March before the child enters P1."""
    return date(birth_year(birth) + 7, 3, 31)


def japan_time(text: str) -> datetime:
    """A moment; without an offset it is Japan time (reading 1)."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=JST)


def known_until(when: date | datetime) -> datetime:
    """The moment T stands for: a date is the end of that day, Japan time (reading 1)."""
    if isinstance(when, datetime):
        return when if when.tzinfo else when.replace(tzinfo=JST)
    return datetime.combine(when, time.max, JST)
