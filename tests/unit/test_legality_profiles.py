"""Legal profiles: every clause that ships carries its words, its dates and who decides."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from models.legality.profile import Clause, ProfileError, read_profile, read_profiles, shipped_profiles

CLAUSES = {clause.id: clause for profile in shipped_profiles().values() for clause in profile.clauses}

PROFILE = """
id = "x"
title = "試験"
[[clauses]]
id = "x/1"
title = "第1条"
decides = "実施機関"
valid_from = 2020-01-01
dates = "試験"
recurrence = ["臨時"]
[[clauses.quotes]]
text = "第一条"
source = "試験条例 第1条"
"""


def test_the_support_purpose_and_the_act_ship() -> None:
    assert set(shipped_profiles()) >= {"minoh-support-purpose", "appi-69"}
    assert set(CLAUSES) >= {"minoh/support", "appi/61-1", "appi/69-1", *(f"appi/69-2-{item}" for item in range(1, 5))}


@pytest.mark.parametrize(
    ("profile", "clauses"),
    [
        ("himeji-9", {"himeji/9-1", "himeji/9-1-4", "himeji/9-1-5", "himeji/9-1-6"}),
        ("nishinomiya-12", {"nishinomiya/12-1", *(f"nishinomiya/12-2-{item}" for item in range(1, 7))}),
        ("kanoya-8", {"kanoya/8-1", "kanoya/8-2-4", "kanoya/8-2-6"}),
        ("chiba-assembly-12", {"assembly/12-1", *(f"assembly/12-2-{item}" for item in range(1, 5))}),
    ],
)
def test_no_item_ships_whose_words_are_not_quoted(profile: str, clauses: set[str]) -> None:
    assert {clause.reported for clause in shipped_profiles()[profile].clauses} == clauses


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=CLAUSES)
def test_every_clause_shows_its_words_and_who_decides(clause: Clause) -> None:
    assert all(quote.text and quote.source for quote in clause.quotes)
    assert clause.decides in ("実施機関", "行政機関の長等", "議長")
    assert clause.demands


@pytest.mark.parametrize("item", [1, 2, 3, 4])
def test_the_exceptions_of_69_2_are_for_occasional_use_and_carry_the_proviso(item: int) -> None:
    clause = CLAUSES[f"appi/69-2-{item}"]
    assert clause.recurrence == {"臨時"}
    assert any("この限りでない" in quote.text for quote in clause.quotes)
    assert {demand.code: demand.answers for demand in clause.demands}["rights"] == {"none", "infringed"}


def test_item_3_reads_as_it_is_in_force() -> None:
    assert any("地方公共団体の機関又は地方独立行政法人" in quote.text for quote in CLAUSES["appi/69-2-3"].quotes)


def test_the_later_of_two_beginnings_counts_and_both_are_named() -> None:
    clause = CLAUSES["minoh/support"]
    assert "2013年度" in clause.dates
    assert "2015年12月" in clause.dates
    assert (clause.valid_from, clause.valid_to) == (date(2015, 12, 31), date(2023, 3, 31))


def test_the_two_editions_leave_neither_gap_nor_overlap() -> None:
    first, second = CLAUSES["minoh/support"], CLAUSES["appi/61-1"]
    assert first.valid_to is not None
    assert (second.valid_from - first.valid_to).days == 1
    assert second.valid_to is None


@pytest.mark.parametrize(
    ("day", "covered"), [(date(2019, 12, 31), False), (date(2020, 1, 1), True), (date(2099, 1, 1), True)]
)
def test_a_clause_without_an_end_is_in_force_from_its_first_day(day: date, covered: bool) -> None:
    assert read_profile(PROFILE).clauses[0].covers(day) is covered


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('text = "第一条"', 'text = ""'),
        ('decides = "実施機関"\n', ""),
        ('recurrence = ["臨時"]', "recurrence = []"),
        ('title = "第1条"', 'title = "第1条"\ntogether_with = ["x/2"]'),
        ("[[clauses.quotes]]", "[[clauses.sources]]"),
    ],
)
def test_a_clause_without_its_words_or_with_a_loose_end_does_not_load(old: str, new: str) -> None:
    assert old in PROFILE
    with pytest.raises(ValidationError):
        read_profile(PROFILE.replace(old, new))


ENDED = PROFILE.replace(
    'title = "試験"', 'title = "試験"\ncity = "試験市"\nbodies = ["市長"]\nsucceeded_by = "y"', 1
).replace("valid_from = 2020-01-01", "valid_from = 2020-01-01\nvalid_to = 2021-12-31")
NEXT = PROFILE.replace('id = "x"', 'id = "y"\ncity = "試験市"\nbodies = ["市長"]').replace('id = "x/1"', 'id = "y/1"')


@pytest.mark.parametrize(
    ("begins", "told"),
    [
        ("2021-12-31", ["期間が重なっています: x から y", "期間が重なっています: x と y"]),
        ("2022-01-01", []),
        ("2022-01-02", ["期間に空白があります: x から y"]),
    ],
)
def test_a_profile_begins_on_the_day_after_the_one_it_follows(begins: str, told: list[str], tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(ENDED, "utf-8")
    (tmp_path / "y.toml").write_text(NEXT.replace("2020-01-01", begins), "utf-8")
    if told:
        with pytest.raises(ProfileError) as wrong:
            read_profiles(tmp_path)
        assert [reason.partition("（")[0] for reason in wrong.value.reasons] == told
    else:
        assert set(read_profiles(tmp_path)) == {"x", "y"}


@pytest.mark.parametrize(
    ("second", "file", "told"),
    [
        (PROFILE, None, "同じ id"),
        ("id = ", "y.toml", "Invalid value"),
        (PROFILE.replace('recurrence = ["臨時"]', 'recurrence = ["時々"]'), "y.toml", "recurrence"),
    ],
)
def test_the_file_that_is_wrong_is_named(second: str, file: str | None, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(PROFILE, "utf-8")
    (tmp_path / "y.toml").write_text(second, "utf-8")
    with pytest.raises(ProfileError, match=told) as wrong:
        read_profiles(tmp_path)
    assert wrong.value.file == file
