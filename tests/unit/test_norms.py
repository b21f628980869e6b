"""Exact standardisation: against fractions, at exact halves, at n 99 and 100, whatever the order of rows."""

from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction
from math import floor
from random import Random

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.judgement.norms import Norm, norm_of, norms_of, standardise, standardise_against

SCORE = st.tuples(st.integers(-(10**12), 10**12), st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 11, 1_000_000]))


def _is_at_least(x: Fraction, bound: Fraction, mean: Fraction, variance: Fraction) -> bool:
    """500 + 100·(x − mean)/√variance ≥ bound, decided without a root."""
    left, right = 100 * (x - mean), bound - 500  # left/√variance ≥ right
    if left >= 0:
        return right <= 0 or left**2 >= right**2 * variance
    return right < 0 and left**2 <= right**2 * variance


@given(st.lists(SCORE, min_size=2, max_size=30))
def test_t_is_the_exact_value_rounded_half_up(scores: list[tuple[int, int]]) -> None:
    values = [Fraction(num, den) for num, den in scores]
    mean = sum(values, Fraction(0)) / len(values)
    variance = sum(((x - mean) ** 2 for x in values), Fraction(0)) / len(values)
    assume(variance > 0)
    norm = norm_of((num, den, 1) for num, den in scores)
    for (num, den), x in zip(scores, values, strict=True):
        t, half = norm.standardise(num, den), Fraction(1, 2)
        assert _is_at_least(x, t - half, mean, variance)
        assert not _is_at_least(x, t + half, mean, variance)


@given(st.lists(st.integers(0, 400), min_size=2, max_size=40))
def test_t_agrees_with_eighty_decimal_digits(marks: list[int]) -> None:
    assume(len(set(marks)) > 1)
    norm = norm_of((mark, 1, 1) for mark in marks)
    with localcontext() as context:
        context.prec = 80
        n, total = len(marks), sum(marks)
        root = Decimal(n * sum(mark * mark for mark in marks) - total**2).sqrt()
        for mark in marks:
            exact = 500 + 100 * Decimal(n * mark - total) / root
            nearest = (exact + Decimal("0.5")).quantize(Decimal(1), rounding=ROUND_FLOOR)
            assert norm.standardise(mark, 1) == nearest


@pytest.mark.parametrize(
    ("x", "tenths"), [(1, 501), (-1, 500), (3, 502), (-3, 499), (5, 503), (-5, 498), (0, 500), (200, 600), (-200, 400)]
)
def test_an_exact_half_goes_up_on_both_sides_of_the_mean(x: int, tenths: int) -> None:
    norm = norm_of([(-200, 1, 1), (200, 1, 1)])  # mean 0, SD 200: x is 50 + x/20
    assert norm.standardise(x, 1) == tenths


def test_the_spread_is_that_of_the_population() -> None:
    norm = norm_of([(0, 1, 1), (2, 1, 1)])  # SD 1, not √2
    assert norm.standardise(2, 1) == 600


def test_equal_scores_are_all_50() -> None:
    assert norm_of([(7, 2, 120)]).standardise(7, 2) == 500


def test_scores_of_different_denominators_share_a_unit() -> None:
    norm = norm_of([(5, 2, 1), (7, 3, 2), (2_500_000, 1_000_000, 1)])
    assert norm == Norm(n=4, den=3_000_000, total=29_000_000, squares=210_500_000_000_000)
    assert norm.standardise(5, 2) == norm.standardise(2_500_000, 1_000_000)


def test_sums_beyond_64_bits_stay_exact() -> None:
    norm = norm_of([(10**15, 1, 3), (10**15 + 2, 1, 3)])
    assert norm.squares > 2**63
    assert (norm.standardise(10**15, 1), norm.standardise(10**15 + 2, 1)) == (400, 600)


@given(SCORE, st.integers(-(10**9), 10**9), st.integers(1, 10**8))
def test_t_against_a_published_norm_is_the_exact_value_rounded_half_up(
    score: tuple[int, int], mean: int, sd: int
) -> None:
    exact = 500 + 100 * (Fraction(*score) - Fraction(mean, 10**6)) / Fraction(sd, 10**6)
    assert standardise_against(*score, mean=mean, sd=sd) == floor(exact + Fraction(1, 2))


@pytest.mark.parametrize(("num", "tenths"), [(2_000_500, 501), (1_999_500, 500), (2_001_500, 502), (1_998_500, 499)])
def test_an_exact_half_against_a_published_norm_goes_up(num: int, tenths: int) -> None:
    # SD 0.1: ±0.0005 from the mean is ±0.05 of t
    assert standardise_against(num, 1_000_000, mean=2_000_000, sd=100_000) == tenths


def test_a_published_norm_without_spread_gives_50() -> None:
    assert standardise_against(3, 1, mean=2_000_000, sd=0) == 500


def _standardised(scores: pl.DataFrame, min_n: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    norms = norms_of(scores, ["group"])
    return standardise(scores, norms, ["group"], min_n=min_n), norms


def _scores(groups: list[str], nums: list[int], count: int = 1) -> pl.DataFrame:
    return pl.DataFrame(
        {"group": groups, "num": nums, "den": [1] * len(nums), "count": [count] * len(nums)},
        schema={"group": pl.String, "num": pl.Int64, "den": pl.Int64, "count": pl.Int64},
    )


@pytest.mark.parametrize(("n", "expected"), [(99, [None, None]), (100, [400, 600])])
def test_a_group_gives_scores_from_100_on(n: int, expected: list[int | None]) -> None:
    values = [0, 2] * 50
    scored, norms = _standardised(_scores(["a"] * n, values[:n]), 100)
    assert norms["n"].to_list() == [n]
    assert scored.sort("num")["t"].to_list() == expected


def test_a_score_that_does_not_count_gets_its_t_and_moves_nothing() -> None:
    counted = _scores(["a", "a"], [0, 2])
    scored, norms = _standardised(pl.concat([counted, _scores(["a"], [5], count=0)]), 2)
    assert dict(scored.select("num", "t").iter_rows()) == {0: 400, 2: 600, 5: 900}
    assert norms.rows() == [("a", 2, "1", "2", "4")]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9)), min_size=1, max_size=40), st.randoms())
def test_the_order_of_rows_changes_nothing(rows: list[tuple[str, int]], random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    (scored, norms), (scored_again, norms_again) = (
        _standardised(_scores([g for g, _ in some], [x for _, x in some]), 1) for some in (rows, shuffled)
    )
    assert norms.equals(norms_again)
    assert scored.sort("group", "num").equals(scored_again.sort("group", "num"))


def test_no_scores_give_no_norms() -> None:
    scored, norms = _standardised(_scores([], []), 100)
    assert scored.is_empty()
    assert norms.is_empty()
