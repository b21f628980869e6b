"""The default rule set, and what a rule set may not be."""

import pytest

from schemas.rules import RuleSetError, default_text, load_default, parse
from schemas.rules.names import NURTURING, POVERTY, RANKS, TEMPLATE_PARAMETERS


def test_the_default_names_its_version() -> None:
    assert load_default().version == "mimamori-default-1.0.0"


def test_the_digest_is_of_the_content_and_not_of_the_file() -> None:
    text = default_text()
    assert parse("# another remark\n" + text).digest() == load_default().digest()
    assert parse(text.replace("percent = 4  #", "percent = 5  #")).digest() != load_default().digest()


@pytest.mark.parametrize(
    ("economic", "ranks"),  # for N3, N2, N1, N0, NX
    [("E3", "AAAAA"), ("E2", "AABBB"), ("E1", "ABBCC"), ("E0", "ABCDX"), ("EX", "ABCXX")],
)
def test_the_table_of_poverty_is_its_conditions(economic: str, ranks: str) -> None:
    row = {
        key: value for name, line in load_default().poverty.items() if name == economic for key, value in line.items()
    }
    assert "".join(row[level] for level in NURTURING) == ranks


@pytest.mark.parametrize("learning", RANKS)
@pytest.mark.parametrize("noncognitive", RANKS)
def test_w_is_its_rule(learning: str, noncognitive: str) -> None:
    both = {learning, noncognitive}
    if both <= {"3", "4"}:
        expected = "4"
    elif "4" in both and both & {"1", "X"}:
        expected = "3"
    else:
        expected = max(both - {"X"}, default="X")
    table = {(row, column): cell for row, line in load_default().w.items() for column, cell in line.items()}
    assert table[learning, noncognitive] == expected  # type: ignore[index]  # any text is asked for


def test_the_matrix_falls_from_left_to_right_and_from_a_to_d() -> None:
    rules = load_default()
    height = {(p, w): rules.heights[rules.matrix[p][w]] for p in POVERTY for w in RANKS}
    assert all(height[p, RANKS[i]] >= height[p, RANKS[i + 1]] for p in POVERTY for i in range(4))
    assert all(height[POVERTY[i], w] >= height[POVERTY[i + 1], w] for i in range(3) for w in RANKS)


def test_every_reason_code_has_a_sentence() -> None:
    assert set(load_default().sentences) == set(TEMPLATE_PARAMETERS)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('E3 = { N3 = "A", ', "E3 = { ", "poverty.E3"),
        ('X = { 4 = "見守りⅠ", ', "X = { ", "matrix.X"),
        ('4 = { 4 = "4", 3 = "4", 2 = "4", 1 = "3", X = "3" }', "", "w"),
        ('"見守りⅠ" = 3', "", "heights"),
        ("below = 400  ", "below = 350  ", "learning"),
        ("low_cut = 450", "low_cut = 440", "learning"),
        ("below = 350  ", "# below = 350  ", "learning"),
        ("very_low = 300", "very_low = 350", "noncognitive"),
        ("absence_rank3_days = 30", "absence_rank3_days = 15", "noncognitive"),
        ("abuse_past_months = 36", "abuse_past_months = 12", "nurturing"),
        ("decline_d1 = -30", "decline_d1 = -50", "learning"),
        ("low_percent = 10", "low_percent = 26", "calibration"),
        ("percent = 4  #", "percent = 4.0  #", "guard.percent"),
        ('dev = "given"', 'dev = "either"', "switches.dev"),
        ("(開始 {day})", "(開始 {count})", "sentences.E3_HOGO"),
        ("(開始 {day})", "(開始 {day:>9})", "sentences.E3_HOGO"),
        ("(開始 {day})", "(開始 {day)", "sentences.E3_HOGO"),
        ("TX_NO_SCORE =", "TX_NO_SCORES =", "sentences"),
        ("[guard]", "[guard]\nunknown = 1", "guard.unknown"),
        ("DATA_ERROR =", "data_error =", "queue.dismiss"),
        ('version = "mimamori-default-1.0.0"', "", "version"),
    ],
)
def test_a_rule_set_with_a_fault_is_refused_by_its_place(old: str, new: str, place: str) -> None:
    text = default_text()
    assert old in text
    with pytest.raises(RuleSetError) as refused:
        parse(text.replace(old, new, 1))
    assert any(place in problem for problem in refused.value.problems)


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(RuleSetError, match="TOML"):
        parse("version = ")
