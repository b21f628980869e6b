"""`make check-external` on a handful of made-up children: every figure can be worked out by hand, and a difference fails."""

from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from infra.external import check, egsingle, star
from infra.external.figures import Figure, as_table, figure
from infra.external.groups import norms_by, poverty_gap

# Two poor children at 10 and 20, two others at 30 and 40: mean 25, squared deviations 500, sample SD √(500/3).
FOUR = pl.DataFrame({"poor": [True, True, False, False], "num": [10, 20, 30, 40], "den": [1] * 4})


@pytest.mark.parametrize(
    ("expected", "exact", "computed"),
    [
        ("0.1", Fraction(1, 20), "0.1"),  # a half goes away from zero
        ("-0.1", Fraction(-1, 20), "-0.1"),
        ("0.70", Fraction(7, 10), "0.70"),
        ("9", 9, "9"),
    ],
)
def test_ours_has_as_many_decimals_as_the_published(expected: str, exact: Fraction, computed: str) -> None:
    assert figure("f", expected, exact).computed == computed


def test_a_gap_is_the_difference_of_means_in_points_in_sample_sd_and_in_our_deviation_scores() -> None:
    gap = poverty_gap(FOUR)
    assert (gap.n, gap.share, gap.points) == (4, Fraction(1, 2), Fraction(-20))
    assert figure("in SD", "0.0000", gap.in_sd).computed == "-1.5492"  # 20 / √(500/3)
    # 50 ± 10·5/√125 and 10·15/√125, each rounded to a tenth: 36.6, 45.5, 54.5, 63.4
    assert gap.deviation == Fraction(-179, 10)


def test_children_of_whom_something_is_not_known_are_left_out() -> None:
    unknown = pl.DataFrame({"poor": [None, True], "num": [99, None], "den": [1, 1]})
    assert poverty_gap(pl.concat([FOUR, unknown], how="vertical_relaxed")) == poverty_gap(FOUR)


def _star(folder: Path) -> Path:
    """Of the kindergarten three small classes' children and four others; of the later grades the same."""
    rows = [("small", 500, 510, "free"), ("small", 510, 520, "non-free"), ("small", 520, 530, "non-free"),
            ("regular", 490, 500, "free"), ("regular", 500, 500, "non-free"), ("regular+aide", 480, 500, "free"),
            ("regular+aide", None, 500, "non-free")]  # fmt: skip
    columns = ("star", "read", "math", "lunch")
    table = pl.DataFrame(
        [row * len(star.GRADES) for row in rows],
        schema=[f"{column}{ending}" for ending in star.GRADES.values() for column in columns],
        orient="row",
    )
    path = folder / star.FILE
    path.parent.mkdir()
    table.write_csv(path)
    return path


def test_a_small_classs_effect_is_the_difference_of_means_with_the_pooled_error(tmp_path: Path) -> None:
    found = {each.name: each.computed for each in star.figures(star.read(_star(tmp_path)))}
    name = "star grade K, small class:"
    # small: 1010, 1030, 1050; regular: 990, 1000; with an aide: 980. Pooled variance (800 + 50) / 3, 1/3 + 1/2 of it.
    assert found[f"{name} pupils"] == "6"
    assert found[f"{name} effect in points"] == "35.000"
    assert found[f"{name} standard error"] == "15.366"


def test_decimals_are_read_without_binary_floating_point(tmp_path: Path) -> None:
    path = tmp_path / "egsingle.csv"
    path.write_text("childid,grade,math,lowinc\n1,0,-0.005,80\n2,0,1.15,79.9\n", "utf-8")
    rows = egsingle.read(path)
    assert rows.rows() == [("1", 0, -5, 1000, 800, True), ("2", 0, 1150, 1000, 799, False)]
    assert norms_by(rows, "grade")[0].total == 1145


def test_a_difference_fails_and_what_is_not_there_is_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main(str(tmp_path / "nowhere")) == 0
    assert "skipped: star/AER_STAR_wide.csv" in capsys.readouterr().out
    _star(tmp_path)
    assert check.main(str(tmp_path)) == 1
    shown = capsys.readouterr().out
    assert "DIFFERS" in shown and "skipped: egsingle" in shown
    same = Figure("f", "1.0", "1.0")
    assert as_table([same]).endswith("ok")
