"""Quarters of a fiscal year, which begins on 1 April."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.errors import UsageError


@dataclass(frozen=True)
class Quarter:
    """One quarter: three whole months. first and last day are both included."""

    name: str
    first: date
    last: date

    @property
    def label(self) -> str:
        """For people: 2026年度（令和8年度）第2四半期."""
        year, number = int(self.name[2:6]), self.name[-1]
        return f"{year}年度（令和{year - 2018}年度）第{number}四半期" if year >= 2019 else f"{year}年度第{number}四半期"

    @property
    def months(self) -> tuple[str, str, str]:
        """Its months as YYYY-MM."""
        first = self.first.month
        return f"{self.first.year}-{first:02}", f"{self.first.year}-{first + 1:02}", f"{self.first.year}-{first + 2:02}"


def parse_quarter(text: str) -> Quarter:
    """`FY2026Q2` is 1 July to 30 September 2026."""
    found = re.fullmatch(r"FY([12]\d{3})Q([1-4])", text, re.ASCII)
    if found is None:
        raise UsageError("四半期は FY2026Q2 の形で書いてください（年度は4月に始まります）。")
    year, number = int(found[1]), int(found[2])
    first = date(year, 1 + 3 * number, 1) if number < 4 else date(year + 1, 1, 1)
    after = date(first.year + (first.month + 3 > 12), (first.month + 2) % 12 + 1, 1)
    return Quarter(text, first, after - timedelta(days=1))
