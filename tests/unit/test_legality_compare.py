"""What differs between two versions of an approval, and what of it only narrows."""

from pathlib import Path

import pytest

from models.legality.compare import compare
from schemas.records.approval import read_approval

TEXT = (Path(__file__).parents[2] / "infra" / "demo" / "approval-2.toml").read_text("utf-8")
BASE = read_approval(TEXT).approval
OCCASIONAL = TEXT.replace('recurrence = "恒常"', 'recurrence = "臨時"\nmax_runs = 3')


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('"resident.birth", ', "", "項目を削除: resident.birth"),
        (
            'rule_sets = ["mimamori-default-1.0.0"]',
            "rule_sets = []",
            "ルールセットを削除: mimamori-default-1.0.0",
        ),
        ("period_from = 2023-04-01", "period_from = 2024-04-01", "期間の始まりを2023-04-01から2024-04-01に変更"),
        ("period_to = 2031-03-31", "period_to = 2030-03-31", "期間の終わりを2031-03-31から2030-03-31に変更"),
        ("safeguards = [", 'safeguards = [\n    "毎年監査を受ける",', "保護措置を追加: 毎年監査を受ける"),
        ("conditions = [", 'conditions = [\n    "夜間は行わない",', "条件を追加: 夜間は行わない"),
        ('acts = ["report", "export"]', 'acts = ["report"]', "見守市個人情報保護審議会（council）の「export」を削除"),
    ],
)
def test_less_or_more_bound_only_narrows_and_back_again_widens(old: str, new: str, text: str) -> None:
    assert old in TEXT
    changed = read_approval(TEXT.replace(old, new, 1)).approval
    forward = compare(BASE, changed)
    assert any(text in difference.text for difference in forward)
    assert all(difference.narrows for difference in forward)
    assert not any(difference.narrows for difference in compare(changed, BASE))


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('purpose = "支援', 'purpose = "就労', "目的を変更"),
        ('reason = "条例', 'reason = "要綱', "理由を変更"),
        ('retention = "', 'retention = "原則として', "保存期間を変更"),
        ('with_clauses = ["appi/69-1"]', "with_clauses = []", "併せて拠る条文を変更"),
        ('answer = "yes"', 'answer = "no"', "認定を変更"),
        ('recurrence = "恒常"', 'recurrence = "臨時"\nmax_runs = 3', "恒常・臨時の別を変更"),
    ],
)
def test_other_words_are_never_a_mere_narrowing(old: str, new: str, text: str) -> None:
    assert old in TEXT
    differences = compare(BASE, read_approval(TEXT.replace(old, new, 1)).approval)
    assert [(each.text, each.narrows) for each in differences] == [(text, False)]


@pytest.mark.parametrize(("runs", "narrows"), [(2, True), (4, False)])
def test_fewer_runs_narrow(runs: int, narrows: bool) -> None:
    changed = read_approval(OCCASIONAL.replace("max_runs = 3", f"max_runs = {runs}")).approval
    (difference,) = compare(read_approval(OCCASIONAL).approval, changed)
    assert (difference.text, difference.narrows) == (f"回数を3回から{runs}回に変更", narrows)


def test_a_version_number_alone_is_no_difference() -> None:
    assert compare(BASE, read_approval(TEXT.replace("version = 1", "version = 2")).approval) == ()
