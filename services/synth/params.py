"""What the city is asked to be like. S: a figure made public about Minoh City; ours: a choice of this project."""

from typing import Final

from services.synth.numbers import city_code

CITY_NAME: Final = "見守市"
CITY_CODE: Final = city_code("99201")  # prefecture 99 does not exist

FIRST_SCHOOL_YEAR: Final = (
    2014  # fiscal year of the first school records (S: the database came into full operation in 2014)
)
TOP_GRADE: Final = 9  # J3; grades are counted 1–9 for P1–J3

# -- shares of all children in scope at the end, in per cent ---------------------------------------------------------
POVERTY_A: Final = 3.0  # S for the sum of 17.4 %, ours for the split
POVERTY_B: Final = 10.0
POVERTY_C: Final = 4.4
NONATTENDANCE: Final = 2.6  # per cent of pupils P1–J3 with ≥ 30 days absent in twelve months (S)
GUARD: Final = 4.0  # per cent of children P1–J3 in 重点支援 above which a run is held (default rule set)

# Kokugo deviation score: how far below the other pupils those of 生活保護 households are, by grade P1 … J3.
# P2 0.5, P3 1.9, P4 5.5, then at least 4, J2 5.8: S. The rest: ours.
KOKUGO_GAP: Final = (0.3, 0.5, 1.9, 5.5, 4.6, 4.8, 5.2, 5.8, 5.4)
GAP_SHARE_BY_LEVEL: Final = (0.0, 0.45, 0.75, 1.0)  # ours: part of that gap by economic level E0 … E3

SUBJECT_CORRELATION: Final = 0.7  # the default rules' own simulation
YEAR_CORRELATION: Final = 0.87
SCALE_CORRELATION: Final = 0.35

SPOILED_SHARE: Final = 0.01  # of all rows of a file
LEARNING_ORIENTATION: Final = (13.0, 12.0, 19.0, 56.0)  # per cent of ranks 4/3/2/1 in the default rules' own simulation
NONCOGNITIVE_ORIENTATION: Final = (7.0, 9.0, 19.0, 65.0)
