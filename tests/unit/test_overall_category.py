"""w, matrix, look at the data and override: the category of a run taken by itself."""

import polars as pl
import pytest

from models.judgement.overall.category import categorise
from schemas.rules import load_default
from schemas.rules.names import POVERTY, RANKS

RULES = load_default()


def categorised(
    poverty: str, learning: str, noncognitive: str, nurturing: str = "N0"
) -> tuple[tuple[str, str, bool], list[str]]:
    ranks = pl.DataFrame(
        {
            "person": [1],
            "nurturing": [nurturing],
            "poverty": [poverty],
            "learning": [learning],
            "noncognitive": [noncognitive],
        }
    )
    frame, reasons = categorise(ranks, RULES)
    return frame.select("w", "raw_category", "data_check").row(0), reasons["code"].to_list()


@pytest.mark.parametrize(
    ("learning", "noncognitive", "w"),
    [
        ("4", "4", "4"),
        ("3", "3", "4"),
        ("4", "3", "4"),
        ("4", "2", "4"),
        ("4", "1", "3"),
        ("1", "4", "3"),
        ("4", "X", "3"),
        ("X", "4", "3"),
        ("3", "X", "3"),
        ("2", "1", "2"),
        ("1", "X", "1"),
        ("X", "X", "X"),
    ],
)
def test_w_joins_both_school_ranks(learning: str, noncognitive: str, w: str) -> None:
    assert categorised("D", learning, noncognitive)[0][0] == w


WANTED = {  # for w = 4, 3, 2, 1, X
    "A": ("重点支援Ⅰ", "重点支援Ⅱ", "見守りⅠ", "見守りⅠ", "見守りⅠ"),
    "B": ("重点支援Ⅱ", "見守りⅠ", "見守りⅡ", "見守りⅡ", "見守りⅡ"),
    "C": ("見守りⅠ", "見守りⅡ", "見守りⅡ", "見守りⅡ", "見守りⅡ"),
    "D": ("見守りⅡ(教育)", "対象外(記録)", "対象外", "対象外", "対象外"),
    "X": ("見守りⅠ", "見守りⅡ", "要データ確認", "要データ確認", "要データ確認"),
}
OF_W = {"4": ("4", "4"), "3": ("3", "1"), "2": ("2", "2"), "1": ("1", "1"), "X": ("X", "X")}


@pytest.mark.parametrize("poverty", POVERTY)
@pytest.mark.parametrize("w", RANKS)
def test_every_cell_of_the_matrix(poverty: str, w: str) -> None:
    expected = (w, WANTED[poverty][RANKS.index(w)], poverty == "X")
    assert categorised(poverty, *OF_W[w]) == (expected, [])


@pytest.mark.parametrize(
    ("school", "category", "codes"),
    [
        (("4", "4"), "重点支援Ⅰ", []),
        (("3", "X"), "重点支援Ⅱ", []),  # already there: the override changed nothing
        (("2", "1"), "重点支援Ⅱ", ["OVERRIDE_N3"]),
        (("X", "X"), "重点支援Ⅱ", ["OVERRIDE_N3"]),
    ],
)
def test_n3_gives_at_least_the_second_category(school: tuple[str, str], category: str, codes: list[str]) -> None:
    (_, found, _), reasons = categorised("A", *school, nurturing="N3")
    assert (found, reasons) == (category, codes)
