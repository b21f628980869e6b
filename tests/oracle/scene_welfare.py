"""Welfare, tax and consultation facts for generated folders, at the edges of the months and days of the rules."""

from datetime import date, timedelta

from tests.oracle.days import add_months, fiscal_year, month_of
from tests.oracle.scene_people import DAY, Person, near
from tests.oracle.writing import Field, Folders, Record, imprecise


def dated(out: Folders, name: str, day: date, *, share: float = 0.1) -> dict[str, Field]:
    """A date, in some rows known only to the month, the year or not at all."""
    if not out.chance(share):
        return {name: day}
    return imprecise(name, day, out.rng.choice(("month", "month", "year", "unknown")))


def add_welfare(out: Folders, child: Person, days: list[date]) -> None:
    """Some facts of a child and its household, each rare enough that all levels occur."""
    day = out.rng.choice(days)
    for each in days:
        if out.chance(0.65):
            add_tax(out, child, each)
    for share, make in (
        (0.12, _hogo),
        (0.25, _teate),
        (0.3, _enjo),
        (0.35, _soudan),
        (0.1, _visit),
    ):
        if out.chance(share):
            make(out, child, day)
    if out.chance(0.85 if child.grade(fiscal_year(day)) is None else 0.2):
        for _ in range(out.rng.choice((1, 1, 2, 3))):
            _checkup(out, child, day)


def add_tax(out: Folders, child: Person, day: date) -> None:
    """Several rows: of the household, of persons, of the years beside, with a class that changes."""
    year = day.year if day >= date(day.year, 6, 1) else day.year - 1
    for _ in range(out.rng.choice((1, 1, 2, 3))):
        fy = year + out.rng.choice((0, 0, 0, 1, -1, -1))
        start = out.rng.choice((date(fy, 6, 1), date(fy, 6, 1), date(fy, 6, 1), day, day + DAY))
        who = out.rng.choice((("setai_no",), ("atena_no",), ("atena_no",), ("setai_no", "atena_no")))
        numbers: dict[str, Field] = {"setai_no": child.setai, "atena_no": out.rng.choice((child.parent, child.atena))}
        class_ = out.rng.choices(("非課税", "均等割のみ", "課税", "未申告", "不明"), weights=(3, 2, 6, 1, 1))[0]
        fields: dict[str, Field] = {name: numbers[name] for name in who}
        out.add("tax_class", fields | {"fy": fy, "class": class_, "held_by": "子ども医療"}, day=start)


def _hogo(out: Folders, child: Person, day: date) -> None:
    """Spells that overlap, stop or end, with or without an end in the row itself."""
    case = f"C{out.number()}"
    member = out.rng.choice((child.atena, child.parent))
    start = day - out.rng.randrange(30, 1500) * DAY
    end = out.rng.choice((None, None, near(out, day)))
    base: dict[str, Field] = {"case_no": case, "member_atena_no": member}
    ends = dated(out, "end", end) if end and end > start else {}
    out.add("seikatsu_hogo", base | {"status": "開始"} | dated(out, "start", start, share=0.05) | ends, day=start)
    if out.chance(0.4):  # 停止中, overlapping
        pause = start + out.rng.randrange(1, 400) * DAY
        until: dict[str, Field] = {"end": pause + 90 * DAY} if out.chance(0.5) else {}
        out.add("seikatsu_hogo", base | {"status": "停止", "start": pause} | until, day=pause)
    if out.chance(0.5):  # 廃止 without end, of this case or of another
        stop = near(out, day)
        if stop > start:
            other: dict[str, Field] = {"case_no": f"C{out.number()}"} if out.chance(0.15) else {}
            fields = base | other | {"status": "廃止"} | dated(out, "start", stop)
            out.add("seikatsu_hogo", fields, day=stop)
    if out.chance(0.15):  # again, under a new case
        again = start + 500 * DAY
        out.add("seikatsu_hogo", base | {"case_no": f"C{out.number()}", "status": "開始", "start": again}, day=again)


def _teate(out: Folders, child: Person, day: date) -> None:
    """Rows that change within or beside the month of the day."""
    base: dict[str, Field] = {"recipient_atena_no": child.parent, "child_atena_no": child.atena}
    for _ in range(out.rng.choice((1, 2, 2, 3))):
        first = add_months(day.replace(day=1), out.rng.choice((-24, -12, -1, 0, 0, 1)))
        until = add_months(day.replace(day=1), out.rng.choice((-1, 0, 1, 12)))
        ends: dict[str, Field] = {"to": month_of(until)} if until >= first and out.chance(0.5) else {}
        status = out.rng.choices(("全部支給", "一部支給", "全部停止", "資格喪失"), weights=(3, 3, 1, 1))[0]
        fields = base | {"status": status, "from": month_of(first)} | ends
        out.add("jido_fuyo_teate", fields, day=first)


def _enjo(out: Folders, child: Person, day: date) -> None:
    """This year's and last year's aid, granted, ended with or without `to`, refused, of either category."""
    year = fiscal_year(day)
    for fy in out.rng.choice(((year,), (year - 1,), (year - 1, year), (year - 2, year - 1))):
        start = out.rng.choice((date(fy, 4, 1), date(fy, 4, 1), date(fy, 9, 1), day))
        stop = out.rng.choice((None, date(fy + 1, 3, 31), near(out, day), day, day - DAY))
        ends = dated(out, "to", stop, share=0.05) if stop and stop >= start else {}
        fields: dict[str, Field] = {
            "atena_no": child.atena,
            "guardian_atena_no": child.parent,
            "fy": fy,
            "status": out.rng.choices(("認定", "廃止", "申請", "否認定", "取消"), weights=(6, 3, 1, 1, 1))[0],
            "category": out.rng.choices(("準要保護", "要保護"), weights=(4, 1))[0],
            "from": start,
        }
        out.add("shugaku_enjo", fields | ends, day=start)


def _soudan(out: Folders, child: Person, day: date) -> None:
    """Consultations about the child, or, as a 特定妊婦, of a girl still in scope herself."""
    for _ in range(out.rng.choice((1, 1, 2))):
        kind = out.rng.choices(
            ("虐待通告", "養育相談", "要保護", "要支援", "特定妊婦", "ヤングケアラー", "その他"),
            weights=(6, 3, 2, 2, 1, 1, 1),
        )[0]
        received = near(out, day)
        closed = out.rng.choice((None, None, near(out, day)))
        ends = dated(out, "closed", closed) if closed and closed >= received else {}
        fields: dict[str, Field] = {
            "case_no": f"K{out.number()}",
            "child_atena_no": child.parent if kind == "特定妊婦" and out.chance(0.5) else child.atena,
            "kind": kind,
            "status": out.rng.choice(("受理", "継続", "終結")),
            "office": "子育て支援課",
        }
        out.add("soudan", fields | dated(out, "received", received, share=0.2) | ends, day=received)


def _visit(out: Folders, child: Person, day: date) -> None:
    start = near(out, day)
    end = out.rng.choice((None, near(out, day)))
    ends: dict[str, Field] = {"to": end} if end and end >= start else {}
    who: dict[str, Field] = {"pupil_no": child.pupil} if child.pupil and out.chance(0.4) else {"atena_no": child.atena}
    service = out.rng.choice(("養育支援訪問", "養育支援訪問", "SSW"))
    out.add("edu_support", who | {"service": service, "from": start} | ends, day=start)


def _checkup(out: Folders, child: Person, day: date) -> Record:
    """A check-up whose period ended about 60 days before the day, attended or not."""
    due = day - out.rng.choice((59, 60, 61, 61, 90, 300)) * DAY
    kind = out.rng.choice(("3-4m", "1.6y", "3y", "5y", "新生児訪問", "妊婦"))
    visited = out.rng.choice((None, None, day, day + DAY, due, due - 20 * DAY))
    result = out.rng.choice((None, "異常なし", "要経過観察", "要支援", "要精検"))
    visit = dated(out, "visited", visited) | {"result": result} if visited else {}
    fields: dict[str, Field] = {
        "child_atena_no": child.atena,
        "mother_atena_no": child.parent,
        "kind": kind,
        "due_from": due - timedelta(days=60),
        "reached_by_other": out.chance(0.15),
    }
    return out.add("boshi_hoken", fields | dated(out, "due_to", due, share=0.05) | visit, day=visited or due)
