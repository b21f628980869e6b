"""Judgements 2 and 3, 学力判定 and 非認知能力等判定 (sections 1 and 2, readings 12 to 17, 22 and 23)."""

from datetime import date

from tests.boundaries.lines import JUNIOR, SMALL, TEEN, Line, cells

# T of this year by its band, and last year's mark that makes the change; flat is 1.0 up, unknown has no mark last year.
BANDS = {"34.9": "T_LT35", "35.0": "T_35_40", "39.9": "T_35_40", "40.0": "T_40_45", "44.9": "T_40_45", "45.0": "T_45_50",
         "49.9": "T_45_50", "50.0": "T_GE50"}  # fmt: skip
LEARNING_TABLE = """
     fall decline flat unknown
34.9 4    4       4    4
35.0 4    3       3    3
39.9 4    3       3    3
40.0 4    3       2    2
44.9 4    3       2    2
45.0 3    2       1    1
49.9 3    2       1    1
50.0 2    1       1    1
"""
CHANGED = {"fall": 5.0, "decline": 3.0, "flat": -1.0}  # last year's mark lies so much higher


def _band(t: str, change: str, rank: str) -> Line:
    before = f"; T-1 {float(t) + CHANGED[change]:.1f}" if change in CHANGED else ""
    judged = f"t={t} change={change} learning={rank} +{BANDS[t]} +CHANGE_{change.upper()}"
    return Line(f"学力 T {t}, {change}", f"T {t}{before}", judged, born=JUNIOR)


LEARNING = [
    *(_band(*cell) for cell in cells(LEARNING_TABLE)),
    # change: the first class that applies
    Line("Δ1 −2.9", "T 60.0; T-1 62.9", "d1=-2.9 change=flat learning=1"),
    Line("Δ1 −3.0", "T 60.0; T-1 63.0", "d1=-3.0 change=decline learning=1"),
    Line("Δ1 −4.9", "T 60.0; T-1 64.9", "d1=-4.9 change=decline learning=1"),
    Line("Δ1 −5.0", "T 60.0; T-1 65.0", "d1=-5.0 change=fall learning=2"),
    Line("Δ2 −4.9 with Δ1 < 0", "T 60.0; T-1 60.1; T-2 64.9", "d1=-0.1 d2=-4.9 change=flat"),
    Line("Δ2 −5.0 with Δ1 < 0", "T 60.0; T-1 60.1; T-2 65.0", "d1=-0.1 d2=-5.0 change=fall"),
    Line("Δ2 −5.0 with Δ1 = 0", "T 60.0; T-1 60.0; T-2 65.0", "d1=0.0 d2=-5.0 change=flat"),
    Line("Δ1 unknown: 不明, whatever Δ2 is (reading 13)", "T 60.0; T-2 70.0", "d1=null d2=-10.0 change=unknown"),
    Line("up", "T 60.0; T-1 40.0", "d1=20.0 change=flat learning=1"),
    # T (readings 12 to 14)
    Line("no score", "", "t=null change=null learning=X +TX_NO_SCORE -CHANGE_UNKNOWN"),
    Line("one subject is not enough", "academic dev=40.0", "t=null learning=X +TX_NO_SCORE"),
    Line("an absent pupil's row has no score", "academic dev=40.0; academic subject=算数 dev=40.0 absent=true", "t=null learning=X"),
    Line("mean 34.95 is 35.0", "academic dev=34.9; academic subject=算数 dev=35.0", "t=35.0 learning=3 +T_35_40"),
    Line("mean 34.93 is 34.9", "academic dev=34.9; academic subject=算数 dev=34.9; academic subject=理 dev=35.0", "t=34.9"),
    Line("marks without dev in a group of fewer than 100: no score", "academic raw=40; academic subject=算数 raw=40", "t=null learning=X"),
    Line("two scores of one subject: the latest date",
         "T 50.0; academic dev=40.0 date=2026-05-12", "t=45.0"),
    Line("two scores of one subject and day: the lower", "T 50.0; academic dev=40.0", "t=45.0"),
    Line("survey 15 months ago", "academic dev=40.0 date=2025-05-31 fy=2025; academic subject=算数 dev=40.0 date=2025-05-31 fy=2025", "t=40.0"),
    Line("survey 15 months and a day ago", "academic dev=40.0 date=2025-05-30 fy=2025; academic subject=算数 dev=40.0 date=2025-05-30 fy=2025", "t=null learning=X"),
    Line("survey on the day", "academic dev=40.0 date=2026-08-31; academic subject=算数 dev=40.0 date=2026-08-31", "t=40.0"),
    Line("the latest survey with two subjects, not the latest", "T 40.0; academic survey_id=LATE dev=60.0 date=2026-07-01", "t=40.0"),
    Line("of two surveys of one day the greater survey_id (reading 25)",
         "T 40.0; academic survey_id=ZZ dev=60.0; academic survey_id=ZZ subject=算数 dev=60.0", "t=60.0"),
    Line("last year's T has no age limit and is of all its subjects",
         "T 60.0; academic dev=66.0 fy=2025 date=2025-04-08; academic subject=理 dev=62.0 fy=2025 date=2025-04-08", "d1=-4.0 change=decline"),
    Line("a pupil's number without a mapping waits (reading 16)", "no map; T 40.0", "t=null learning=X"),
    Line("rows that bear the 宛名番号", "academic pupil_no= atena_no=@child dev=40.0; academic pupil_no= atena_no=@child subject=算数 dev=40.0", "t=40.0"),
    # reading 23
    Line("not of P1 to J3: nothing is judged", "T 34.9; scales 20.0; absent 202608 20",
         "t=null d1=null change=null learning=X absence=null noncognitive=X motivation=null -TX_NO_SCORE -SX_FEW_SCALES", born=TEEN),
    Line("pre-school: nothing is judged", "", "learning=X noncognitive=X w=X -TX_NO_SCORE -SX_FEW_SCALES", born=SMALL),
]  # fmt: skip

BELOW = "scales 50.0 "  # all scales in the middle, but …
NONCOGNITIVE = [
    Line("t 35.0", f"{BELOW}motivation=35.0", "motivation=35.0 noncognitive=1 -LOW_MOTIVATION"),
    Line("t 34.9", f"{BELOW}motivation=34.9", "motivation=34.9 noncognitive=2 +LOW_MOTIVATION"),
    Line("t 30.0: low, not very low", f"{BELOW}family=30.0 motivation=34.9", "noncognitive=3 +LOW_FAMILY -VERY_LOW_FAMILY"),
    Line("t 29.9: very low; a tie scale and 2 low in total", f"{BELOW}family=29.9 motivation=34.9",
         "family=29.9 noncognitive=4 +VERY_LOW_FAMILY +LOW_FAMILY"),
    Line("the other tie scale", f"{BELOW}school=29.9 motivation=34.9", "noncognitive=4 +VERY_LOW_SCHOOL"),
    Line("very low, but no tie scale", f"{BELOW}habits=29.9 motivation=34.9", "noncognitive=3 +VERY_LOW_HABITS"),
    Line("a tie scale very low alone", f"{BELOW}family=29.9", "noncognitive=2 +VERY_LOW_FAMILY"),
    Line("t 2.995 raw is 29.95, half up 30.0", f"{BELOW}family=29.95 motivation=34.9", "family=30.0 -VERY_LOW_FAMILY"),
    Line("3 low", f"{BELOW}motivation=34.9 habits=34.9 health=34.9", "noncognitive=4"),
    Line("2 low", f"{BELOW}motivation=34.9 habits=34.9", "noncognitive=3"),
    Line("drop: 10.0 points and now below 45", f"{BELOW}motivation=44.9 habits=44.9; scales-1 50.0 motivation=54.9 habits=54.9",
         "noncognitive=2 +DROP_MOTIVATION +DROP_HABITS"),
    Line("no drop: 9.9 points", f"{BELOW}motivation=44.9 habits=44.9; scales-1 50.0 motivation=54.8 habits=54.8",
         "noncognitive=1 -DROP_MOTIVATION"),
    Line("no drop: now 45.0", f"{BELOW}motivation=45.0 habits=45.0; scales-1 50.0 motivation=60.0 habits=60.0",
         "noncognitive=1 -DROP_MOTIVATION"),
    Line("one drop alone", f"{BELOW}motivation=44.9; scales-1 50.0 motivation=60.0", "noncognitive=1 +DROP_MOTIVATION"),
    Line("1 low and 2 drops", f"{BELOW}motivation=44.9 habits=44.9 family=34.9; scales-1 50.0 motivation=60.0 habits=60.0 family=44.8",
         "noncognitive=3 +LOW_FAMILY -DROP_FAMILY"),
    Line("1 low and 1 drop", f"{BELOW}motivation=44.9 family=34.9; scales-1 50.0 motivation=60.0 family=44.8", "noncognitive=2"),
    Line("a scale counts both as low and as drop", f"{BELOW}motivation=34.9 habits=44.9; scales-1 50.0 motivation=60.0 habits=60.0",
         "noncognitive=3 +LOW_MOTIVATION +DROP_MOTIVATION"),
    Line("without a value last year no drop", f"{BELOW}motivation=44.9 habits=44.9; scales-1 50.0 motivation=none habits=none",
         "noncognitive=1 -DROP_MOTIVATION"),
    # X (readings 17 and 23)
    Line("5 of 8 scales", "scales 50.0 habits=none health=none family=none", "noncognitive=1 habits=null -SX_FEW_SCALES"),
    Line("4 of 8 scales", "scales 50.0 habits=none health=none family=none school=none", "noncognitive=X +SX_FEW_SCALES"),
    Line("4 of 8 scales with attendance", "scales 50.0 habits=none health=none family=none school=none; absent 202608 0",
         "noncognitive=1 absence=0 -SX_FEW_SCALES"),
    Line("ranks first: 4 scales, 2 of them low", "scales none motivation=34.9 habits=34.9 health=50.0 family=50.0", "noncognitive=3 -SX_FEW_SCALES"),
    Line("nothing at all", "", "noncognitive=X absence=null +SX_FEW_SCALES"),
    # absence (reading 17)
    Line("14 days absent", f"{BELOW}; absent 202608 14", "absence=14 noncognitive=1 -ABSENCE_15"),
    Line("15 days absent", f"{BELOW}; absent 202608 15", "absence=15 noncognitive=2 +ABSENCE_15 -ABSENCE_30"),
    Line("29 days absent", f"{BELOW}; absent 202607 20; absent 202606 9", "absence=29 noncognitive=2 +ABSENCE_15 -ABSENCE_30"),
    Line("30 days absent", f"{BELOW}; absent 202607 20; absent 202606 10", "absence=30 noncognitive=3 +ABSENCE_15 +ABSENCE_30"),
    Line("15 days are one low more", f"{BELOW}motivation=34.9; absent 202608 15", "noncognitive=3"),
    Line("15 days and a tie scale very low: 2 low in total", f"{BELOW}family=29.9; absent 202608 15", "noncognitive=4"),
    Line("15 days are the third low", f"{BELOW}motivation=34.9 habits=34.9; absent 202608 15", "noncognitive=4 +ABSENCE_15"),
    Line("15 days are the one low beside 2 drops", f"{BELOW}motivation=44.9 habits=44.9; scales-1 50.0 motivation=60.0 habits=60.0;"
         " absent 202608 15", "noncognitive=3"),
    Line("30 days are rank 3 at least: 3 low are 4 all the same", f"{BELOW}motivation=34.9 habits=34.9 health=34.9; absent 202608 30", "noncognitive=4"),
    Line("30 days without any scale", "absent 202608 30", "noncognitive=3 +ABSENCE_30 -SX_FEW_SCALES"),
    Line("all three columns are added", f"{BELOW}; attendance absent_sick=5 absent_other=5 absent_unknown=5", "absence=15"),
    Line("出席停止・忌引 are not", f"{BELOW}; attendance absent_sick=14 suspended=5 mourning=3", "absence=14"),
    Line("two schools in one month are added", f"{BELOW}; absent 202604 8; absent 202604 7", "absence=15"),
    Line("twelve whole months: September last year counts", f"{BELOW}; absent 202509 15", "absence=15"),
    Line("… August last year does not", f"{BELOW}; absent 202508 15", "absence=null noncognitive=1"),
    Line("a month that is not over does not count", "absent 202604 15", "absence=null", on=date(2026, 4, 1)),
    # which scores (readings 16 and 22)
    Line("from answers where the form has a key, 4-point, one item turned",
         "; ".join(f"life_answer item_code=motivation-{item} answer={answer}" for item, answer in ((1, 4), (2, 4), (3, 1))),
         "motivation=40.0"),  # mean of 4, 4 and 5 − 1
    Line("two of three answered is enough", "life_answer item_code=motivation-1 answer=4; life_answer item_code=motivation-2 answer=2;"
         " life_answer item_code=motivation-3 answer=", "motivation=30.0"),
    Line("one of three is not", "life_answer item_code=motivation-1 answer=4; life_answer item_code=motivation-2 answer=;"
         " life_answer item_code=motivation-3 answer=", "motivation=null"),
    Line("an answer outside 1 to 4 counts as unanswered",
         "life_answer item_code=motivation-1 answer=4; life_answer item_code=motivation-2 answer=2;"
         " life_answer item_code=motivation-3 answer=9", "motivation=30.0"),
    Line("a form and key version without a key gives no scale", "life_answer key_version=Z item_code=motivation-1 answer=4", "motivation=null noncognitive=X"),
    Line("total_dev stands in for 健康・体力 beside another scale", "scales none motivation=50.0; physical total_dev=34.9", "health=34.9 +LOW_HEALTH"),
    Line("… not without another", "physical total_dev=34.9", "health=null"),
    Line("… nor where the questionnaire has it", "scales 50.0; physical total_dev=34.9", "health=50.0"),
    Line("life survey 15 months ago", "life_scale fy=2025 date=2025-05-31 scale_code=motivation score=2", "motivation=20.0 +VERY_LOW_MOTIVATION"),
    Line("life survey 15 months and a day ago",
         "; ".join(f"life_scale fy=2025 date=2025-05-30 scale_code={scale} score=2" for scale in ("motivation", "habits", "family")),
         "motivation=null noncognitive=X"),
]  # fmt: skip
SCHOOL = [*LEARNING, *NONCOGNITIVE]
