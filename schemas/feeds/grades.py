"""Grades as OneRoster's Japan Profile writes them: 幼稚園の3学年、小学校、中学校、高校。"""

GRADES = (
    *(f"E{year}" for year in (1, 2, 3)),
    *(f"P{year}" for year in range(1, 7)),
    "J1",
    "J2",
    "J3",
    "H1",
    "H2",
    "H3",
)
