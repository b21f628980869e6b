"""Families for generated folders: births at the edges of grades and of scope, moves, deaths, unmapped pupils."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from tests.oracle.days import JUDGED_GRADES, add_months, fiscal_year, grade_in
from tests.oracle.writing import Field, Folders, imprecise

KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"
DAY = timedelta(days=1)


@dataclass
class Person:
    """A person of the city. setai: the first household. pupil: None where no mapping is delivered."""

    atena: str
    setai: str
    birth: date
    resident: bool = True
    pupil: str | None = None
    parent: str = ""

    def grade(self, fy: int) -> str | None:
        """The grade by birth date in a fiscal year."""
        return grade_in(self.birth, fy)


def near(out: Folders, day: date) -> date:
    """A day at or beside an edge of the rules as seen from `day`, or any day of the four years before it."""
    if out.chance(0.3):
        return day - out.rng.randrange(1460) * DAY
    months = out.rng.choice((0, 0, -12, -12, -13, -15, -36, -37))
    return add_months(day, months) + out.rng.choice((-1, 0, 0, 1)) * DAY


def make_family(out: Folders, days: list[date], grades: list[str | None]) -> list[Person]:
    """One household: one or two adults and the children of these grades (at the last of `days`); returns children."""
    setai = f"S{out.number()}"
    adults = [
        Person(_atena(out), setai, date(1980 + out.rng.randrange(15), 5, 5)) for _ in range(out.rng.choice((1, 2)))
    ]
    for adult in adults:
        _resident(out, adult, days, moves=out.chance(0.08))
    children = [_child(out, setai, grade, days) for grade in grades]
    for child in children:
        child.parent = adults[0].atena
        if child.resident:
            _resident(out, child, days, moves=out.chance(0.25))
    for person in [*adults, *children]:
        fields: dict[str, Field] = {
            "setai_no": setai,
            "atena_no": person.atena,
            "head": person is adults[0],
            "zokugara": "世帯主" if person is adults[0] else "子",
        }
        out.add("household", fields, day=max(person.birth, date(2015, 4, 1)), step=0)
    return children


def _atena(out: Folders) -> str:
    return f"{int(out.number()):05d}{out.rng.randrange(10**5):05d}"


def _child(out: Folders, setai: str, grade: str | None, days: list[date]) -> Person:
    birth = birth_for(out, grade, days)
    child = Person(_atena(out), setai, birth, resident=not (grade and out.chance(0.06)))
    if grade in JUDGED_GRADES:
        _school(out, child, days)
    return child


def birth_for(out: Folders, grade: str | None, days: list[date]) -> date:
    """A birth that gives the grade at the last day; None: a baby about one of the days, or a preschooler, or 18/19."""
    last = days[-1]
    if grade is None:
        choice = out.rng.randrange(4)
        if choice == 0:
            return out.rng.choice(days) + out.rng.choice((-1, 0, 1)) * DAY
        if choice == 1:  # at the edge of leaving scope: 18 on 31 March, 1 or 2 April
            return date(fiscal_year(out.rng.choice(days)) - 18 + out.rng.choice((0, 0, -1)), 4, out.rng.choice((1, 2)))
        return last - out.rng.randrange(6 * 365) * DAY
    step = [*JUDGED_GRADES, "H1", "H2", "H3"].index(grade)
    year = fiscal_year(last) - 7 - step
    edges = [date(year, 4, 2), date(year + 1, 4, 1), date(year + 1, 3, 31)]
    if calendar.isleap(year + 1):
        edges.append(date(year + 1, 2, 29))
    return out.rng.choice(edges) if out.chance(0.3) else date(year, 4, 2) + out.rng.randrange(364) * DAY


def _school(out: Folders, child: Person, days: list[date]) -> None:
    """学齢簿 and the mapping of the pupil's number, which may be missing."""
    begin = date(fiscal_year(days[0]) - 2, 4, 1)
    kubun = "指定" if child.resident and out.chance(0.85) else out.rng.choice(("私立", "国立", "特支", "区域外"))
    fields: dict[str, Field] = {
        "atena_no": child.atena,
        "school_code": "B101",
        "class_kind": "普通",
        "kubun": kubun,
    }
    for fy in range(begin.year, fiscal_year(days[-1]) + 1):
        grade = child.grade(fy)
        if grade in JUDGED_GRADES:
            first = date(fy, 4, 1)
            end: dict[str, Field] = {"effective_to": date(fy + 1, 3, 31)} if out.chance(0.5) else {}
            out.add("gakureibo", fields | {"grade": grade} | end, day=first, step=0)
    child.pupil = f"P{out.number()}"
    if out.chance(0.95):
        map_pupil(out, child.pupil, child.atena)


def map_pupil(out: Folders, pupil: str, atena: str) -> None:
    """A row of the mapping table; a few are corrected, withdrawn or come with a later load."""
    number = out.number()
    fields: dict[str, Field] = {
        "sourced_id": f"sid-{number}",
        "uuid": f"00000000-0000-4000-8000-{int(number):012d}",
        "atena_no": atena,
        "pupil_no": pupil,
        "verified_by": "school",
    }
    row = out.add("oneroster_map", fields, day=date(2019, 4, 5))
    if out.chance(0.03):
        out.revise(row, "D", {}, step=max(row.step, len(out.loads) - 1))


def _resident(out: Folders, person: Person, days: list[date], *, moves: bool) -> None:
    """The history of a person in feed 1."""
    start = max(person.birth, date(2012, 4, 1))
    row = out.add("resident", _first_row(person, start) | _birth(out, person), day=start, step=0)
    if moves:
        _move(out, row.fields, days)


def _first_row(person: Person, start: date) -> dict[str, Field]:
    name = _kana(int(person.atena))
    return {
        "atena_no": person.atena,
        "rireki_no": 1,
        "setai_no": person.setai,
        "name_kanji": name,
        "name_kana": name,
        "kana_confirmed": True,
        "lg_code": "999997",
        "addr_joined": f"見本市見本町{person.atena}番",
        "zokugara": "子",
        "jumin_shubetsu": "日本人",
        "status": "住民",
        "ido_jiyu": "転入",
        "ido_date": start,
    }


def _birth(out: Folders, person: Person) -> dict[str, Field]:
    roll = out.rng.random()
    if person.birth > date(2020, 1, 1) or roll > 0.06:
        return {"birth": person.birth}
    return imprecise("birth", person.birth, "unknown" if roll < 0.02 else "month" if roll < 0.045 else "year")


def _move(out: Folders, fields: dict[str, Field], days: list[date]) -> None:
    """A second row of the history: to another household, out of the city, dead; on a judged day or beside it."""
    day = out.rng.choice(days) + out.rng.choice((-1, 0, 0, 1)) * DAY
    begin = fields["effective_from"]
    if not isinstance(begin, date) or day <= begin:
        return
    change: dict[str, Field] = {"rireki_no": 2, "ido_date": day, "effective_from": day}
    kind = out.rng.randrange(4)
    if kind == 0:
        change["setai_no"] = f"S{out.number()}"
    elif kind == 1:
        homes = [r.fields["setai_no"] for r in out.records if r.feed == "resident"]
        change["setai_no"] = out.rng.choice(homes)
    else:
        change["status"] = out.rng.choice(("転出", "転出", "死亡", "消除"))
    out.add("resident", {k: v for k, v in (fields | change).items() if k not in COMMON_NAMES}, day=day)
    if kind == 3 and out.chance(0.5):  # back again after some weeks
        back = day + out.rng.choice((1, 30, 200)) * DAY
        again: dict[str, Field] = {"rireki_no": 3, "status": "住民", "ido_date": back}
        out.add("resident", {k: v for k, v in (fields | again).items() if k not in COMMON_NAMES}, day=back)


COMMON_NAMES = ("source_system", "source_record_id", "op", "event_time", "effective_from", "legal_basis_id", "batch_id")


def _kana(number: int) -> str:
    """A reading of its own for every number, so that no two persons are taken for one."""
    text = ""
    while number:
        number, digit = divmod(number, len(KANA))
        text += KANA[digit]
    return text or KANA[0]
