"""Bands, months and thresholds that leave a gap, overlap, or stand out of order."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from schemas.rules.lint.finding import Document, Finding, number_at, table_at
from schemas.rules.names import BANDS, SCALES

# (lower, upper, whether they may be equal): the first may not be greater than the second
ORDERS = (
    ("nurturing.abuse_recent_months", "nurturing.abuse_past_months", False),
    ("learning.fall_d1", "learning.decline_d1", False),
    ("noncognitive.very_low", "noncognitive.low", False),
    ("noncognitive.absence_low_days", "noncognitive.absence_rank3_days", False),
    ("noncognitive.answered_num", "noncognitive.answered_den", True),
    ("noncognitive.rank2_low", "noncognitive.rank3_low", True),
    ("noncognitive.rank3_low", "noncognitive.rank4_low", True),
    ("noncognitive.rank3_low_with_drops", "noncognitive.rank3_low", True),
    ("noncognitive.rank4_low_with_tie", "noncognitive.rank4_low", True),
    ("calibration.low_percent", "calibration.high_percent", True),
)


def check_thresholds(document: Document) -> Iterator[Finding]:
    """Every threshold is on its side of the next, and the bands of T follow one another without a gap."""
    for lower, upper, may_be_equal in ORDERS:
        yield from _order(document, lower, upper, may_be_equal)
    yield from _bands(document)
    yield from _scales(document)


def _order(document: Document, lower: str, upper: str, may_be_equal: bool) -> Iterator[Finding]:
    low, high = number_at(document, lower), number_at(document, upper)
    if low is None or high is None or low < high or (may_be_equal and low == high):
        return
    name = upper.rpartition(".")[2]
    text = f"{low} は {name} の {high} と順序が逆か、重なっています"
    yield Finding(lower, "OUT_OF_ORDER", text, f"{name} {'以下に' if may_be_equal else 'より小さく'}してください")


def _bands(document: Document) -> Iterator[Finding]:
    listed = table_at(document, "learning").get("bands")
    if not isinstance(listed, list | tuple):
        return
    bands = [band for band in listed if isinstance(band, dict)]
    codes = [band.get("code") for band in bands]
    for code in BANDS:
        if codes.count(code) != 1:
            text = "帯がありません" if code not in codes else "帯が重なっています"
            yield Finding(
                f"learning.bands.{code}",
                "BAND_GAP" if code not in codes else "BAND_OVERLAP",
                text,
                "一つだけ置いてください",
            )
    if sorted(map(str, codes)) == sorted(BANDS) and tuple(codes) != BANDS:
        yield Finding("learning.bands", "BAND_ORDER", "帯の順序が違います", f"{', '.join(BANDS)} の順に置いてください")
    elif tuple(codes) == BANDS:
        yield from _cuts(document, bands)


def _cuts(document: Document, bands: list[dict[str, Any]]) -> Iterator[Finding]:
    """Ends of the bands, given that each band is there once and in order."""
    for band in bands[:-1]:
        if band.get("below") is None:
            where = f"learning.bands.{band['code']}.below"
            yield Finding(
                where, "BAND_GAP", "上の端がなく、次の帯との境が決まりません", "0.1点を1とした整数で書いてください"
            )
    if bands[-1].get("below") is not None:
        where = f"learning.bands.{bands[-1]['code']}.below"
        yield Finding(
            where, "BAND_GAP", "最後の帯に上の端があり、それ以上の点がどの帯にも入りません", "below を削ってください"
        )
    for lower, upper in pairwise(bands[:-1]):
        low, high = lower.get("below"), upper.get("below")
        if isinstance(low, int) and isinstance(high, int) and low >= high:
            where = f"learning.bands.{upper['code']}.below"
            yield Finding(
                where, "BAND_OVERLAP", f"{high} は前の帯の {low} 以下で、帯が重なります", "前の帯より大きくしてください"
            )
    low_cut, cuts = number_at(document, "learning.low_cut"), [band.get("below") for band in bands]
    if low_cut is not None and low_cut not in cuts:
        yield Finding(
            "learning.low_cut",
            "CUT_UNKNOWN",
            f"{low_cut} を境とする帯がありません",
            "bands の below のいずれかと同じにしてください",
        )


def _scales(document: Document) -> Iterator[Finding]:
    listed = table_at(document, "noncognitive").get("scales")
    if not isinstance(listed, list | tuple):
        return
    codes = tuple(scale.get("code") for scale in listed if isinstance(scale, dict))
    if codes != SCALES:
        mend = f"{', '.join(SCALES)} をこの順に一つずつ置いてください"
        yield Finding("noncognitive.scales", "SCALES_DIFFER", "尺度が足りないか、重なるか、順序が違います", mend)
    valid = number_at(document, "noncognitive.valid_scales")
    if valid is not None and valid > len(SCALES):
        text = f"{valid} は尺度の数 {len(SCALES)} より多く、だれも判定されません"
        yield Finding("noncognitive.valid_scales", "OUT_OF_ORDER", text, f"{len(SCALES)} 以下にしてください")
