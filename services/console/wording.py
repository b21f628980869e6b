"""How a candidate's details are put for people."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.casework.items import Item, Reason, Source
from services.casework.look import MASKED, MASKED_ITEMS, Ranks, Shown
from services.casework.unlinked import ReportShown

# Reasons that say what could not be judged, or not compared.
LACKING = frozenset({"EX_NO_TAX", "NX_FEED_MISSING", "TX_NO_SCORE", "SX_FEW_SCALES", "CHANGE_UNKNOWN"})
WHERE_THERE_IS_ONE = ("number", "common_name")
ABSENT = "記録がありません"

FIELDS = {
    "number": "番号", "name": "氏名", "kana": "フリガナ", "common_name": "通称", "birth": "生年月日", "sex": "性別", "grade": "学年",
    "address": "住所", "school": "学校(コード)", "guardian": "保護者",
}  # fmt: skip
SEXES = {"1": "男", "2": "女", "9": "不明"}
STAGES = {"E": "幼稚園", "P": "小", "J": "中", "H": "高"}


def found(item: Item) -> tuple[Reason, ...]:
    """What was found."""
    return tuple(reason for reason in item.reasons if reason.code not in LACKING)


def lacking(item: Item) -> tuple[Reason, ...]:
    """What data would be needed besides."""
    return tuple(reason for reason in item.reasons if reason.code in LACKING)


def rows(reason: Reason) -> tuple[tuple[Source, tuple[int, ...]], ...]:
    """The rows a reason rests on, those of one file together: a source of the file, and the lines."""
    files: dict[tuple[str, str], list[Source]] = {}
    for source in reason.sources:
        files.setdefault((source.feed, source.file), []).append(source)
    return tuple((of_file[0], tuple(sorted(each.line for each in of_file))) for of_file in files.values())


def judgements(ranks: Ranks) -> tuple[tuple[str, str], ...]:
    """The three judgements by name, with their ranks; X stays X."""
    return (("生活困窮", ranks.poverty), ("学力", ranks.learning), ("非認知能力等", ranks.noncognitive))


def person_lines(shown: Shown | ReportShown) -> tuple[tuple[str, str, str], ...]:
    """Label, text and kind (plain, masked or absent) of each field of a person; number and 通称 only where there is one."""
    fields = {name: label for name, label in FIELDS.items() if name not in WHERE_THERE_IS_ONE or shown.person.get(name)}
    return tuple((label, *_field(name, shown)) for name, label in fields.items())


def _field(name: str, shown: Shown | ReportShown) -> tuple[str, str]:
    if shown.masked and name in MASKED_ITEMS:
        return MASKED[shown.protection], "masked"
    text = _text(name, shown.person)
    return (ABSENT, "absent") if text is None else (text, "plain")


def _text(name: str, person: Mapping[str, Any]) -> str | None:
    value = person.get(name)
    if value is None or value == "":
        return None
    text = str(value)
    if name == "sex":
        return SEXES.get(text, text)
    if name == "grade":
        return STAGES.get(text[0], text[0]) + text[1:]
    return _birth(text) if name == "birth" else text


def _birth(text: str) -> str:
    """A full date in Japanese; what the register wrote for an imprecise one as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.year}年{day.month}月{day.day}日"
