"""The capacity guard and the calibration aid, at their edges (reading 19)."""

import polars as pl
import pytest

from models.judgement.overall.guard import Share, environment_factor, guarded, is_uncalibrated
from schemas.rules import load_default

RULES = load_default()


@pytest.mark.parametrize(("part", "held"), [(3, False), (4, False), (5, True)])
def test_a_run_is_held_above_four_per_cent(part: int, held: bool) -> None:
    assert Share(part, 100).exceeds(RULES.guard.percent) is held


def test_a_city_without_pupils_is_not_held() -> None:
    assert not Share(0, 0).exceeds(RULES.guard.percent)


def test_the_guard_counts_pupils_alone_and_both_categories() -> None:
    judged = pl.DataFrame(
        {
            "pupil": [True, True, True, False],
            "category": ["重点支援Ⅰ", "重点支援Ⅱ", "見守りⅠ", "重点支援Ⅰ"],
        }
    )
    assert guarded(judged, RULES) == Share(2, 3)


def test_the_calibration_aid_counts_all_children_in_scope() -> None:
    assert environment_factor(pl.DataFrame({"poverty": list("ABCDX")}), RULES) == Share(3, 5)


@pytest.mark.parametrize(
    ("part", "whole", "warned"),
    [(99, 1000, True), (100, 1000, False), (250, 1000, False), (251, 1000, True), (0, 0, False)],
)
def test_a_share_outside_10_to_25_per_cent_is_a_warning(part: int, whole: int, warned: bool) -> None:
    assert is_uncalibrated(Share(part, whole), RULES) is warned
