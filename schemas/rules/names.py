"""The words that a rule set and a judgement share: levels, ranks, categories, scales and reason codes."""

from typing import Literal, get_args

Economic = Literal["E3", "E2", "E1", "E0", "EX"]
Nurturing = Literal["N3", "N2", "N1", "N0", "NX"]
Poverty = Literal["A", "B", "C", "D", "X"]
Rank = Literal["4", "3", "2", "1", "X"]  # of learning, of non-cognitive state, and of w
Change = Literal["fall", "decline", "flat", "unknown"]
Category = Literal[
    "重点支援Ⅰ", "重点支援Ⅱ", "見守りⅠ", "見守りⅡ", "見守りⅡ(教育)", "要データ確認", "対象外", "対象外(記録)"
]
Band = Literal["T_LT35", "T_35_40", "T_40_45", "T_45_50", "T_GE50"]
Scale = Literal["motivation", "self_control", "sociality", "confidence", "habits", "health", "family", "school"]
Grade = Literal["P1", "P2", "P3", "P4", "P5", "P6", "J1", "J2", "J3"]
Act = Literal["confirm", "watch", "dismiss"]  # what a caseworker does with an alert

ECONOMIC: tuple[Economic, ...] = get_args(Economic)
NURTURING: tuple[Nurturing, ...] = get_args(Nurturing)
POVERTY: tuple[Poverty, ...] = get_args(Poverty)
RANKS: tuple[Rank, ...] = get_args(Rank)
CHANGES: tuple[Change, ...] = get_args(Change)
CATEGORIES: tuple[Category, ...] = get_args(Category)
BANDS: tuple[Band, ...] = get_args(Band)
SCALES: tuple[Scale, ...] = get_args(Scale)
PUPIL_GRADES: tuple[Grade, ...] = get_args(Grade)  # the grades of judgements 2 and 3
ACTS: tuple[Act, ...] = get_args(Act)

SCALE_PREFIXES = ("VERY_LOW_", "LOW_", "DROP_")  # the longer first: VERY_LOW_ ends like LOW_

# Which parameters a reason of each code carries; a template may use these and no others.
#   day: a date; tenths: a score or a difference in tenths; count: a whole number; text: a word
# The codes of one scale share a template (LOW, VERY_LOW, DROP), whose {text} is the scale's Japanese name.
TEMPLATE_PARAMETERS: dict[str, frozenset[str]] = {
    "E3_HOGO": frozenset({"day"}),
    "E2_TEATE": frozenset({"day"}),
    "E2_ENJO": frozenset({"day", "count"}),
    "E2_TAX": frozenset({"count"}),
    "E1_TEATE": frozenset({"day"}),
    "E1_TAX": frozenset({"count"}),
    "E1_HOGO_ENDED": frozenset({"day"}),
    "E1_ENJO_PREVIOUS": frozenset({"count"}),
    "EX_NO_TAX": frozenset({"count"}),
    "N3_YOHOGO": frozenset({"day"}),
    "N3_ABUSE_12M": frozenset({"day"}),
    "N2_YOSHIEN": frozenset({"day"}),
    "N2_TOKUTEI_NINPU": frozenset({"day"}),
    "N2_ABUSE_36M": frozenset({"day"}),
    "N2_VISIT": frozenset({"day"}),
    "N1_CHECKUP_MISSED": frozenset({"day", "text"}),
    "N1_HOKEN_SHIDO": frozenset({"day", "text"}),
    "N1_KATEI_SODAN": frozenset({"day"}),
    "NX_FEED_MISSING": frozenset({"text"}),
    **{band: frozenset({"tenths"}) for band in BANDS},
    "CHANGE_FALL": frozenset({"tenths"}),
    "CHANGE_DECLINE": frozenset({"tenths"}),
    "CHANGE_FLAT": frozenset({"tenths"}),
    "CHANGE_UNKNOWN": frozenset(),
    "TX_NO_SCORE": frozenset(),
    "LOW": frozenset({"tenths", "text"}),
    "VERY_LOW": frozenset({"tenths", "text"}),
    "DROP": frozenset({"tenths", "text"}),
    "SX_FEW_SCALES": frozenset({"count"}),
    "ABSENCE_15": frozenset({"count"}),
    "ABSENCE_30": frozenset({"count"}),
    "OVERRIDE_N3": frozenset(),
}


def template_key(code: str) -> tuple[str, str | None]:
    """The template of a reason code, and the scale (in small letters) where the code names one."""
    for prefix in SCALE_PREFIXES:
        if code.startswith(prefix):
            return prefix.rstrip("_"), code.removeprefix(prefix).lower()
    return code, None
