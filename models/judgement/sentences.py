"""A reason as a Japanese sentence: the rule set's template filled with the reason's parameters."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from schemas.rules.names import template_key
from schemas.rules.ruleset import RuleSet

UNKNOWN_DAY = "日付不詳"


def sentence(reason: Mapping[str, Any], rules: RuleSet) -> str:
    """The sentence of one reason.

    reason: code, and the parameters day (ISO text or None), tenths, count and text as the kernel gave them
    """
    key, scale = template_key(reason["code"])
    names: dict[str, str] = {each.code: each.label for each in rules.noncognitive.scales}
    return rules.sentences[key].format(
        day=_day(reason.get("day")),
        tenths=_score(reason.get("tenths")),
        count=reason.get("count"),
        text=names.get(scale or "", reason.get("text")),
    )


def _day(text: str | None) -> str:
    if text is None:
        return UNKNOWN_DAY
    day = date.fromisoformat(text)
    return f"{day.year}年{day.month}月{day.day}日"


def _score(tenths: int | None) -> str:
    """One decimal, by whole numbers; a fall keeps its sign."""
    if tenths is None:
        return "―"
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"
