"""Feed 12, seikatsu_hogo: 生活保護, one spell of one member. Without amounts and case notes."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import System, number, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Day, Text, code
from schemas.feeds.rule import OneOf


class SeikatsuHogo(FeedRow):
    """One spell `start` … `end` whatever its status; 廃止 without `end` is the event "ended on `start`" (reading 9)."""

    FEED: ClassVar[Feed] = Feed(
        "seikatsu_hogo",
        "生活保護",
        "福祉事務所",
        "one spell of one member",
        number=12,
        persons=("household_members",),
        rules=(OneOf("setai_no", ("case_no",)),),
    )
    setai_no: Annotated[str | None, Text(60), number("世帯番号", System.SETAI, "ケース番号がある")] = None
    case_no: Annotated[str | None, Text(30), number("ケース番号", System.CASE, "世帯番号がある")] = None
    member_atena_no: Annotated[str, Text(15), number("世帯員の宛名番号", System.ATENA)]
    status: Annotated[str, code("開始", "停止", "廃止"), restricted("状態")]
    start: Annotated[Any, Day(), restricted("開始日（廃止で終了日がなければ、廃止の日）")]
    end: Annotated[Any | None, Day(), restricted("終了日（その日を含む）", "続いている")] = None
