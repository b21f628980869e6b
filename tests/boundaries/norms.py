"""Norm groups and the rule set's switches (readings 12 to 15 and 21): a grade of a hundred pupils, and what 99 are not enough for."""

from tests.boundaries.lines import JUNIOR, Line

BORN = "2012-06-01"  # J2 in fiscal 2026
GROUP = 100  # pupils: of whom half have 40 marks and 2.0 points, half 60 and 4.0: mean 50 and SD 10, mean 3 and SD 1


def _pupil(place: int) -> Line:
    """The first two pupils have a deviation score of the vendor's too; the last two live here no more."""
    low = place <= GROUP // 2
    raw, score = ("40", "2") if low else ("60", "4")
    given = " dev=55.0" if place <= 2 else ""
    facts = [f"academic grade=J2 subject={subject} raw={raw}{given}" for subject in ("国", "算数")]
    facts += [f"life_scale scale_code=motivation score={score}", "life_scale scale_code=sociality score=3"]
    if place > 1:  # one fewer: 99
        facts += [f"academic grade=J2 subject=理 raw={raw}", f"life_scale scale_code=self_control score={score}"]
    if place > GROUP - 2:
        return Line(
            f"pupil {place}", "; ".join([*facts, "resident status=転出 effective_from=2026-08-31"]), "out", BORN
        )
    t, motivation, self_control = ("40.0", "40.0", "20.0") if low else ("60.0", "60.0", "40.0")
    judged = f"t={'55.0' if given else t} motivation={motivation} sociality=50.0"
    return Line(
        f"pupil {place}", "; ".join(facts), f"{judged} self_control={self_control if place > 1 else 'null'}", BORN
    )


GRADE = [_pupil(place) for place in range(1, GROUP + 1)]
SWITCHED = "dev = computed, low_inclusive = true"
# (held, judged by the default rule set, judged with the switches turned)
SWITCHES = [
    ("T 44.9", "learning=2 +T_40_45", "learning=2 +T_40_45"),
    ("T 45.0", "learning=1 +T_45_50", "learning=2 +T_40_45"),  # the cut 45.0 alone moves
    ("T 45.1", "learning=1 +T_45_50", "learning=1 +T_45_50"),
    ("T 35.0", "learning=3 +T_35_40", "learning=3 +T_35_40"),
]
DEFAULT_LINES = [*GRADE, *(Line(held, held, judged, JUNIOR) for held, judged, _ in SWITCHES)]
SWITCHED_LINES = [
    *(Line(f"{SWITCHED}: {each.name}", "", each.judged.replace("t=55.0", "t=40.0"), BORN) for each in GRADE),
    *(Line(f"{SWITCHED}: {held}", "", judged, JUNIOR) for held, _, judged in SWITCHES),
]
