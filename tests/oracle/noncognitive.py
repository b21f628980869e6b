"""Judgement 3: scale scores, norms, standardised values, drops, absence and the rank. Rules §1 and readings 15–17."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from tests.oracle.days import add_months, in_force, months_back
from tests.oracle.exact import mean, standardised, tenths, variance
from tests.oracle.people import View, birth_of, grade_at, person_of
from tests.oracle.poverty import Reasons
from tests.oracle.store import Row

SCALES = ("motivation", "self_control", "sociality", "confidence", "habits", "health", "family", "school")
TIE_SCALES = ("family", "school")
NORM_SIZE, MIN_SCALES, MAX_AGE_MONTHS = 100, 5, 15
LOW, VERY_LOW, DROP, DROP_BELOW = 350, 300, 100, 450  # tenths
ABSENT_LOW, ABSENT_HIGH = 15, 30  # days in twelve months


@dataclass
class Sheet:
    """One pupil's rows of one life survey (survey_id, fiscal year), and the valid scale scores they give."""

    survey_id: str
    fy: int
    answers: list[Row] = field(default_factory=list)
    results: list[Row] = field(default_factory=list)
    scores: dict[str, tuple[Fraction, list[Row]]] = field(default_factory=dict)

    @property
    def rows(self) -> list[Row]:
        """All rows that carry something: an unanswered item does not."""
        return [row for row in self.answers if row.values["answer"] is not None] + self.results

    @property
    def counting(self) -> list[Row]:
        """The rows that a valid scale score comes from."""
        return [row for _, rows in self.scores.values() for row in rows]

    @property
    def day(self) -> date:
        """As in reading 13, "dated by the pupil's last scored row": of the rows that count for a valid scale."""
        return max(row.day("date") for row in self.counting)

    @property
    def order(self) -> tuple[date, datetime, str]:
        """Reading 25: of one date the latest known (by the rows that count), then the greater survey_id."""
        return self.day, max(row.known_at for row in self.counting), self.survey_id

    @property
    def form(self) -> tuple[str, str]:
        """(form_version, key_version) of the latest row."""
        row = max(self.rows, key=lambda row: (row.day("date"), row.tie))
        return row.text("form_version") or "", row.text("key_version") or ""


@dataclass(frozen=True)
class Value:
    """A scale's t in tenths and the rows it comes from."""

    t: int
    rows: list[Row]


@dataclass(frozen=True)
class Noncognitive:
    """scales: t in tenths by code, without missing ones. absence: days, None without attendance data."""

    scales: dict[str, int]
    absence: int | None
    rank: str
    reasons: Reasons


class LifeSurveys:
    """The sheets of all pupils and the norm groups, once for a view."""

    def __init__(self, seen: View) -> None:
        """Rows dated after D and rows of pupils without mapping count nowhere (readings 1 and 16)."""
        self.seen = seen
        self.sheets = _sheets(seen)
        self.norms: dict[tuple[int, str, str], list[Fraction]] = defaultdict(list)
        for person, sheets in self.sheets.items():
            for fy in {sheet.fy for sheet in sheets}:
                self._add_to_norms(person, fy)

    def _add_to_norms(self, person: str, fy: int) -> None:
        """Reading 22: "Each pupil is in the norm group with the survey that would be chosen for that fiscal year at D"."""
        sheet = self.of_year(person, fy)
        grade = sheet and self.grade(person, sheet)
        if sheet and grade:
            for scale, (score, _) in sheet.scores.items():
                self.norms[fy, grade, scale].append(score)

    def grade(self, person: str, sheet: Sheet) -> str | None:
        """ "by birth date at that fiscal year, else of 学齢簿", there "of the row in force on the survey's date"."""
        birth = birth_of(self.seen, person)
        if birth is not None and not birth.unknown:
            return grade_at(self.seen, person, sheet.fy)
        rows = [
            row
            for row in self.seen.feeds["gakureibo"]
            if row.text("atena_no") == person
            and in_force(row.days("effective_from"), row.span("effective_to"), sheet.day)
        ]
        newest = max(rows, key=lambda row: (row.day("effective_from"), row.tie), default=None)
        return newest.text("grade") if newest else None

    def of_year(self, person: str, fy: int) -> Sheet | None:
        """The latest sheet of a fiscal year with a valid scale score, whatever its age."""
        return max((s for s in self.sheets.get(person, []) if s.fy == fy), key=lambda s: s.order, default=None)

    def chosen(self, child: str) -> Sheet | None:
        """ "the pupil's latest life survey with a valid scale taken at most 15 months before D".

        "With a valid scale" is read as: with a valid score; norms cannot decide it, because the norm groups are made of
        the chosen surveys.
        """
        day = self.seen.as_of
        recent = [sheet for sheet in self.sheets.get(child, []) if day <= add_months(sheet.day, MAX_AGE_MONTHS)]
        return max(recent, key=lambda sheet: sheet.order, default=None)

    def values(self, child: str, sheet: Sheet) -> dict[str, Value]:
        """The t of every scale that is not missing, each standardised in the sheet's own year."""
        found: dict[str, Value] = {}
        for scale, (score, rows) in sheet.scores.items():
            t = self._standardised(child, sheet, scale, score)
            if t is not None:
                found[scale] = Value(t, rows)
        fitness = self._total_dev(child, sheet.fy)
        # "only beside another valid scale of the chosen life survey" (reading 22); a valid scale is one not missing,
        # and "if n < 100 and the form has no norm for that scale and grade, the scale is missing" (reading 15).
        if "health" not in found and found and fitness is not None:
            found["health"] = fitness
        return found

    def _standardised(self, child: str, sheet: Sheet, scale: str, score: Fraction) -> int | None:
        """Reading 15: the city's group if n ≥ 100, else the form's norm, else missing."""
        grade = self.grade(child, sheet) or ""
        group = self.norms[sheet.fy, grade, scale]
        if len(group) >= NORM_SIZE:
            return standardised(score, mean(group), variance(group))
        norm = self.seen.store.reference["instrument_norm"].get((sheet.form[0], scale, grade))
        return None if norm is None else standardised(score, norm["mean"], norm["sd"] ** 2)

    def _total_dev(self, child: str, fy: int) -> Value | None:
        """Feed 8's total_dev of a fiscal year; of several the latest known, then the greater record id."""
        rows = [
            row
            for row in self.seen.feeds["physical"]
            if person_of(self.seen, row) == child and row.whole("fy") == fy and row.number("total_dev") is not None
        ]
        if not rows:
            return None
        newest = max(rows, key=lambda row: row.tie)
        return Value(tenths(newest.number("total_dev") or Fraction(0)), [newest])


def _sheets(seen: View) -> dict[str, list[Sheet]]:
    """Every pupil's sheets with at least one valid scale score."""
    found: dict[str, dict[tuple[str, int], Sheet]] = defaultdict(dict)
    for feed in ("life_answer", "life_scale"):
        for row in seen.feeds[feed]:
            person = person_of(seen, row)
            if person is None or row.day("date") > seen.as_of:
                continue
            key = row.text("survey_id") or "", row.whole("fy")
            sheet = found[person].setdefault(key, Sheet(*key))
            (sheet.answers if feed == "life_answer" else sheet.results).append(row)
    for sheets in found.values():
        for sheet in sheets.values():
            sheet.scores = _scores(seen, sheet) if sheet.rows else {}
    return {person: [s for s in sheets.values() if s.scores] for person, sheets in found.items()}


def _scores(seen: View, sheet: Sheet) -> dict[str, tuple[Fraction, list[Row]]]:
    """Reading 22: "from items where `instrument_key` has items of that scale for the row's form and key version, else
    from the scale result of that survey, which needs no key"."""
    form, version = sheet.form
    keys = [
        key
        for key in seen.store.reference["instrument_key"].values()
        if (key["form_version"], key["key_version"]) == (form, version)
    ]
    found: dict[str, tuple[Fraction, list[Row]]] = {}
    for scale in SCALES:
        items = {key["item_code"]: bool(key["reverse"]) for key in keys if key["scale_code"] == scale}
        score = _from_items(sheet, items) if items else _from_result(sheet, scale)
        if score is not None:
            found[scale] = score
    return found


def _from_items(sheet: Sheet, items: dict[str, bool]) -> tuple[Fraction, list[Row]] | None:
    """ "reverse items recoded, scale score = mean of answered items if ≥ 2/3 answered, else missing"."""
    latest: dict[str, Row] = {}
    for row in sorted(sheet.answers, key=lambda row: (row.day("date"), row.tie)):
        latest[row.text("item_code") or ""] = row
    rows = [latest[item] for item in items if item in latest and latest[item].values["answer"] is not None]
    if 3 * len(rows) < 2 * len(items):
        return None
    answers = [Fraction(_recoded(row, items[row.text("item_code") or ""])) for row in rows]
    return mean(answers), rows


def _recoded(row: Row, reverse: bool) -> int:
    answer = row.whole("answer")
    return 5 - answer if reverse else answer


def _from_result(sheet: Sheet, scale: str) -> tuple[Fraction, list[Row]] | None:
    """The latest scale result, missing where fewer than 2/3 of its items were answered (as for items)."""
    rows = [row for row in sheet.results if row.text("scale_code") == scale]
    if not rows:
        return None
    row = max(rows, key=lambda row: (row.day("date"), row.tie))
    if 3 * row.whole("answered") < 2 * row.whole("items"):
        return None
    return row.number("score") or Fraction(0), [row]


def absence_of(seen: View, child: str) -> tuple[int | None, list[Row]]:
    """Reading 17: days absent in the last twelve whole months by D, over all schools; None without any row."""
    window = set(months_back(seen.as_of, 12))
    rows = [row for row in seen.feeds["attendance"] if person_of(seen, row) == child and row.whole("ym") in window]
    if not rows:
        return None, []
    kinds = ("absent_sick", "absent_other", "absent_unknown")
    return sum(row.whole(kind) for row in rows for kind in kinds), rows


def judge_noncognitive(surveys: LifeSurveys, child: str) -> Noncognitive:
    """Judgement 3 of one child whose grade at D is P1–J3."""
    sheet = surveys.chosen(child)
    now = surveys.values(child, sheet) if sheet else {}
    past = surveys.of_year(child, sheet.fy - 1) if sheet else None
    before = surveys.values(child, past) if past else {}
    absence, months = absence_of(surveys.seen, child)
    reasons = _reasons(now, before)
    if absence is not None and absence >= ABSENT_LOW:
        reasons["ABSENCE_15"] = months
    if absence is not None and absence >= ABSENT_HIGH:
        reasons["ABSENCE_30"] = months
    rank = noncognitive_rank(set(reasons), valid=len(now), attended=absence is not None)
    if rank == "X":
        reasons["SX_FEW_SCALES"] = []
    return Noncognitive({scale: value.t for scale, value in now.items()}, absence, rank, reasons)


def _reasons(now: dict[str, Value], before: dict[str, Value]) -> Reasons:
    """LOW_, VERY_LOW_ and DROP_ of every scale; "LOW_ stands beside VERY_LOW_" (reading 23)."""
    reasons: Reasons = {}
    for scale, value in now.items():
        if value.t < LOW:
            reasons[f"LOW_{scale.upper()}"] = value.rows
        if value.t < VERY_LOW:
            reasons[f"VERY_LOW_{scale.upper()}"] = value.rows
        if scale in before and before[scale].t - value.t >= DROP and value.t < DROP_BELOW:
            reasons[f"DROP_{scale.upper()}"] = value.rows
    return reasons


def noncognitive_rank(codes: set[str], *, valid: int, attended: bool) -> str:
    """Reading 17: "ranks 4, 3 and 2 are tested first, on whatever there is; then X; then 1"."""
    low = sum(code.startswith("LOW_") or code == "ABSENCE_15" for code in codes)
    drops = sum(code.startswith("DROP_") for code in codes)
    tie_very_low = any(f"VERY_LOW_{scale.upper()}" in codes for scale in TIE_SCALES)
    if low >= 3 or (tie_very_low and low >= 2):
        return "4"
    if low == 2 or (low == 1 and drops >= 2) or "ABSENCE_30" in codes:
        return "3"
    if low == 1 or drops >= 2:
        return "2"
    return "X" if valid < MIN_SCALES and not attended else "1"
