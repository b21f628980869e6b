"""The approval's document: what its hash covers, and that mistakes are named."""

from pathlib import Path

import pytest

from schemas.errors import UsageError
from schemas.records.approval import ApprovalFile, Opinion, read_approval, read_council

DEMO = Path(__file__).parents[2] / "infra" / "demo"
TEXT = (DEMO / "approval-2.toml").read_text("utf-8")


def _changed(old: str, new: str) -> ApprovalFile:
    assert old in TEXT
    return read_approval(TEXT.replace(old, new, 1))


def test_comments_spaces_and_order_leave_the_hash_alone() -> None:
    lines = [line for line in TEXT.splitlines() if not line.strip().startswith("#")]
    head, rest = lines[:2], lines[2:]
    assert read_approval("\n".join([*reversed(head), "", *rest])).digest == read_approval(TEXT).digest


def test_the_councils_part_is_no_part_of_what_it_is_about() -> None:
    document = TEXT[: TEXT.index("[council]")]
    assert read_approval(document).digest == read_approval(TEXT).digest
    assert read_approval(document).council is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("period_to = 2031-03-31", "period_to = 2031-03-30"),
        ('"resident.birth", ', ""),
        ("必ず人が判断する", "人が判断する"),
        ("version = 1", "version = 2"),
        ('answer = "yes"', 'answer = "no"'),
    ],
)
def test_any_change_of_the_document_changes_the_hash(old: str, new: str) -> None:
    assert _changed(old, new).digest != read_approval(TEXT).digest


def test_a_star_stands_for_the_items_named_and_for_no_others() -> None:
    narrowed = _changed('"resident.birth", ', "").approval
    linkage = narrowed.received[("子ども成長見守り室", "linkage", narrowed.acts[1])]
    assert "resident.name_kana" in linkage
    assert "resident.birth" not in linkage
    assert not any(item.startswith("judgement.") for item in linkage)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('id = "approval-2"', "", "id"),
        ('name = "子ども', 'nmae = "x"\nname = "子ども', "nmae"),
        ("version = 1", "version = 0", "version"),
        ('"resident.birth"', '"Resident.Birth"', "items"),
        ('"resident.birth"', '"resident.*"', "items"),
        ('"resident.birth"', '"resident.sex"', "二度"),
        ('recurrence = "恒常"', 'recurrence = "恒常"\nmax_runs = 3', "max_runs"),
        ('acts = ["collect", "link", "judge"', 'acts = ["link", "judge"', "行為"),
        ('"hoiku.*"', '"nursery.*"', "nursery"),
        ('opinion = "favourable"', 'opinion = "conditional"', "条件"),
        ("opinion_on = 2023-03-27", "opinion_on = 2023-03-19", "答申の日"),
        ('answer = "yes"', 'answer = "maybe"', "answer"),
    ],
)
def test_a_mistake_is_named(old: str, new: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        _changed(old, new)


def test_the_council_is_read_from_a_file_of_its_own() -> None:
    council = read_council(TEXT[TEXT.index("[council]") :])
    assert council.opinion is Opinion.FAVOURABLE
    with pytest.raises(UsageError, match="council"):
        read_council("[opinion]\n")
    with pytest.raises(UsageError, match="meeting"):
        read_council(TEXT[TEXT.index("[council]") :].replace("meeting", "met"))
