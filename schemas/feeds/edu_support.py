"""Feed 19, edu_support: use of 教育相談, SSW, 学習支援 and 養育支援訪問."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from schemas.feeds.column import System, number, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Day, Integer, Text
from schemas.feeds.rule import OneOf


class EduSupport(FeedRow):
    """One use of one service, in progress from `from` to `to`."""

    FEED: ClassVar[Feed] = Feed(
        "edu_support",
        "教育相談・支援の利用",
        "教育センター",
        "one use of one service",
        number=19,
        persons=("children_0_18", "pupils"),
        rules=(OneOf("pupil_no", ("atena_no",)),),
    )
    pupil_no: Annotated[str | None, Text(30), number("児童生徒番号", System.PUPIL, "宛名番号がある")] = None
    atena_no: Annotated[str | None, Text(15), number("宛名番号", System.ATENA, "児童生徒番号がある")] = None
    service: Annotated[str, Text(60), restricted("事業（養育支援訪問、SSW など）")]
    from_: Annotated[Any, Day(), restricted("初日"), Field(alias="from")]
    to: Annotated[Any | None, Day(), restricted("末日（その日を含む）", "続いている")] = None
    sessions: Annotated[int | None, Integer(), restricted("回数", "数えていない")] = None
