"""Feed 8, physical: one result of one pupil in the yearly test of physical fitness."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import About, System, number, plain
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Decimal, Integer, Text, code


class Physical(FeedRow):
    """One event of one pupil's test."""

    FEED: ClassVar[Feed] = Feed("physical", "体力調査", "教育委員会", "one pupil, year and event", number=8, ties=True)
    pupil_no: Annotated[str, Text(30), number("児童生徒番号", System.PUPIL)]
    fy: Annotated[int, Integer(1900, 2199), plain("年度", unit="年度")]
    event_code: Annotated[str, Text(60), plain("種目")]
    value: Annotated[Any, Decimal(), About("記録", unit="種目による")]
    total_dev: Annotated[Any | None, Decimal(1), About("総合の偏差値", "計算していない", "0.1")] = None
    grade_rank: Annotated[str | None, code("A", "B", "C", "D", "E"), About("総合評価", "評価していない")] = None
