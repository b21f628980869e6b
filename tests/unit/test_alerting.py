"""When a judgement becomes an alert, and when it is the same again."""

import pytest

from models.judgement.alerting import Earlier, Signal, is_new, split, told_at_once


def signal(category: str = "重点支援Ⅰ", *codes: str, data_check: bool = False) -> Signal:
    return Signal(category, data_check, frozenset(codes))


@pytest.mark.parametrize(
    ("category", "data_check", "calls"),
    [
        ("重点支援Ⅰ", False, True),
        ("重点支援Ⅱ", False, True),
        ("要データ確認", True, True),
        ("見守りⅠ", False, False),
        ("見守りⅠ", True, True),
        ("見守りⅡ(教育)", False, False),
        ("対象外", False, False),
    ],
)
def test_only_priority_support_and_data_checks_call_for_an_alert(category: str, data_check: bool, calls: bool) -> None:
    assert signal(category, data_check=data_check).calls_for_alert is calls


def test_the_same_category_and_reasons_give_no_second_alert() -> None:
    assert not is_new(signal("重点支援Ⅰ", "E3_HOGO"), Earlier(signal("重点支援Ⅰ", "E3_HOGO"), dismissed=False))


@pytest.mark.parametrize("codes", [("E3_HOGO", "T_LT35"), (), ("T_LT35",)])
def test_other_reasons_give_a_new_alert(codes: tuple[str, ...]) -> None:
    assert is_new(signal("重点支援Ⅰ", *codes), Earlier(signal("重点支援Ⅰ", "E3_HOGO"), dismissed=False))


@pytest.mark.parametrize(
    ("codes", "earlier", "told"),
    [
        (("N2_ABUSE_36M",), None, True),
        ((), None, False),
        (("E2_TAX", "N2_ABUSE_36M"), ("E2_TAX",), True),
        (("E2_TAX",), ("E2_TAX", "T_LT35"), False),
    ],
)
def test_after_an_urgent_event_a_reason_that_was_not_there_counts(
    codes: tuple[str, ...], earlier: tuple[str, ...] | None, told: bool
) -> None:
    before = None if earlier is None else Earlier(signal("見守りⅠ", *earlier), dismissed=False)
    assert told_at_once(signal("見守りⅠ", *codes), before, urgent=True, reported=False) is told


@pytest.mark.parametrize("dismissed", [True, False])
@pytest.mark.parametrize("category", ["見守りⅠ", "重点支援Ⅰ"])
def test_another_report_is_told_even_where_the_last_alert_said_the_same(category: str, dismissed: bool) -> None:
    said = signal(category, "N3_ABUSE_12M")
    assert told_at_once(said, Earlier(said, dismissed), urgent=True, reported=True)
    assert not told_at_once(said, Earlier(said, dismissed), urgent=True, reported=False)  # the same report, corrected


def test_a_report_of_long_ago_is_no_reason_and_tells_nothing_by_itself() -> None:
    assert not told_at_once(signal("対象外"), None, urgent=True, reported=True)


def test_after_a_dismissal_only_a_new_reason_counts() -> None:
    dismissed = Earlier(signal("重点支援Ⅱ", "E2_TAX", "T_LT35"), dismissed=True)
    assert not is_new(signal("重点支援Ⅰ", "T_LT35"), dismissed)
    assert is_new(signal("重点支援Ⅱ", "E2_TAX", "ABSENCE_30"), dismissed)


def test_split_keeps_the_order_and_leaves_out_who_needs_no_alert() -> None:
    signals = {"c": signal("重点支援Ⅰ", "E3_HOGO"), "a": signal("対象外"), "b": signal("重点支援Ⅱ", "N3_YOHOGO")}
    new, unchanged = split(signals, {"c": Earlier(signals["c"], dismissed=False)})
    assert (new, unchanged) == (["b"], ["c"])
