"""Feed 10, health_check: 学校の健康診断, one pupil's yearly check at school."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import System, number, plain, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Boolean, Decimal, Integer, Text


class HealthCheck(FeedRow):
    """What the check of one fiscal year found; no rule set reads it unless it names it."""

    FEED: ClassVar[Feed] = Feed(
        "health_check", "学校の健康診断", "学校教育課", "one pupil and year", number=10, awaited=False
    )
    pupil_no: Annotated[str, Text(30), number("児童生徒番号", System.PUPIL)]
    fy: Annotated[int, Integer(1900, 2199), plain("年度", unit="年度")]
    height: Annotated[Any | None, Decimal(1, 0), restricted("身長（cm）", "測っていない")] = None
    weight: Annotated[Any | None, Decimal(1, 0), restricted("体重（kg）", "測っていない")] = None
    obesity_pct: Annotated[Any | None, Decimal(1), restricted("肥満度（%）", "計算していない")] = None
    eyesight_r: Annotated[str | None, Text(20), restricted("視力（右）", "測っていない")] = None
    eyesight_l: Annotated[str | None, Text(20), restricted("視力（左）", "測っていない")] = None
    caries_untreated: Annotated[int | None, Integer(), restricted("未処置のう歯（本）", "検査していない")] = None
    referral_unvisited: Annotated[bool | None, Boolean(), restricted("受診の勧めに応じていないか", "勧めていない")] = (
        None
    )
