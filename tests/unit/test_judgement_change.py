"""What is new since the last run, through which facts, and whom nobody had on a list."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from models.judgement.change import CHANGES, SAID, Part, changes, flagged, on_lists, through, unmarked
from schemas.rules import load_default
from schemas.rules.names import CATEGORIES, Category
from tests.kernel_rows import facts

HEIGHTS = load_default().heights
DAY = date(2026, 8, 31)


def _said(**children: tuple[Category, str]) -> pl.DataFrame:
    rows = [
        {"child_id": child, "category": category, "codes": codes.split()}
        for child, (category, codes) in children.items()
    ]
    return pl.DataFrame(rows, schema=SAID)


NOW = _said(
    new=("見守りⅡ", "E1_TAX"),
    up=("重点支援Ⅱ", "E2_TAX T_LT35"),
    down=("対象外", ""),
    side=("見守りⅡ(教育)", "T_LT35"),
    same=("対象外", "T_GE50"),
)
BEFORE = _said(
    up=("見守りⅡ", "E2_TAX T_45_50"),
    down=("見守りⅠ", "N1_HOKEN_SHIDO"),
    side=("見守りⅡ", "E1_TAX"),
    same=("対象外", "T_GE50"),
    gone=("重点支援Ⅰ", "E3_HOGO"),
)


def test_each_child_is_new_gone_up_down_or_the_same_with_the_facts_that_came_and_went() -> None:
    told = {row[0]: row[3:] for row in changes(NOW, BEFORE, HEIGHTS).iter_rows()}
    assert told == {
        "new": ("entered", ["E1_TAX"], []),
        "gone": ("left", [], ["E3_HOGO"]),
        "up": ("rose", ["T_LT35"], ["T_45_50"]),
        "down": ("fell", [], ["N1_HOKEN_SHIDO"]),
        "side": ("same", ["T_LT35"], ["E1_TAX"]),
        "same": ("same", [], []),
    }


def test_what_rose_is_told_by_the_reasons_that_came() -> None:
    changed = changes(NOW, BEFORE, HEIGHTS)
    assert through(changed, "rose", "added") == {"T_LT35": 1}
    assert through(changed, "fell", "removed") == {"N1_HOKEN_SHIDO": 1}
    assert through(changed, "fell", "added") == {}


@with_any(
    now=st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(CATEGORIES)),
    before=st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(CATEGORIES)),
)
def test_every_child_of_either_run_is_counted_once_and_the_way_back_mirrors_it(
    now: dict[str, Category], before: dict[str, Category]
) -> None:
    one, other = (_said(**{child: (category, "") for child, category in said.items()}) for said in (now, before))
    there = {row[0]: row[3] for row in changes(one, other, HEIGHTS).iter_rows()}
    back = {row[0]: row[3] for row in changes(other, one, HEIGHTS).iter_rows()}
    mirror = {"entered": "left", "left": "entered", "rose": "fell", "fell": "rose", "same": "same"}
    assert there.keys() == set(now) | set(before) and set(there.values()) <= set(CHANGES)
    assert back == {child: mirror[change] for child, change in there.items()}


@pytest.mark.parametrize(
    ("feed", "row", "listed"),
    [
        ("soudan", {"child": 1, "kind": "その他", "received": "2026-08-31"}, True),
        ("soudan", {"child": 1, "kind": "その他", "received": "2026-09-01"}, False),
        ("soudan", {"child": 1, "kind": "要保護", "received": "2026-01-01", "closed": "2026-08-31"}, True),
        ("soudan", {"child": 1, "kind": "要保護", "received": "2026-01-01", "closed": "2026-08-30"}, False),
        ("edu_support", {"person": 1, "service": "SSW", "from_date": "2026-08-31"}, True),
        ("edu_support", {"person": 1, "service": "SSW", "from_date": "2026-04-01", "to_date": "2026-08-30"}, False),
    ],
)
def test_a_child_is_on_a_list_while_the_case_is_open(feed: str, row: dict[str, Any], listed: bool) -> None:
    given: dict[str, Any] = {feed: [row]}
    assert on_lists(facts(**given), DAY)["person"].to_list() == ([1] if listed else [])


def test_the_share_of_candidates_whom_nobody_knew_stands_with_both_its_numbers() -> None:
    named = flagged(NOW)
    assert sorted(named["child_id"]) == ["new", "side", "up"]
    assert unmarked(named, pl.DataFrame({"child_id": ["up", "up", "same"]})) == Part(2, 3)
    assert unmarked(named.head(0), named) == Part(0, 0)
