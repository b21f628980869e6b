"""What comes late, is corrected, taken back or refused (readings 1, 2, 24, 26), and how runs follow one another (18, 19, 27)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tests.boundaries.lines import Line

FIRST_LOAD, LATER_LOAD, JUDGING = (f"2026-09-0{day}T09:00+09:00" for day in (1, 3, 4))
RECORDED_FIRST, RECORDED_LATER = "2026-08-01T09:00:00+09:00", "2026-09-03T08:00:00+09:00"


@dataclass(frozen=True)
class Late:
    """One child of a first load and a later one. judged: by the day up to whose end it was known; the day judged is 31 August."""

    name: str
    first: str
    later: str
    judged: dict[str, str]


def known_at(table: list[Late], day: str) -> list[tuple[int, Line]]:
    """The lines that say what was known at the end of `day`."""
    return [
        (number, Line(f"{each.name}, known at {day}", "", each.judged[day]))
        for number, each in enumerate(table, 1)
        if day in each.judged
    ]


RECORD = "soudan source_record_id=S@child"
BEFORE, BETWEEN, AFTER = "2026-08-30", "2026-09-02", "2026-09-03"
LATE = [
    Late("late: 要保護 of the day", "", "soudan received=2026-08-31",
         {BETWEEN: "nurturing=N0", AFTER: "nurturing=N3"}),
    Late("late: 要保護 of the day after counts never", "", "soudan received=2026-09-01",
         {BETWEEN: "nurturing=N0", AFTER: "nurturing=N0"}),
    Late("late: an event long before the day", "", "soudan kind=虐待通告 received=2025-08-31",
         {BETWEEN: "nurturing=N0", AFTER: "nurturing=N3"}),
    Late("in a first load known when recorded: in the last second of the day", "soudan event_time=2026-08-30T23:59:59+09:00", "",
         {BEFORE: "nurturing=N3", BETWEEN: "nurturing=N3"}),
    Late("… a second later: not yet", "soudan event_time=2026-08-31T00:00:00+09:00", "",
         {BEFORE: "nurturing=N0", BETWEEN: "nurturing=N3"}),
    Late("a time without offset is Japan time", "soudan event_time=2026-08-30T23:59:59", "", {BEFORE: "nurturing=N3"}),
    Late("a later load is known when it is loaded, whenever it was recorded", "", "soudan event_time=2026-08-01T09:00:00+09:00",
         {BETWEEN: "nurturing=N0", AFTER: "nurturing=N3"}),
    Late("corrected: every row is a full image", RECORD, f"{RECORD} op=U kind=その他",
         {BETWEEN: "nurturing=N3", AFTER: "nurturing=N0"}),
    Late("taken back: it never was", RECORD, f"{RECORD} op=D",
         {BETWEEN: "nurturing=N3", AFTER: "nurturing=N0"}),
    Late("a refused correction is no version: what was known stays", RECORD, f"{RECORD} op=U kind=不明な種別",
         {BETWEEN: "nurturing=N3", AFTER: "nurturing=N3"}),
    Late("of one moment I, then U, then D: the deletion stands", f"{RECORD} op=D; {RECORD}", "", {BETWEEN: "nurturing=N0"}),
    Late("the same row again is no new version", f"{RECORD} op=I", f"{RECORD} op=I batch_id=B9 event_time={RECORDED_FIRST}",
         {BETWEEN: "nurturing=N3", AFTER: "nurturing=N3"}),
    Late("a value that comes back with a time of its own is a new version",
         f"{RECORD}; {RECORD} op=U kind=その他 event_time=2026-08-02T09:00:00+09:00", f"{RECORD} op=U",
         {BETWEEN: "nurturing=N0", AFTER: "nurturing=N3"}),
    Late("a feed's own dates decide alone: effective_from is not asked", "soudan effective_from=2030-01-01 effective_to=2030-12-31", "",
         {BETWEEN: "nurturing=N3"}),
    Late("a link is known with the rows it rests on", "no map; T 40.0; oneroster_map event_time=2026-08-31T00:00:00+09:00", "",
         {BEFORE: "t=null", BETWEEN: "t=40.0"}),
    Late("a pupil mapped later: the rows wait", "no map; T 40.0", "oneroster_map", {BETWEEN: "t=null", AFTER: "t=40.0"}),
]  # fmt: skip

# Rows that lie in the future, and are refused at this column (reading 26); recorded on 1 August unless they say so.
FUTURE = [
    ("resident", "resident event_time=2026-09-02T09:00:00+09:00", "event_time"),
    ("resident", "resident birth=2026-08-02", "birth"),
    ("soudan", "soudan received=2026-08-02", "received"),
    ("boshi_hoken", "boshi_hoken visited=2026-08-02", "visited"),
    ("academic", "academic dev=50.0 date=2026-08-02", "date"),
    ("life_scale", "life_scale scale_code=habits score=3 date=2026-08-02", "date"),
]
AHEAD = [  # may lie ahead
    ("resident", "resident effective_from=2026-12-01"),
    ("soudan", "soudan received=2026-08-01 closed=2026-12-31"),
    ("boshi_hoken", "boshi_hoken due_from=2026-12-01 due_to=2026-12-31"),
    ("seikatsu_hogo", "seikatsu_hogo start=2026-12-01 end=2026-12-31"),
    ("hoiku", "hoiku from=2026-12-01 to=2027-03-31"),
]

RUNS = (date(2025, 8, 31), date(2026, 1, 31), date(2026, 8, 31))
QUIET = 93  # pupils of whom nothing is known: with the eight below 101, and one fewer on the second day
HIGH, LOW, SCHOOL, NONE = "重点支援Ⅱ", "見守りⅡ", "見守りⅡ(教育)", "対象外"


@dataclass(frozen=True)
class Story:
    """One child over the three official runs: (raw category, category) of each; None where it is not judged."""

    name: str
    held: str
    judged: tuple[tuple[str, str] | None, ...]

    def lines(self) -> Iterator[Line]:
        """One line a run."""
        for day, said in zip(RUNS, self.judged, strict=True):
            judged = "out" if said is None else f"raw_category={said[0]} category={said[1]}"
            yield Line(f"{self.name}, {day}", self.held, judged, on=day)


YOHOGO = "soudan kind=要保護"
# 見守りⅡ in the first two runs; in the third, by school data alone, 見守りⅡ(教育), which is of the same height
POOR_THEN_SCHOOL = "jido_fuyo_teate status=一部支給 from=202501 to=202606; T 34.0; absent 202607 30"
STORIES = [
    Story("up at once", f"{YOHOGO} received=2025-12-01", ((NONE, NONE), (HIGH, HIGH), (HIGH, HIGH))),
    Story("two lower runs, then the higher of them",
          f"{YOHOGO} received=2025-01-01 closed=2025-12-31; soudan kind=要支援 received=2026-01-01 closed=2026-06-30",
          ((HIGH, HIGH), (LOW, HIGH), (NONE, LOW))),
    Story("a run without the child neither counts nor breaks",
          f"{YOHOGO} received=2025-01-01 closed=2025-12-31; resident status=転出 rireki_no=2 effective_from=2026-01-15;"
          " resident status=住民 rireki_no=3 effective_from=2026-03-01",
          ((HIGH, HIGH), None, (NONE, HIGH))),
    Story("one lower run between", f"{YOHOGO} received=2025-01-01 closed=2025-12-31; {YOHOGO} received=2026-02-01",
          ((HIGH, HIGH), (NONE, HIGH), (HIGH, HIGH))),
    Story("of the same height: at once", POOR_THEN_SCHOOL, ((LOW, LOW), (LOW, LOW), (SCHOOL, SCHOOL))),
    Story("two lower runs of one height: the later", f"{YOHOGO} received=2025-01-01 closed=2025-12-31; {POOR_THEN_SCHOOL}",
          ((HIGH, HIGH), (LOW, HIGH), (SCHOOL, SCHOOL))),
    *(Story("new in the last run", f"{YOHOGO} received=2026-08-01", ((NONE, NONE), (NONE, NONE), (HIGH, HIGH))) for _ in range(2)),
]  # fmt: skip
# Pupils in 重点支援 after hysteresis, of all: 4 of 100 is 4 % and not above it; 5 of 101 is.
GUARD = [((4, 101), "official"), ((4, 100), "official"), ((5, 101), "held")]
