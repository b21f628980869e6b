"""Judgement 2: subject scores, T, changes and the rank. Rules §1 and readings 12–14."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from tests.oracle.days import add_months
from tests.oracle.exact import mean, standardised, tenths, variance
from tests.oracle.people import View, person_of
from tests.oracle.poverty import Reasons
from tests.oracle.store import Row

NORM_SIZE = 100  # pupils; below it an empty `dev` is not computed
MIN_SUBJECTS = 2
MAX_AGE_MONTHS = 15
FALL, DECLINE, CUTS = -50, -30, (350, 400, 450, 500)  # tenths
RANKS = {  # band of T → (fall, decline, flat or unknown)
    "T_LT35": ("4", "4", "4"),
    "T_35_40": ("4", "3", "3"),
    "T_40_45": ("4", "3", "2"),
    "T_45_50": ("3", "2", "1"),
    "T_GE50": ("2", "1", "1"),
}
COLUMN = {"fall": 0, "decline": 1, "flat": 2, "unknown": 2}
Group = tuple[str | None, int, str | None, str | None]  # survey, fiscal year, grade, subject


@dataclass(frozen=True)
class Survey:
    """One pupil's annual survey with at least two scored subjects. score: T in tenths."""

    survey_id: str
    fy: int
    day: date
    known_at: datetime
    score: int
    rows: tuple[Row, ...]

    @property
    def order(self) -> tuple[date, datetime, str]:
        """Reading 25: "the latest known, then … (a survey: the greater survey_id)" among those of one date."""
        return self.day, self.known_at, self.survey_id


@dataclass(frozen=True)
class Learning:
    """t, d1, d2 in tenths, None where there is none."""

    t: int | None
    d1: int | None
    d2: int | None
    change: str | None
    rank: str
    reasons: Reasons


class Scores:
    """The scores of all pupils, once for a view."""

    def __init__(self, seen: View) -> None:
        """Rows dated after D, absent pupils and pupils without mapping are out before anything is computed."""
        self.as_of = seen.as_of
        taken: dict[str, list[Row]] = defaultdict(list)
        for row in seen.feeds["academic"]:
            person = person_of(seen, row)
            # "Facts whose own valid date is after D never count, whatever T is" (reading 1)
            if person is not None and row.day("date") <= seen.as_of and not row.values["absent"]:
                taken[person].append(row)
        self.taken = dict(taken)
        self.groups = _raw_marks(self.taken)

    def surveys(self, child: str) -> list[Survey]:
        """The child's surveys with ≥ 2 scored subjects, dated by D."""
        found: dict[tuple[str, int], list[tuple[Row, int]]] = defaultdict(list)
        for row in self.taken.get(child, []):
            score = self._score(row)
            if score is not None:
                found[row.text("survey_id") or "", row.whole("fy")].append((row, score))
        surveys = [_survey(key, scored) for key, scored in found.items()]
        return [survey for survey in surveys if survey is not None]

    def _score(self, row: Row) -> int | None:
        """Reading 12: "a given `dev` is used; where empty it is computed from `raw` … if n ≥ 100, else … no score"."""
        dev, raw = row.number("dev"), row.number("raw")
        if dev is not None:
            return tenths(dev)
        marks = self.groups.get(_group(row), [])
        if raw is None or len(marks) < NORM_SIZE:
            return None
        return standardised(raw, mean(marks), variance(marks))


def _group(row: Row) -> Group:
    """ "within survey × fiscal year × grade × subject": the grade column of feed 6 itself."""
    return row.text("survey_id"), row.whole("fy"), row.text("grade"), row.text("subject")


def _raw_marks(taken: dict[str, list[Row]]) -> dict[Group, list[Fraction]]:
    """The raw marks of every group, one a pupil: of two rows the later, then the latest known, then the lower mark."""
    groups: dict[Group, list[Fraction]] = defaultdict(list)
    for rows in taken.values():
        best: dict[Group, Row] = {}
        for row in rows:
            raw = row.number("raw")
            if raw is None:
                continue
            rival = best.get(_group(row))
            if rival is None or _mark_order(row) > _mark_order(rival):
                best[_group(row)] = row
        for group, row in best.items():
            groups[group].append(row.number("raw") or Fraction(0))
    return dict(groups)


def _mark_order(row: Row) -> tuple[date, datetime, Fraction]:
    return row.day("date"), row.known_at, -(row.number("raw") or Fraction(0))


def _survey(key: tuple[str, int], scored: Iterable[tuple[Row, int]]) -> Survey | None:
    """Reading 12: "the one with the latest date counts, then the latest known, then the lower score"."""
    rows = list(scored)
    best: dict[str | None, tuple[Row, int]] = {}
    for row, score in rows:
        rival = best.get(row.text("subject"))
        if rival is None or (row.day("date"), row.known_at, -score) > (
            rival[0].day("date"),
            rival[0].known_at,
            -rival[1],
        ):
            best[row.text("subject")] = (row, score)
    if len(best) < MIN_SUBJECTS:
        return None
    score = tenths(mean([Fraction(score, 10) for _, score in best.values()]))
    day = max(row.day("date") for row, _ in rows)  # "dated by the pupil's last scored row"
    counting = tuple(row for row, _ in best.values())
    # Of surveys of one date the latest known (reading 25): by the rows that count, a superseded score makes none newer
    known = max(row.known_at for row in counting)
    return Survey(key[0], key[1], day, known, score, counting)


def judge_learning(scores: Scores, child: str) -> Learning:
    """Judgement 2 of one child whose grade at D is P1–J3."""
    surveys = scores.surveys(child)
    # "dated ≤ D and at most 15 months before it"
    recent = [survey for survey in surveys if scores.as_of <= add_months(survey.day, MAX_AGE_MONTHS)]
    if not recent:
        return Learning(None, None, None, None, "X", {"TX_NO_SCORE": []})
    now = max(recent, key=lambda survey: survey.order)
    before = _of_year(surveys, now.fy - 1)
    earlier = _of_year(surveys, now.fy - 2)
    d1 = None if before is None else now.score - before.score
    d2 = None if earlier is None else now.score - earlier.score
    change, band = change_class(d1, d2), band_of(now.score)
    reasons = {band: list(now.rows), f"CHANGE_{change.upper()}": []}
    return Learning(now.score, d1, d2, change, RANKS[band][COLUMN[change]], reasons)


def _of_year(surveys: list[Survey], fy: int) -> Survey | None:
    """ "each from that year's latest survey with ≥ 2 scored subjects, over all its subjects, with no age limit"."""
    return max((survey for survey in surveys if survey.fy == fy), key=lambda survey: survey.order, default=None)


def change_class(d1: int | None, d2: int | None) -> str:
    """fall, decline, flat or unknown, from changes in tenths; "if Δ1 is unknown the change is 不明 whatever Δ2 is"."""
    if d1 is None:
        return "unknown"
    if d1 <= FALL or (d2 is not None and d2 <= FALL and d1 < 0):
        return "fall"
    return "decline" if d1 <= DECLINE else "flat"


def band_of(t: int) -> str:
    """The reason code of T's row in the table; exactly 45.0 belongs to the upper band."""
    return list(RANKS)[sum(t >= cut for cut in CUTS)]
