"""Two rule sets on the same past: who changes, what was found out later, and a yardstick that never sees the future."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.judgement.kernel import SCALE_COLUMNS
from models.simulation.difference import by_group, directions, moves
from models.simulation.outcomes import OUTCOMES, Hits, found_after, hits
from models.simulation.rules import changed_places
from models.simulation.yardstick import FEWEST, Past, ordered
from schemas.rules import load_default
from schemas.rules.lint.finding import leaves
from services.simulation.wording import SECTIONS, item_title, section_title, value_text
from tests.rule_text import rules_with

DAY = date(2026, 8, 31)
CHILDREN = 60
JUDGED = pl.DataFrame(
    {
        "child_id": ["a", "b", "c", "d"],
        "before": ["対象外", "重点支援Ⅰ", "見守りⅡ", "見守りⅡ"],
        "after": ["見守りⅠ", "重点支援Ⅱ", "見守りⅡ(教育)", "見守りⅡ"],
    }
)


def _outcomes(*rows: tuple[str, date, date, bool, str, date | None]) -> pl.DataFrame:
    names = ("child_id", "day", "known", "need", "by", "until")
    return pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows], schema=OUTCOMES)


def _children(as_of: date, *, turned: bool = False) -> Past:
    """Sixty children whose T and absence have nothing to do with one another; turned: the other way round."""
    numbers = range(CHILDREN)
    t, absence = ([step * n % CHILDREN for n in numbers] for step in (37, 17))
    if turned:
        t, absence = absence, t
    frame = pl.DataFrame({"child_id": [f"{n:03d}" for n in numbers]}).with_columns(
        pl.lit("E0").alias("economic"),
        pl.lit("N0").alias("nurturing"),
        *(pl.lit(None, dtype=pl.Int32).alias(name) for name in SCALE_COLUMNS),
        t=pl.Series([300 + 4 * each for each in t], dtype=pl.Int32),
        absence=pl.Series(absence, dtype=pl.Int32),
    )
    return Past(as_of, frame)


def test_moves_count_who_stays_as_well() -> None:
    assert moves(JUDGED)["見守りⅡ", "見守りⅡ"] == 1
    assert sum(moves(JUDGED).values()) == 4


def test_a_move_between_categories_of_one_height_is_neither_up_nor_down() -> None:
    directed = directions(JUDGED, load_default().heights)
    assert directed["direction"].to_list() == ["up", "down", None, None]
    groups = pl.DataFrame({"child_id": ["a", "b", "c"], "sex": ["男", "女", "女"]})
    assert by_group(directed, groups, "sex").rows() == [("女", 2, 0, 1), ("男", 1, 1, 0), (None, 1, 0, 0)]


@pytest.mark.parametrize(
    ("found_on", "counts"),
    [(DAY, False), (DAY + timedelta(days=1), True), (date(2027, 8, 31), True), (date(2027, 9, 1), False)],
)
def test_what_is_found_counts_from_the_day_after_for_twelve_months(found_on: date, counts: bool) -> None:
    rows = _outcomes(("a", found_on, found_on, True, "casework", None))
    assert found_after(rows, DAY)["child_id"].to_list() == (["a"] if counts else [])


@pytest.mark.parametrize(
    ("until", "counts"),
    [(None, False), (DAY, False), (DAY - timedelta(days=1), True)],
    ids=["open", "that day", "over"],
)
def test_a_child_whom_the_office_has_already_is_no_finding(until: date | None, counts: bool) -> None:
    later = DAY + timedelta(days=30)
    rows = _outcomes(
        ("a", DAY - timedelta(days=90), DAY, True, "office", until), ("a", later, later, True, "office", None)
    )
    assert (found_after(rows, DAY).height == 1) is counts


def test_hits_and_misses_and_children_without_an_outcome() -> None:
    later = DAY + timedelta(days=30)
    rows = _outcomes(
        ("a", later, later, True, "casework", None),
        ("b", later, later, False, "casework", None),
        ("c", later, later, True, "office", None),
        ("e", later, later, False, "casework", None),
    )
    listed = pl.DataFrame({"child_id": ["a", "b", "d"]})
    assert hits(listed, found_after(rows, DAY)) == Hits(listed=3, needed=1, not_needed=1, missed=1)
    assert hits(listed, found_after(rows, DAY)).decided == 2


EARLIER = [_children(date(2025, 1, 31)), _children(date(2025, 8, 31))]
NOW = _children(DAY)
OFTEN_AWAY = [f"{n:03d}" for n in range(CHILDREN) if 17 * n % CHILDREN >= CHILDREN - FEWEST]
KNOWN = _outcomes(
    *(
        (child, day, day, True, "casework", None)
        for child in OFTEN_AWAY
        for day in (date(2025, 3, 1), date(2026, 3, 1))  # after each of the earlier runs
    ),
)


def test_the_yardstick_puts_first_who_is_like_those_found_before() -> None:
    order = ordered(NOW, EARLIER, KNOWN)
    assert order is not None
    assert (
        len({*order["child_id"].head(FEWEST)} & {*OFTEN_AWAY}) >= FEWEST - 2
    )  # it is a straight line through two scores
    assert order.height == CHILDREN


def test_the_yardstick_says_nothing_where_too_little_was_found() -> None:
    assert ordered(NOW, EARLIER, KNOWN.head(FEWEST - 1)) is None
    assert ordered(NOW, [], KNOWN) is None


@settings(max_examples=25)
@given(
    later=st.lists(
        st.tuples(st.integers(0, 59), st.integers(-400, 400), st.integers(1, 400), st.booleans()), max_size=40
    ),
    runs=st.lists(st.integers(0, 400), max_size=2),
)
def test_the_yardstick_never_sees_the_future(later: list[tuple[int, int, int, bool]], runs: list[int]) -> None:
    """Whatever is known after the day judged, and whatever runs come after it, the order is the same."""
    rows = [
        (f"{n:03d}", DAY + timedelta(days=on), DAY + timedelta(days=max(on, known)), need, "casework", None)
        for n, on, known, need in later
    ]
    coming = [_children(DAY + timedelta(days=days), turned=True) for days in runs]
    with_future = ordered(NOW, [*EARLIER, *coming], pl.concat([KNOWN, _outcomes(*rows)]))
    without = ordered(NOW, EARLIER, KNOWN)
    assert with_future is not None and without is not None
    assert with_future.equals(without)


def test_every_place_of_a_rule_set_has_a_japanese_name() -> None:
    document = load_default().model_dump(mode="json", exclude={"version", "title", "card", "queue", "sentences"})
    named = {place: item_title(place) for place, _ in leaves(document)}
    bare = [
        place for place, title in named.items() if title.isascii() or title.endswith(f": {place.rpartition('.')[2]}")
    ]
    assert bare == []
    assert {section_title(place) for place in named} <= set(SECTIONS.values())


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("learning.bands.T_35_40.below", 400, "40.0"), ("learning.fall_d1", -5, "-0.5"), ("noncognitive.very_low", 295, "29.5"),
        ("noncognitive.rank4_low", 3, "3"), ("switches.low_inclusive", False, "いいえ"), ("switches.dev", "computed", "市の計算"), ("matrix.B.3", "見守りⅠ", "見守りⅠ"),
        ("nurturing.checkup_kinds", ["3y", "5y"], "3y・5y"), ("sentences.ABSENCE_15", "欠席 {count} 日", "欠席 ○ 日"),
    ],
)  # fmt: skip
def test_values_are_put_in_points_and_words(place: str, value: object, said: str) -> None:
    assert value_text(place, value) == said


def test_a_cell_of_a_table_is_named_by_what_its_row_and_column_are() -> None:
    assert item_title("matrix.B.3") == "生活困窮 B × 学校データ 3"


def test_every_changed_place_is_told_with_its_source() -> None:
    changed = rules_with(("low_cut = 450", "low_cut = 400"), ("percent = 4  #", "percent = 5  #"))
    told = [
        (c.place, c.before, c.after, c.source.kind if c.source else None)
        for c in changed_places(load_default(), changed)
    ]
    assert told == [("learning.low_cut", 450, 400, "sourced"), ("guard.percent", 4, 5, "proposal")]
