"""The support category: w, the table, the override, hysteresis over official runs, and the guard."""

from collections.abc import Sequence
from fractions import Fraction

RAISED = "重点支援Ⅱ"
NEEDS_DATA = "要データ確認"
TABLE = {  # poverty rank → category for w = 4, 3, 2, 1, X
    "A": ("重点支援Ⅰ", "重点支援Ⅱ", "見守りⅠ", "見守りⅠ", "見守りⅠ"),
    "B": ("重点支援Ⅱ", "見守りⅠ", "見守りⅡ", "見守りⅡ", "見守りⅡ"),
    "C": ("見守りⅠ", "見守りⅡ", "見守りⅡ", "見守りⅡ", "見守りⅡ"),
    "D": ("見守りⅡ(教育)", "対象外(記録)", "対象外", "対象外", "対象外"),
    "X": ("見守りⅠ", "見守りⅡ", NEEDS_DATA, NEEDS_DATA, NEEDS_DATA),
}
HEIGHTS = {
    "重点支援Ⅰ": 5,
    "重点支援Ⅱ": 4,
    "見守りⅠ": 3,
    "見守りⅡ": 2,
    "見守りⅡ(教育)": 2,
    NEEDS_DATA: 1,
    "対象外": 0,
    "対象外(記録)": 0,
}
GUARDED = ("重点支援Ⅰ", "重点支援Ⅱ")
GUARD = Fraction(4, 100)


def concern(learning: str, noncognitive: str) -> str:
    """w: "both ≥ 3 → 4; one is 4 and the other is 1 or X → 3 (uncorroborated); otherwise the larger; both X → X"."""
    pair = {learning, noncognitive}
    if pair <= {"3", "4"}:
        return "4"
    if "4" in pair and pair & {"1", "X"}:
        return "3"
    return max(pair - {"X"}, default="X")


def raw_category(poverty: str, nurturing: str, w: str) -> tuple[str, bool]:
    """(category before hysteresis, whether the override changed it): "N3 → at least 重点支援Ⅱ whatever w is"."""
    category = TABLE[poverty]["4321X".index(w)]
    if nurturing == "N3" and HEIGHTS[category] < HEIGHTS[RAISED]:
        return RAISED, True
    return category, False


def settled(raws: Sequence[str]) -> str:
    """Reading 18: the category after the last of one child's raw categories, oldest first, at least one.

    "after a second consecutive lower result the category becomes the higher of these two (of equal ones the later), and
    if the last is lower still it counts as the first lower run of the next step".
    """
    category, first_lower = raws[0], None
    for raw in raws[1:]:
        if HEIGHTS[raw] >= HEIGHTS[category]:
            category, first_lower = raw, None
        elif first_lower is None:
            first_lower = raw
        else:
            category = first_lower if HEIGHTS[first_lower] > HEIGHTS[raw] else raw
            first_lower = raw if HEIGHTS[raw] < HEIGHTS[category] else None
    return category
