"""Rules over several columns of a row, as data: pydantic asks `holds`, bulk validation compiles the same objects.

A rule that does not hold refuses the row with its code at its column; a rule is asked only when the columns it reads are good.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from schemas.feeds.kinds import JAPAN
from schemas.feeds.profile import TAX_OFFICES

Row = Mapping[str, Any]
Maxima = Mapping[tuple[str, int, str, str], Decimal]


@dataclass(frozen=True)
class Context:
    """What rules look at besides the row.

    now:         the load's clock
    tax_offices: what they hold is a tax secret
    maxima:      full marks by (survey_id, fy, grade, subject), from the reference file survey_max
    """

    now: datetime
    tax_offices: tuple[str, ...] = TAX_OFFICES
    maxima: Maxima = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """Base: refuses `column` with `code`."""

    column: str

    @property
    def code(self) -> str:
        """Key of kinds.MEND."""
        raise NotImplementedError

    def holds(self, row: Row, context: Context) -> bool:
        """Whether the row passes; values are those that the kinds read, None = empty."""
        raise NotImplementedError


@dataclass(frozen=True)
class DateGiven(Rule):
    """A date that must be there may be empty only where its precision is `unknown`."""

    code = "REQUIRED"

    def holds(self, row: Row, context: Context) -> bool:
        return row[self.column] is not None or row[f"{self.column}_precision"] == "unknown"


@dataclass(frozen=True)
class Precision(Rule):
    """`X` is the first of the days that `X_precision` leaves open, and empty where it is `unknown`."""

    code = "PRECISION"

    def holds(self, row: Row, context: Context) -> bool:
        day: date | None = row[self.column]
        precision = row[f"{self.column}_precision"]
        if day is None:
            return precision in (None, "unknown")
        first = {"unknown": False, "year": (day.month, day.day) == (1, 1), "month": day.day == 1}
        return first.get(precision, True)


@dataclass(frozen=True)
class OneOf(Rule):
    """At least one of the columns is filled; `column` is the first of them."""

    others: tuple[str, ...]
    code = "ONE_OF"

    def holds(self, row: Row, context: Context) -> bool:
        return any(row[name] is not None for name in (self.column, *self.others))


@dataclass(frozen=True)
class NotAfterLoad(Rule):
    """A moment that is not after the load's clock (reading 26)."""

    code = "FUTURE"

    def holds(self, row: Row, context: Context) -> bool:
        return row[self.column] is None or row[self.column] <= context.now


@dataclass(frozen=True)
class NotAfterRecord(Rule):
    """A day that is not after the day of the row's event_time, Japan time (reading 26)."""

    code = "FUTURE"

    def holds(self, row: Row, context: Context) -> bool:
        day, recorded = row[self.column], row["event_time"]
        return day is None or recorded is None or day <= recorded.astimezone(JAPAN).date()


@dataclass(frozen=True)
class NotTaxSecret(Rule):
    """The class is not held by a tax office (law.md reading 12)."""

    code = "TAX_SECRET"

    def holds(self, row: Row, context: Context) -> bool:
        held_by = row[self.column]
        return held_by is None or held_by not in context.tax_offices


@dataclass(frozen=True)
class NotAboveMax(Rule):
    """A mark that is not above the full marks of its survey, year, grade and subject; without a maximum none is above."""

    code = "ABOVE_MAX"

    def holds(self, row: Row, context: Context) -> bool:
        most = context.maxima.get((row["survey_id"], row["fy"], row["grade"], row["subject"]))
        return row[self.column] is None or most is None or row[self.column] <= most
