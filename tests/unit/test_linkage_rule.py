"""The one deterministic rule of linkage: kana, birth date, address."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from models.linkage.rule import pairs, plain

KNOWN = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = {
    "person_key": pl.Int64(), "kana": pl.String(), "birth": pl.Date(), "birth_day": pl.Boolean(), "kana_confirmed": pl.Boolean(),
    "addresses": pl.List(pl.String()), "first": pl.Date(), "last": pl.Date(), "known_at": pl.Datetime("us", "UTC"),
}  # fmt: skip


def stay(key: int, first: int, last: int | None, **other: Any) -> dict[str, Any]:
    base = {
        "person_key": key, "kana": "ミマモリハナ", "birth": date(2015, 5, 1), "birth_day": True, "kana_confirmed": True,
        "addresses": ["青葉1-2-3"], "first": date(first, 4, 1), "last": None if last is None else date(last, 3, 31),
        "known_at": KNOWN,
    }  # fmt: skip
    return base | other


def found(*stays: dict[str, Any]) -> list[tuple[int, int, str]]:
    return [
        (row["left_key"], row["right_key"], row["why"])
        for row in pairs(pl.DataFrame(list(stays), schema=SCHEMA)).iter_rows(named=True)
    ]


def test_who_left_and_came_back_to_the_same_address_is_one_person() -> None:
    assert found(stay(1, 2016, 2018), stay(2, 2020, None)) == [(1, 2, "sure")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"addresses": ["緑町9-9"]}, "other_address"),
        ({"kana_confirmed": False}, "unconfirmed"),
        ({"birth_day": False}, "unconfirmed"),
    ],
)
def test_what_is_less_sure_waits_for_a_person(change: dict[str, Any], why: str) -> None:
    assert found(stay(1, 2016, 2018), stay(2, 2020, None, **change)) == [(1, 2, why)]


def test_two_who_live_here_at_the_same_time_are_two_persons_but_all_alike_is_worth_a_look() -> None:
    assert found(stay(1, 2016, None), stay(2, 2017, None)) == [(1, 2, "overlapping_stay")]
    assert found(stay(1, 2016, None), stay(2, 2017, None, addresses=["緑町9-9"])) == []


def test_three_of_a_kind_are_never_linked_by_the_rule() -> None:
    assert {why for *_, why in found(stay(1, 2016, 2017), stay(2, 2018, 2019), stay(3, 2020, None))} == {"several"}


@pytest.mark.parametrize(
    "change", [{"kana": "ミマモリイチロウ"}, {"birth": date(2015, 5, 2)}, {"birth": None}, {"kana": ""}]
)
def test_another_kana_or_birth_date_is_another_person(change: dict[str, Any]) -> None:
    assert found(stay(1, 2016, 2018), stay(2, 2020, None, **change)) == []


@pytest.mark.parametrize(
    ("left", "right"), [("ﾐﾏﾓﾘ ﾊﾅ", "ミマモリ　ハナ"), ("シャ", "シヤ"), ("１－２－３", "1-2-3"), ("カー", "カｰ")]
)
def test_width_blanks_small_kana_and_dashes_do_not_count(left: str, right: str) -> None:
    assert plain(left) == plain(right)
