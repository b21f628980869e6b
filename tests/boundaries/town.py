"""Writes the lines' town as canonical folders and takes it through the command line."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.boundaries.lines import SCALES, Line, differences
from tests.canonical import Row, crosswalk, resident, write_feed
from tests.commands import Commands

RECORDED = "2026-09-01T08:00:00+09:00"  # an hour before the load
SURVEYED = {0: "2026-05-11", 1: "2025-05-12", 2: "2024-05-13"}  # day of the survey so many years ago
YEAR = 2026  # fiscal year of the main day
FORM = {"form_version": "F", "key_version": "K"}  # has no key: its scale results are standardised by the published norm
NORM_MEAN, NORM_SD = "5", "1"  # so that a result of 2.99 is a t of 29.9
GRADES = ("P1", "P2", "P3", "P4", "P5", "P6", "J1", "J2", "J3")
REFUSED = frozenset({"answer: ANSWER"})  # an answer outside 1 to 4 is meant to be
JUDGED = (0, 4)  # exit codes of judge: done, or held by the guard, which this town of hardship always is
Rows = dict[str, list[dict[str, str]]]
Numbered = tuple[int, Line]  # a line with the number that its child's numbers are made of

DEFAULTS: dict[str, Row] = {
    "resident": {"rireki_no": "2", "effective_from": "2026-04-01"},
    "tax_class": {"setai_no": "@home", "fy": "2026", "class": "課税", "effective_from": "2026-06-01", "held_by": "こども課"},
    "seikatsu_hogo": {"case_no": "H@child", "member_atena_no": "@parent", "status": "開始", "start": "2024-01-01"},
    "jido_fuyo_teate": {"recipient_atena_no": "@parent", "child_atena_no": "@child", "status": "全部支給", "from": "202511"},
    "shugaku_enjo": {
        "atena_no": "@child", "guardian_atena_no": "@parent", "fy": "2026", "status": "認定", "category": "準要保護",
        "from": "2026-04-01",
    },
    "soudan": {"case_no": "C@child", "child_atena_no": "@child", "kind": "要保護", "received": "2026-05-20", "status": "継続", "office": "子ども家庭課"},
    "boshi_hoken": {"child_atena_no": "@child", "kind": "3y", "due_from": "2024-06-01", "due_to": "2024-08-31", "reached_by_other": "false"},
    "edu_support": {"atena_no": "@child", "service": "養育支援訪問", "from": "2026-06-01"},
    "hoiku": {"child_atena_no": "@child", "facility_code": "H001", "kind": "保育所", "from": "2026-04-01"},
    "academic": {"pupil_no": "@pupil", "survey_id": "STEP", "fy": "2026", "date": SURVEYED[0], "grade": "P6", "subject": "国", "absent": "false", "norm_id": "N"},
    "life_answer": {"pupil_no": "@pupil", "survey_id": "LIFE", "form_version": "F", "key_version": "I", "fy": "2026", "date": SURVEYED[0]},
    "life_scale": {"pupil_no": "@pupil", "survey_id": "LIFE", **FORM, "fy": "2026", "date": SURVEYED[0], "answered": "6", "items": "6"},
    "physical": {"pupil_no": "@pupil", "fy": "2026", "event_code": "TOTAL", "value": "50"},
    "attendance": {
        "pupil_no": "@pupil", "ym": "202608", "school_days": "20", "absent_sick": "0", "absent_other": "0",
        "absent_unknown": "0", "suspended": "0", "mourning": "0", "late": "0", "early": "0",
    },
    "oneroster_map": {"sourced_id": "S@pupil", "uuid": "00000000-0000-4000-8000-00@child", "atena_no": "@child", "pupil_no": "@pupil", "verified_by": "学務課"},
    "household": {"setai_no": "@home", "atena_no": "@child", "head": "false", "zokugara": "子"},
    "gakureibo": {"atena_no": "@child", "school_code": "B127299000001", "grade": "P6", "class_kind": "普通", "kubun": "指定"},
}  # fmt: skip


class Town:
    """Collects rows of all feeds, line by line. recorded: the event_time of rows that do not say their own."""

    def __init__(self, lines: Iterable[Numbered] = (), *, recorded: str = RECORDED) -> None:
        self.rows: Rows = defaultdict(list)
        self.births: dict[int, Row] = {}
        self.recorded = recorded
        for number, line in lines:
            self.add(number, line)

    def add(self, number: int, line: Line) -> None:
        """The line's child, its household and its facts."""
        facts = dict(enumerate(line.facts))
        words = {fact.split()[0] for fact in facts.values()} | set(facts.values())
        self._people(number, line, words)
        if not words & {"no tax", "tax_class"}:
            for fy in (YEAR - 1, YEAR):
                self.fact(number, f"tax_class fy={fy} effective_from={fy}-06-01")
        for fact in facts.values():
            self._known_word(number, fact)

    def _people(self, number: int, line: Line, words: set[str]) -> None:
        said = next((fact.split()[1] for fact in line.facts if fact.startswith("born ")), line.born)
        day, _, precision = said.partition("/")
        self.births[number] = {"birth": "" if precision == "unknown" else day, "birth_precision": precision}
        self.rows["resident"].append({**resident(number), **self.births[number]})
        if "no parent" not in words:
            parent = resident(number, atena_no=numbers(number)["@parent"], birth="1985-01-01", zokugara="母")
            self.rows["resident"].append(dict(parent))
        if "no map" not in words:
            self.rows["oneroster_map"].append(dict(crosswalk(number)))

    def _known_word(self, number: int, fact: str) -> None:
        word, *more = fact.split()
        word, _, back = word.partition("-")
        if word == "T":
            for subject in ("国", "算数"):
                self.fact(number, f"academic subject={subject} dev={more[0]} {_year(int(back or 0))}")
        elif word == "scales":
            said = dict.fromkeys(SCALES, more[0]) | dict(other.split("=") for other in more[1:])
            for scale, t in said.items():
                if t != "none":
                    self.fact(number, f"life_scale scale_code={scale} score={Decimal(t) / 10} {_year(int(back or 0))}")
        elif word == "absent":
            self.fact(number, f"attendance ym={more[0]} absent_sick={more[1]}")
        elif word not in ("born", "no"):
            self.fact(number, fact)

    def fact(self, number: int, fact: str) -> None:
        """One row of a feed, its usual columns filled in."""
        feed, *columns = fact.split()
        row = {**DEFAULTS[feed], **dict(column.split("=", 1) for column in columns)}
        if feed == "resident":
            row = {**resident(number), **self.births.get(number, {}), **row}
        for placeholder, value in numbers(number).items():
            row = {column: text.replace(placeholder, value) for column, text in row.items()}
        self.rows[feed].append(row)

    def write_rows(self, folder: Path) -> Path:
        """The feeds of which there are rows: what a later load brings."""
        for feed, rows in self.rows.items():
            write_feed(folder, feed, [{"event_time": self.recorded, **row} for row in rows])
        return folder

    def write(self, folder: Path, *, without: Sequence[str] = ()) -> Path:
        """Every feed that judging reads, if need be without rows; those in `without` have no file."""
        for feed in sorted(DEFAULTS.keys() - set(without)):
            if not self.rows[feed]:
                _write_empty(folder, feed)
                del self.rows[feed]
        return self.write_rows(folder)


def numbers(line: int) -> dict[str, str]:
    """The numbers that a line's placeholders stand for."""
    return {
        "@child": f"{line:010d}", "@parent": f"{500_000 + line:010d}", "@sibling": f"{600_000 + line:010d}",
        "@home": f"{900_000_000 + line}", "@pupil": f"P{line:06d}",
    }  # fmt: skip


def _year(back: int) -> str:
    return f"fy={YEAR - back} date={SURVEYED[back]}"


def _write_empty(folder: Path, feed: str) -> None:
    """A header alone: the feed was loaded, and says that there is nothing."""
    path = write_feed(folder, feed, [{**DEFAULTS.get(feed, {}), **EMPTY.get(feed, {})}])
    path.write_text(path.read_text("utf-8").split("\n", 1)[0] + "\n", "utf-8")


EMPTY: dict[str, Row] = {
    "life_answer": {"item_code": "", "answer": ""},
    "life_scale": {"scale_code": "", "score": ""},
}


def write_norms(folder: Path) -> None:
    """The published norm of the form whose results the lines give, and the key of the form whose answers they give."""
    norms = [(scale, grade, NORM_MEAN, NORM_SD) for scale in SCALES for grade in GRADES]
    _write_reference(
        folder / "instrument_norm.csv", "form_version,scale_code,grade,mean,sd", [("F", *row) for row in norms]
    )
    items = [
        ("F", "I", f"{scale}-{place}", scale, "true" if place == 3 else "false")
        for scale in SCALES
        for place in (1, 2, 3)
    ]
    _write_reference(folder / "instrument_key.csv", "form_version,key_version,item_code,scale_code,reverse", items)


def _write_reference(path: Path, header: str, rows: Sequence[Sequence[str]]) -> None:
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n", "utf-8")


def load(run: Commands, folder: Path, *more: str, refused: frozenset[str] = REFUSED) -> dict[str, str]:
    """Load and link; the child of every 宛名番号. refused: column and rule of what may be refused, and nothing else."""
    batches = run("feed", "load", folder, "--profile", "canonical", *more)["batches"]
    unexpected = {batch["feed"]: batch["refusals"] for batch in batches if batch["refusals"].keys() - refused}
    assert not unexpected, unexpected
    crosswalk = run("link", "--show", "--as", "auditor.pem")["crosswalk"]
    return {row["number"]: row["child_id"] for row in crosswalk if row["system"] == "atena_no"}


def judgements(run: Commands, judged: str) -> dict[str, dict[str, Any]]:
    """What a run said, by child."""
    shown = run("run", "show", judged, "--judgements", "--as", "auditor.pem")["judgements"]
    return {row["child_id"]: row for row in shown}


def check(run: Commands, lines: Iterable[Numbered], children: Mapping[str, str], *more: str | Path) -> list[str]:
    """Judge every day that a line asks about; everything that is not as the lines say."""
    by_day: dict[date, list[Numbered]] = defaultdict(list)
    for number, line in lines:
        by_day[line.on].append((number, line))
    found: list[str] = []
    for day, asked in sorted(by_day.items()):
        judged = run("judge", "--as-of", day.isoformat(), *more, codes=JUDGED)
        found += differences_in(judgements(run, judged["run"]), asked, children)
    return found


def differences_in(
    told: Mapping[str, dict[str, Any]], lines: Iterable[Numbered], children: Mapping[str, str]
) -> Iterator[str]:
    """Everything in which one run's judgements are not as the lines say."""
    for number, line in lines:
        yield from differences(line, told.get(children.get(numbers(number)["@child"], "")))
