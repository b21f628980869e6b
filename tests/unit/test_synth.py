"""The synthetic city: its numbers, its size and shares, and that it is the same each time."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from schemas.errors import UsageError
from services.synth import params
from services.synth.city import City, make_city
from services.synth.families import scope_start
from services.synth.main import MARKER, Summary, generate
from services.synth.numbers import city_code, school_code, with_modulus11, wrong_modulus11
from services.synth.report import asked_and_made

UNTIL = date(2026, 8, 31)


@pytest.fixture(scope="module")
def city() -> City:
    return make_city(children=4000, until=UNTIL, seed=2, progress=lambda step: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    out = tmp_path_factory.mktemp("city") / "out"
    return out, generate(out, children=400, until=UNTIL, seed=1)


@pytest.mark.parametrize("code", ["272205", "131016", "011002", "271004"])
def test_city_codes_end_in_their_check_digit(code: str) -> None:
    assert city_code(code[:5]) == code


@pytest.mark.parametrize(("serial", "number"), [(1, "19"), (5, "51"), (6, "60"), (10, "108")])
def test_numbers_end_in_modulus_11_with_weights_from_2(serial: int, number: str) -> None:
    # 1 × 2 = 2 → 9; 5 × 2 = 10 → 1; 6 × 2 = 12, remainder 1 → 0; 1 × 3 = 3 → 8
    width = len(number)
    assert with_modulus11(np.array([serial]), width).to_list() == [number]
    other = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert wrong_modulus11(pl.Series([number, other]), width).to_list() == [False, True]


def test_school_codes_have_thirteen_characters_and_a_prefecture_that_does_not_exist() -> None:
    code = school_code("B1", 9_900_001)
    assert (len(code), code[2:4]) == (13, "99")


def test_the_oldest_child_in_scope_turns_18_by_the_end_of_the_school_year() -> None:
    assert scope_start(date(2026, 8, 31)) == date(2008, 4, 2)
    assert scope_start(date(2027, 3, 31)) == date(2008, 4, 2)
    assert scope_start(date(2027, 4, 1)) == date(2009, 4, 2)


def test_exactly_the_children_asked_for_live_in_the_city(city: City) -> None:
    register = city.facts["resident", ""]
    last = register.group_by("atena_no").agg(pl.all().sort_by("rireki_no").last())
    in_scope = (pl.col("birth") >= scope_start(UNTIL)) & (pl.col("birth") <= UNTIL)
    assert last.filter((pl.col("status") == "住民") & in_scope).height == 4000


def test_shares_come_out_as_asked(city: City) -> None:
    made = {item: value for item, _, value in asked_and_made(city)}
    asked = params.POVERTY_A + params.POVERTY_B + params.POVERTY_C
    assert float(made["環境因子あり（A+B+C）"].removesuffix(" %")) == pytest.approx(asked, abs=0.4)
    absence = next(value for item, value in made.items() if item.startswith("欠席"))
    assert float(absence.removesuffix(" %")) == pytest.approx(params.NONATTENDANCE, abs=0.2)
    assert city.gaps == pytest.approx(params.KOKUGO_GAP, abs=0.2)


@pytest.mark.parametrize(
    ("condition", "least"),
    [
        (pl.col("name_kanji").str.contains("[髙﨑邊邉德濵]"), 20),
        (pl.col("jumin_shubetsu") == "外国人", 50),
        (pl.col("common_name").is_not_null(), 10),
        (pl.col("birth_precision") != "day", 1),
        (~pl.col("kana_confirmed"), 100),
        (pl.col("addr_joined").str.contains("\n"), 20),
        (pl.col("ido_jiyu") == "世帯合併", 20),
        (pl.col("status") == "転出", 100),
    ],
)
def test_the_register_has_what_makes_registers_hard(city: City, condition: pl.Expr, least: int) -> None:
    assert city.facts["resident", ""].filter(condition).height >= least


def test_twins_share_household_and_birthday(city: City) -> None:
    children = city.children.filter("present")
    twins = children.group_by("setai_no", "born").len().filter(pl.col("len") == 2)
    assert twins.height >= 5


def test_some_who_are_pupils_here_live_elsewhere_and_some_left(city: City) -> None:
    register = city.facts["resident", ""]["atena_no"]
    outside = city.facts["gakureibo", ""].filter(pl.col("kubun") == "区域外")["atena_no"].unique()
    assert outside.len() >= 5
    assert not outside.is_in(register.implode()).any()
    assert city.children.filter(~pl.col("present")).height > 100


def test_nothing_is_recorded_after_the_last_day(city: City) -> None:
    latest = [frame["event_time"].max() for frame in city.facts.values() if "event_time" in frame.columns]
    assert max(str(moment) for moment in latest) < "2026-09-01"


def test_an_earlier_last_day_in_spring_works(tmp_path: Path) -> None:
    summary = generate(tmp_path / "spring", children=100, until=date(2019, 4, 10), seed=0)
    assert summary.children == 100


def test_same_arguments_same_bytes_other_seed_other_bytes(made: tuple[Path, Summary], tmp_path: Path) -> None:
    out, summary = made
    again = generate(tmp_path / "again", children=400, until=UNTIL, seed=1)
    other = generate(tmp_path / "other", children=400, until=UNTIL, seed=3)
    assert again == summary
    assert other.digest != summary.digest
    names = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    assert all((out / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in names)


def test_the_readme_sets_asked_against_made(made: tuple[Path, Summary]) -> None:
    text = (made[0] / "README.md").read_text("utf-8")
    assert "| 環境因子あり（A+B+C） | 17.4 % |" in text


def test_an_earlier_city_is_replaced_whole_and_a_killed_run_leaves_no_trace(tmp_path: Path) -> None:
    out = tmp_path / "city"
    (tmp_path / ".city.unfinished" / "feeds").mkdir(parents=True)
    (tmp_path / ".city.unfinished" / "feeds" / "half.csv").write_text("half")
    first = generate(out, children=60, until=UNTIL, seed=1)
    (out / "feeds" / "stray.csv").write_text("stray")
    assert generate(out, children=60, until=UNTIL, seed=1) == first
    assert not list(out.rglob("stray.csv")) + list(out.rglob("half.csv"))
    assert [path.name for path in tmp_path.iterdir()] == ["city"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="空"):
        generate(tmp_path, children=60, until=UNTIL, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert not (tmp_path / MARKER).exists()


@pytest.mark.parametrize(
    ("children", "until", "seed", "named"),
    [(49, UNTIL, 1, "--children"), (100, date(2016, 6, 29), 1, "--until"), (100, UNTIL, -1, "--seed")],
)
def test_arguments_out_of_range_are_named(tmp_path: Path, children: int, until: date, seed: int, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        generate(tmp_path / "out", children=children, until=until, seed=seed)
