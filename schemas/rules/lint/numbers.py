"""Numbers that a sentence tells a person although the rule set judges by others: "15日以上" where ten days count."""

import string
from collections.abc import Iterator
from itertools import chain
from re import findall

from schemas.rules.lint.finding import Document, Finding, number_at, table_at

# Reason code → what its sentence may tell numbers of. A number of months may be told in years where it is whole years.
DAYS = {
    "N1_CHECKUP_MISSED": ("nurturing.checkup_grace_days",),
    "ABSENCE_15": ("noncognitive.absence_low_days",),
    "ABSENCE_30": ("noncognitive.absence_rank3_days",),
}
MONTHS = {
    "E1_HOGO_ENDED": ("economic.hogo_ended_months",),
    "N3_ABUSE_12M": ("nurturing.abuse_recent_months",),
    "N2_ABUSE_36M": ("nurturing.abuse_recent_months", "nurturing.abuse_past_months"),
    "ABSENCE_15": ("noncognitive.absence_months",),
    "ABSENCE_30": ("noncognitive.absence_months",),
    "OVERRIDE_N3": ("nurturing.abuse_recent_months",),
}
FROM_THE_MONTH_AFTER = {"N2_ABUSE_36M": "nurturing.abuse_recent_months"}  # "13か月から" where 12 months are recent


def check_numbers(document: Document) -> Iterator[Finding]:
    """Every number written in the sentences of DAYS and MONTHS is one that the rule set judges by."""
    sentences = table_at(document, "sentences")
    for code in sorted(DAYS.keys() | MONTHS.keys()):
        places = (*DAYS.get(code, ()), *MONTHS.get(code, ()))
        template, known = sentences.get(code), _known(document, code)
        if not isinstance(template, str) or any(number_at(document, place) is None for place in places):
            continue  # named elsewhere
        for number in sorted(_written(template) - known):
            text = f"文の {number} は、判定に使う数（{'・'.join(places)}）と合いません"
            mend = f"{'・'.join(map(str, sorted(known)))} のどれかに直すか、数を書かないでください"
            yield Finding(f"sentences.{code}", "NUMBER_DIFFERS", text, mend)


def _known(document: Document, code: str) -> set[int]:
    days, months = ([number_at(document, place) or 0 for place in places.get(code, ())] for places in (DAYS, MONTHS))
    years = (number // 12 for number in months if number % 12 == 0)
    after = [(number_at(document, FROM_THE_MONTH_AFTER[code]) or 0) + 1] if code in FROM_THE_MONTH_AFTER else []
    return {*days, *months, *years, *after}


def _written(template: str) -> set[int]:
    """The numbers of the sentence itself, not those of its parameters."""
    try:
        words = [literal for literal, *_ in string.Formatter().parse(template)]
    except ValueError:
        return set()  # its braces are named elsewhere
    return set(map(int, chain.from_iterable(findall(r"\d+", literal) for literal in words)))
