"""Japanese and Western dates of vendors' files as expressions: ISO text, precision and raw text of a date; YYYYMM of a month.

A part that is 00, 99, missing or 不詳 is unknown. What no form fits stays as it is, and the contract refuses it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

_UNKNOWN = r"^(?:年月日)?不詳$|^0{6,8}$|^9{7,8}$|^[A-Z]?0{1,2}[./-]0{1,2}[./-]0{1,2}$"
# Digits only: YYYYMMDD, or an era's one-digit code with YYMMDD.
_WESTERN_DIGITS = r"^([12][0-9]{3})([0-9]{2})([0-9]{2})$"
_ERA_DIGITS = r"^([0-9])([0-9]{2})([0-9]{2})([0-9]{2})$"
# Parts with separators; 年頃 and 月頃, 上旬 and the like leave the rest open.
_WESTERN = r"^([12][0-9]{3})(?:[./-]|年)(?:([0-9]{1,2}|不詳)(?:[./-]|月|$))?(?:([0-9]{1,2}|不詳)日?)?(?:頃|上旬|中旬|下旬|不詳)?$"
_MONTH_DIGITS = r"^([12][0-9]{3})([0-9]{2})$"
_MONTH_ERA_DIGITS = r"^([0-9])([0-9]{2})([0-9]{2})$"


@dataclass(frozen=True)
class Parts:
    """Year, month and day as whole numbers; null = unknown. `known` = the text was understood."""

    year: pl.Expr
    month: pl.Expr
    day: pl.Expr


def iso_date(text: pl.Expr, eras: Mapping[str, int]) -> tuple[pl.Expr, pl.Expr]:
    """(ISO text of the first day it may be, precision) of a text; null and `unknown` for a wholly unknown date.

    eras: first western year by code. A text that no form fits is returned as it is, with null precision.
    """
    parts = _date_parts(text, eras)
    month, day = _known(parts.month), _known(parts.day)
    iso = _joined(parts.year, month.fill_null(1), pl.when(month.is_null()).then(1).otherwise(day.fill_null(1)))
    unknown = text.str.contains(_UNKNOWN)
    precision = (
        pl.when(unknown)
        .then(pl.lit("unknown"))
        .when(parts.year.is_null())
        .then(None)
        .when(month.is_null())
        .then(pl.lit("year"))
        .when(day.is_null())
        .then(pl.lit("month"))
    )
    return pl.when(unknown).then(None).otherwise(iso.fill_null(text)), precision


def month_number(text: pl.Expr, eras: Mapping[str, int]) -> pl.Expr:
    """YYYYMM of 202404, 50604, R06.04 or 令和6年4月; a text that no form fits is returned as it is."""
    era = _era_parts(text, eras)
    year = pl.coalesce(
        _number(text, _MONTH_DIGITS, 1), _era_year(text, _MONTH_ERA_DIGITS, eras), _number(text, _WESTERN, 1), era.year
    )
    month = pl.coalesce(
        _number(text, _MONTH_DIGITS, 2), _number(text, _MONTH_ERA_DIGITS, 3), _number(text, _WESTERN, 2), era.month
    )
    return (year * 100 + month).cast(pl.String()).fill_null(text)


def _date_parts(text: pl.Expr, eras: Mapping[str, int]) -> Parts:
    forms = (
        Parts(*(_number(text, _WESTERN_DIGITS, part) for part in (1, 2, 3))),
        Parts(_era_year(text, _ERA_DIGITS, eras), _number(text, _ERA_DIGITS, 3), _number(text, _ERA_DIGITS, 4)),
        Parts(*(_number(text, _WESTERN, part) for part in (1, 2, 3))),
        _era_parts(text, eras),
    )
    return Parts(*(pl.coalesce(getattr(form, part) for form in forms) for part in ("year", "month", "day")))


def _era_parts(text: pl.Expr, eras: Mapping[str, int]) -> Parts:
    names = "|".join(sorted((code for code in eras if not code.isdigit()), key=len, reverse=True))
    pattern = (
        rf"^({names})([0-9]{{1,2}}|元)(?:[./-]|年)(?:([0-9]{{1,2}}|不詳)(?:[./-]|月|$))?"
        r"(?:([0-9]{1,2}|不詳)日?)?(?:頃|上旬|中旬|下旬|不詳)?$"
    )
    return Parts(_era_year(text, pattern, eras), _number(text, pattern, 3), _number(text, pattern, 4))


def _era_year(text: pl.Expr, pattern: str, eras: Mapping[str, int]) -> pl.Expr:
    """Western year of an era's year: the era's first year is 1 (元)."""
    first = text.str.extract(pattern, 1).replace_strict(dict(eras), default=None, return_dtype=pl.Int32())
    year = text.str.extract(pattern, 2).replace("元", "1").cast(pl.Int32(), strict=False)
    return pl.when(year > 0).then(first + year - 1)


def _number(text: pl.Expr, pattern: str, group: int) -> pl.Expr:
    return text.str.extract(pattern, group).cast(pl.Int32(), strict=False)


def _known(part: pl.Expr) -> pl.Expr:
    return pl.when(part.is_between(1, 98)).then(part)


def _joined(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """ISO text; a month 13 or day 32 goes through, for the contract to refuse."""
    two = [part.cast(pl.String()).str.zfill(2) for part in (month, day)]
    return pl.concat_str([year.cast(pl.String()), *two], separator="-")
