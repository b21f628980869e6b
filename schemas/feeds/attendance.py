"""Feed 9, attendance: one pupil's days in one month at one school."""

from typing import Annotated, ClassVar

from schemas.feeds.column import About, System, number, plain
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Integer, Month, Text

DAYS = Integer(0, 31)


class Attendance(FeedRow):
    """One month; of a pupil who changed schools in it there are several rows, which are added."""

    FEED: ClassVar[Feed] = Feed("attendance", "出欠", "学校", "one pupil, month and school", number=9)
    pupil_no: Annotated[str, Text(30), number("児童生徒番号", System.PUPIL)]
    ym: Annotated[int, Month(), plain("年月")]
    school_days: Annotated[int, DAYS, About("授業日数", unit="日")]
    absent_sick: Annotated[int, DAYS, About("病気欠席", unit="日")]
    absent_other: Annotated[int, DAYS, About("事故欠席", unit="日")]
    absent_unknown: Annotated[int, DAYS, About("理由の分からない欠席", unit="日")]
    suspended: Annotated[int, DAYS, About("出席停止", unit="日")]
    mourning: Annotated[int, DAYS, About("忌引", unit="日")]
    late: Annotated[int, Integer(), About("遅刻", unit="回")]
    early: Annotated[int, Integer(), About("早退", unit="回")]
    nurse_room: Annotated[int | None, Integer(), About("保健室の利用", "数えていない", "回")] = None
