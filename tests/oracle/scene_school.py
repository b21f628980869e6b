"""Survey scores, life surveys, fitness and attendance for generated folders, at the edges of cuts and windows."""

from datetime import date
from decimal import Decimal

from tests.oracle.days import JUDGED_GRADES, add_months, fiscal_year, months_back
from tests.oracle.noncognitive import SCALES
from tests.oracle.scene_people import DAY, Person, map_pupil
from tests.oracle.writing import Field, Fields, Folders, Record

SUBJECTS = ("国", "算数", "理", "社", "英")
EDGES = (340, 349, 350, 351, 399, 400, 449, 450, 451, 499, 500, 560)
STEPS = (0, 10, 28, 29, 30, 31, 48, 49, 50, 51, -29, -30, -50, 70)
TOP_MARK = 100
# (form, key version) → scales with items in the key; 3 or 4 items a scale
FORMS: dict[tuple[str, str], tuple[str, ...]] = {
    ("F1", "K1"): SCALES,
    ("F2", "K1"): tuple(scale for scale in SCALES if scale not in ("health", "school")),
    ("F3", "K1"): (),
    ("F1", "K9"): (),
}


def add_reference(out: Folders, years: range) -> None:
    """Keys with reverse items, norms with gaps, and the maximum of every mark."""
    for (form, version), scales in FORMS.items():
        for scale in scales:
            for item in items_of(scale):
                row: dict[str, Field] = {"form_version": form, "key_version": version, "item_code": item}
                reverse = item.endswith("2")
                out.reference["instrument_key"].append(row | {"scale_code": scale, "reverse": reverse})
    for form in ("F1", "F2", "F3"):
        for scale in SCALES:
            for grade in JUDGED_GRADES:
                if out.chance(0.93):
                    sd = Decimal(0) if out.chance(0.01) else out.rng.choice((Decimal("0.5"), Decimal("0.613")))
                    norm: dict[str, Field] = {"form_version": form, "scale_code": scale, "grade": grade}
                    out.reference["instrument_norm"].append(norm | {"mean": Decimal("2.5"), "sd": sd})
    for fy in years:
        for grade in JUDGED_GRADES:
            for subject in SUBJECTS:
                top: dict[str, Field] = {"survey_id": "GAKU", "fy": fy, "grade": grade, "subject": subject}
                out.reference["survey_max"].append(top | {"max": TOP_MARK})


def items_of(scale: str) -> list[str]:
    """The item codes of a scale: four for some scales (exact t at the cuts), three for the others."""
    count = 4 if SCALES.index(scale) % 2 == 0 else 3
    return [f"{scale[:3]}{number}" for number in range(1, count + 1)]


def survey_day(out: Folders, day: date, fy: int) -> date:
    """A survey day within a fiscal year: mostly spring, sometimes D, D+1, or 15 months before D and beside it."""
    edges = [add_months(day, -15) + shift * DAY for shift in (-1, 0, 1)] + [day, day + DAY]
    loaded = out.loads[0].date() - 2 * DAY
    inside = [edge for edge in edges if fiscal_year(edge) == fy and edge <= loaded]
    if inside and out.chance(0.35):
        return out.rng.choice(inside)
    autumn = date(fy, 11, 10)
    return autumn if autumn <= loaded and out.chance(0.2) else date(fy, 5, 20)


def add_school(out: Folders, child: Person, days: list[date]) -> None:
    """Everything schools know of one pupil over the judged years."""
    day = out.rng.choice(days)
    goal, steps = out.rng.choice(EDGES), [out.rng.choice(STEPS) for _ in range(3)]
    form = out.rng.choices(list(FORMS), weights=(6, 3, 2, 1))[0]
    for back, fy in enumerate(range(fiscal_year(days[-1]), fiscal_year(days[0]) - 3, -1)):
        if child.grade(fy) not in JUDGED_GRADES:
            continue
        target = goal + sum(steps[:back])
        if out.chance(0.85):
            _academic(out, child, fy, survey_day(out, day, fy), target)
        if out.chance(0.75):
            _life(out, child, fy, survey_day(out, day, fy), form)
        if out.chance(0.5):
            _physical(out, child, fy)
    if out.chance(0.7):
        _attendance(out, child, out.rng.choice(days))


def _beside(out: Folders, day: date) -> date:
    """The same day or a later one, before the first load."""
    return min(day + out.rng.choice((0, 15)) * DAY, out.loads[0].date() - 2 * DAY)


def _who(out: Folders, child: Person) -> dict[str, Field]:
    """A score row names the pupil by the school's number or by the city's."""
    if child.pupil and out.chance(0.8):
        return {"pupil_no": child.pupil}
    return {"atena_no": child.atena}


def _academic(out: Folders, child: Person, fy: int, day: date, target: int) -> None:
    """One or two surveys of a year whose mean is near the target, in tenths; some absent, some twice."""
    for survey in ("GAKU",) if out.chance(0.8) else ("GAKU", "NATL"):
        subjects = out.rng.sample(SUBJECTS, out.rng.choice((1, 2, 2, 3, 4, 5)))
        spreads = [out.rng.randrange(-60, 61) for _ in subjects]
        spreads[-1] = out.rng.choice((0, 0, 1, -1)) - sum(spreads[:-1])  # the mean falls on the cut or beside it
        when = day if survey == "GAKU" else _beside(out, day)
        for subject, spread in zip(subjects, spreads, strict=True):
            row = add_score(out, child, survey, fy, when, subject, target + spread)
            if out.chance(0.05):
                _second_score(out, row, when)


def add_score(
    out: Folders, child: Person, survey: str, fy: int, day: date, subject: str, dev: int | None, raw: int | None = None
) -> Record:
    """One score row; dev in tenths, None where the vendor gives none."""
    absent = out.chance(0.04)
    fields: dict[str, Field] = {
        "survey_id": survey,
        "fy": fy,
        "date": day,
        "grade": child.grade(fy) or "P1",
        "subject": subject,
        "raw": raw if raw is not None else out.rng.choice((None, 55, 60, 100)),
        "rate": out.rng.choice((None, Decimal("55.5"), 100)),
        "dev": None if dev is None or out.chance(0.02) else Decimal(dev).scaleb(-1),
        "absent": absent,
        "norm_id": "N1",
    }
    return out.add("academic", _who(out, child) | fields, day=day)


def _second_score(out: Folders, row: Record, day: date) -> None:
    """The same pupil, survey and subject once more: the same day or beside it, another score."""
    fields = {name: value for name, value in row.fields.items() if name not in ("source_record_id", "op")}
    dev = Decimal(out.rng.randrange(250, 650)).scaleb(-1)
    beside = out.rng.choice((day, _beside(out, day), day - DAY))
    out.add("academic", fields | {"dev": dev, "date": beside, "absent": out.chance(0.2)}, day=beside)


def _life(out: Folders, child: Person, fy: int, day: date, form: tuple[str, str]) -> None:
    """One or two life surveys of a year: items, scale results, or both."""
    if child.pupil is None:
        return
    for survey in ("LIFE",) if out.chance(0.85) else ("LIFE", "LIFE2"):
        when = day if survey == "LIFE" else _beside(out, day)
        level = out.rng.choice((1.5, 2.0, 2.5, 3.0))
        for scale in SCALES:
            if scale in FORMS[form]:
                add_answers(out, child, survey, fy, when, form, scale, level)
            if scale not in FORMS[form] or out.chance(0.05):
                add_result(out, child, survey, fy, when, form, scale)


def _sheet(child: Person, survey: str, fy: int, day: date, form: tuple[str, str]) -> dict[str, Field]:
    return {
        "pupil_no": child.pupil,
        "survey_id": survey,
        "form_version": form[0],
        "key_version": form[1],
        "fy": fy,
        "date": day,
    }


def add_answers(
    out: Folders,
    child: Person,
    survey: str,
    fy: int,
    day: date,
    form: tuple[str, str],
    scale: str,
    level: float,
    *,
    gaps: float = 0.25,
) -> None:
    """The answers to one scale: some left out, some empty, reverse items the other way round.

    gaps: share of pupils who leave answers out
    """
    hasty = out.chance(gaps)
    step = out.rng.choices(range(len(out.loads)), weights=[96, 3, 1][: len(out.loads)])[0]
    for item in items_of(scale):
        value = min(4, max(1, round(out.rng.gauss(level, 0.7))))
        answer: Field = 5 - value if item.endswith("2") else value
        if hasty and out.chance(0.4):
            if out.chance(0.5):
                continue
            answer = None if out.chance(0.8) else 9  # 9: outside 1-4, refused
        fields: Fields = _sheet(child, survey, fy, day, form) | {"item_code": item, "answer": answer}
        out.add("life_answer", fields, day=day, step=step)


def add_result(
    out: Folders, child: Person, survey: str, fy: int, day: date, form: tuple[str, str], scale: str
) -> Record:
    """A scale result: a raw mean, at t = 30, 35, 45 and their rounding edges by a norm of 2.5 and 0.5."""
    means = ("1.5", "1.4975", "1.7475", "1.7474", "1.75", "2.2475", "2.25", "2.2", "2.5", "3.1", "2.75")
    items = len(items_of(scale))
    fields: dict[str, Field] = {
        "scale_code": scale,
        "score": Decimal(out.rng.choice(means)),
        "answered": items if out.chance(0.9) else out.rng.choice((1, 2)),
        "items": items,
    }
    return out.add("life_scale", _sheet(child, survey, fy, day, form) | fields, day=day)


def _physical(out: Folders, child: Person, fy: int) -> None:
    if child.pupil is None:
        return
    for event in ("grip", "run")[: out.rng.choice((1, 1, 2))]:
        dev = out.rng.choice((None, "29.9", "30.0", "34.9", "35.0", "44.9", "45.0", "56.1"))
        fields: dict[str, Field] = {
            "pupil_no": child.pupil,
            "fy": fy,
            "event_code": event,
            "value": Decimal("12.5"),
            "total_dev": None if dev is None else Decimal(dev),
            "grade_rank": out.rng.choice((None, "A", "C")),
        }
        out.add("physical", fields, day=date(fy, 5, 30))


def _attendance(out: Folders, child: Person, day: date) -> None:
    """Months whose absences add up to 14, 15, 29, 30 or other days; beside them months outside the window."""
    if child.pupil is None:
        return
    window = months_back(day, 12)
    total = out.rng.choice((0, 3, 14, 15, 16, 29, 30, 31))
    months = out.rng.sample(window, out.rng.choice((1, 3, 6, 12)))
    for place, ym in enumerate(months):
        share = total // len(months) + (place < total % len(months))
        _month(out, child.pupil, ym, share)
    if out.chance(0.4):
        older = add_months(date(window[-1] // 100, window[-1] % 100, 1), -1)
        for ym in (older.year * 100 + older.month, day.year * 100 + day.month):
            if ym not in months:
                _month(out, child.pupil, ym, 20)
    if out.chance(0.15):  # moved school within a month: a second number, a second row of the same month
        second = f"P{out.number()}"
        map_pupil(out, second, child.atena)
        _month(out, second, months[0], 1)


def _month(out: Folders, pupil: str, ym: int, absent: int) -> None:
    sick = out.rng.randrange(absent + 1)
    other = out.rng.randrange(absent - sick + 1)
    fields: dict[str, Field] = {
        "pupil_no": pupil,
        "ym": ym,
        "school_days": 20,
        "absent_sick": sick,
        "absent_other": other,
        "absent_unknown": absent - sick - other,
        "suspended": out.rng.choice((0, 0, 5)),
        "mourning": out.rng.choice((0, 0, 3)),
        "late": 1,
        "early": 0,
    }
    out.add("attendance", fields, day=date(ym // 100, ym % 100, 28))
