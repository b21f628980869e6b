"""Feed 11, shugaku_enjo: 就学援助, school aid for one child in one fiscal year."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from schemas.feeds.column import System, number, plain, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Day, Integer, Text, code


class ShugakuEnjo(FeedRow):
    """One application or grant. `from` … `to` decide when it holds (reading 10)."""

    FEED: ClassVar[Feed] = Feed(
        "shugaku_enjo",
        "就学援助",
        "学務課",
        "one child, year and decision",
        number=11,
        persons=("children_0_18", "guardians"),
    )
    atena_no: Annotated[str, Text(15), number("児童生徒の宛名番号", System.ATENA)]
    guardian_atena_no: Annotated[str, Text(15), number("保護者の宛名番号", System.ATENA)]
    fy: Annotated[int, Integer(1900, 2199), plain("年度", unit="年度")]
    status: Annotated[str, code("申請", "認定", "否認定", "取消", "廃止"), restricted("状態")]
    category: Annotated[str, code("要保護", "準要保護"), restricted("区分")]
    from_: Annotated[Any, Day(), restricted("認定の初日"), Field(alias="from")]
    to: Annotated[Any | None, Day(), restricted("認定の末日（その日を含む）", "終わりが決まっていない")] = None
