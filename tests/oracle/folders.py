"""Generates small cities as canonical folders, with the loads and the judged days that go with them.

`make_city(Random(seed), root)` is all a test needs; the same seed gives the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from tests.oracle.days import JST, JUDGED_GRADES, fiscal_year
from tests.oracle.noncognitive import SCALES
from tests.oracle.scene_people import Person, make_family
from tests.oracle.scene_school import SUBJECTS, add_answers, add_reference, add_school, add_score
from tests.oracle.scene_welfare import add_tax, add_welfare
from tests.oracle.store import Load
from tests.oracle.writing import Field, Folders, Record

LOADS = tuple(datetime(2026, 9, day, 9, tzinfo=JST) for day in (1, 3, 5))
# Days to judge, in order: the half-yearly ones, leap days, ends of school years, the turn of the tax year, month ends
CALENDARS = (
    (date(2025, 8, 31), date(2026, 1, 31), date(2026, 8, 31)),
    (date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28)),
    (date(2025, 3, 31), date(2025, 4, 1), date(2026, 5, 31)),
    (date(2025, 6, 1), date(2026, 3, 31), date(2026, 4, 1)),
    (date(2025, 8, 30), date(2026, 2, 1), date(2026, 8, 30)),
)
MAY_BE_MISSING = ("soudan", "boshi_hoken", "tax_class", "attendance", "physical", "seikatsu_hogo", "edu_support")
COHORT = 118  # pupils of one grade where norms shall exist; absent and unmapped ones leave about a hundred


@dataclass(frozen=True)
class City:
    """Folders to load in order, and the days to judge in order.

    asked: (as_of, known_at) of trial runs: what was known at an earlier moment
    """

    loads: list[Load]
    as_ofs: tuple[date, ...]
    asked: list[tuple[date, date]]


def make_city(rng: Random, root: Path, *, children: int = 60, norms: bool = False) -> City:
    """Write a city of about so many children into `root`.

    norms: one grade more, with about a hundred pupils, whose marks come without `dev`
    """
    days = list(rng.choice(CALENDARS))
    out = Folders(rng, list(LOADS))
    add_reference(out, range(fiscal_year(days[0]) - 2, fiscal_year(days[-1]) + 1))
    people = [child for _ in range(children // 2) for child in make_family(out, days, _grades(out))]
    for child in people:
        add_welfare(out, child, days)
        if child.pupil is not None:
            add_school(out, child, days)
    if norms:
        _cohort(out, days)
    _legal_basis(out)
    for record in list(out.records):
        if rng.random() < (0.01 if record.feed == "life_answer" else 0.06):
            _disturb(out, record)
    _lose_feeds(out)
    paths = out.write(root)
    loads = [Load(path, at, initial=at == LOADS[0]) for path, at in zip(paths, LOADS, strict=True)]
    asked = [(days[-1], days[-1]), (days[1], date(2026, 9, 2)), (days[-1], date(2026, 9, 4))]
    return City(loads, tuple(days), asked)


def _grades(out: Folders) -> list[str | None]:
    count = out.rng.choice((1, 2, 2, 3))
    return [out.rng.choice((*JUDGED_GRADES, *JUDGED_GRADES, "H1", "H3", None, None, None, None)) for _ in range(count)]


def _cohort(out: Folders, days: list[date]) -> None:
    """One grade large enough for norms: marks without `dev`, one form, and 98–102 scores a scale."""
    grade = out.rng.choice(("P4", "P6", "J2"))
    pupils = [child for _ in range(COHORT) for child in make_family(out, days, [grade])]
    for child in pupils:
        add_tax(out, child, out.rng.choice(days))
    fy = fiscal_year(days[-1])
    for year in (fy, fy - 1):
        day = min(date(year, 5, 20), days[-1])
        for subject in SUBJECTS[:3]:
            for child in out.rng.sample(pupils, out.rng.choice((110, 113, 118))):
                add_score(out, child, "GAKU", year, day, subject, None, raw=out.rng.randrange(20, 101))
        for scale in SCALES:
            for child in out.rng.sample(pupils, out.rng.choice((108, 112, 116))):
                _plain_answers(out, child, year, day, scale)


def _plain_answers(out: Folders, child: Person, fy: int, day: date, scale: str) -> None:
    add_answers(out, child, "LIFE", fy, day, ("F1", "K1"), scale, out.rng.choice((2.0, 2.5, 3.0)), gaps=0.04)


def _legal_basis(out: Folders) -> None:
    fields: dict[str, Field] = {
        "law_article": "条例",
        "purpose": "支援",
        "items": "表",
        "holder": "市",
        "user": "教育委員会",
        "recurrence": "恒常",
        "approved": date(2023, 4, 1),
        "review_due": date(2028, 3, 31),
    }
    out.add("legal_basis", fields, day=date(2023, 4, 1), step=0)


def _lose_feeds(out: Folders) -> None:
    """A feed that never comes, one that is empty, one that comes first with a later load."""
    for feed in MAY_BE_MISSING:
        roll = out.rng.random()
        if roll < 0.05:
            out.dropped |= {(step, feed) for step in range(len(out.loads))}
        elif roll < 0.09:
            out.dropped.add((0, feed))
        elif roll < 0.12:
            out.records = [record for record in out.records if record.feed != feed]


# --- corrections, late rows, deletions


def _disturb(out: Folders, row: Record) -> None:
    """One of the ways in which a fact is sent again."""
    out.rng.choice(DISTURBANCES)(out, row)


def _later(out: Folders, row: Record) -> int:
    return out.rng.randrange(row.step, len(out.loads))


def _correct(out: Folders, row: Record) -> None:
    out.revise(row, "U", _change(out, row), step=_later(out, row))


def _correct_with_early_time(out: Folders, row: Record) -> None:
    """Recorded before the row it corrects: known earlier in a first load, later in a delta."""
    said = row.said - timedelta(days=2, seconds=out.rng.randrange(100))
    out.revise(row, "U", _change(out, row), step=_later(out, row), said=said)


def _delete(out: Folders, row: Record) -> None:
    out.revise(row, "D", {}, step=_later(out, row))


def _delete_and_restore(out: Folders, row: Record) -> None:
    gone = out.revise(row, "D", {}, step=_later(out, row))
    out.revise(gone, "U", _change(out, row), step=_later(out, gone))


def _same_moment(out: Folders, row: Record) -> None:
    """The same event_time: the operation settles it, then the batch."""
    if out.chance(0.5):
        out.revise(row, out.rng.choice("UD"), _change(out, row), step=row.step, said=row.said)
    else:
        batch = out.rng.choice(("A00", "B50x", "C00"))
        out.revise(row, "I", _change(out, row), step=row.step, said=row.said, batch=batch)


def _value_comes_back(out: Folders, row: Record) -> None:
    """Changed, then the first row sent again to the byte (no new version) or with a time of its own (a new one)."""
    changed = out.revise(row, "U", _change(out, row), step=_later(out, row))
    step = _later(out, changed)
    if out.chance(0.5):
        out.revise(row, str(row.fields["op"]), {}, step=step, said=row.said, batch="Z99")
    else:
        out.revise(row, "U", {}, step=step)


def _refused(out: Folders, row: Record) -> None:
    """A correction that is refused: what was known before stays."""
    step = _later(out, row)
    if out.chance(0.5):
        out.revise(row, "U", _change(out, row), step=step, said=out.loads[step] + timedelta(hours=1))
    else:
        out.revise(row, "X", _change(out, row), step=step)


DISTURBANCES: tuple[Callable[[Folders, Record], None], ...] = (
    _correct,
    _correct,
    _correct_with_early_time,
    _delete,
    _delete_and_restore,
    _same_moment,
    _value_comes_back,
    _refused,
)
CHANGES: dict[str, tuple[tuple[str, tuple[Field, ...]], ...]] = {
    "soudan": (("kind", ("虐待通告", "要保護", "要支援", "養育相談")),),
    "tax_class": (("class", ("非課税", "均等割のみ", "課税", "不明")),),
    "academic": (("dev", (Decimal("31.0"), Decimal("44.9"), Decimal("52.5"), None)), ("absent", (True, False))),
    "attendance": (("absent_sick", (0, 7, 15)),),
    "shugaku_enjo": (("status", ("認定", "取消", "廃止")), ("category", ("準要保護", "要保護"))),
    "seikatsu_hogo": (("status", ("開始", "停止", "廃止")),),
    "jido_fuyo_teate": (("status", ("全部支給", "一部支給", "資格喪失")),),
    "boshi_hoken": (("reached_by_other", (True, False)), ("result", ("異常なし", "要支援"))),
    "life_answer": (("answer", (1, 2, 3, 4, None)),),
    "life_scale": (("score", (Decimal("1.75"), Decimal("2.2475"), Decimal(3))),),
    "physical": (("total_dev", (Decimal("34.9"), Decimal(48), None)),),
    "edu_support": (("service", ("養育支援訪問", "SSW")),),
    "resident": (("ido_jiyu", ("転居", "職権修正")), ("zokugara", ("子", "長男"))),
}


def _change(out: Folders, row: Record) -> dict[str, Field]:
    """Another value for one of the row's columns, where the feed has one that matters; else none."""
    if row.feed not in CHANGES:
        return {}
    column, values = out.rng.choice(CHANGES[row.feed])
    return {column: out.rng.choice(values)}
