"""Feed 13, jido_fuyo_teate: 児童扶養手当, one entitlement of one recipient for one child."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.feeds.column import System, number, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Month, Text, code

STATUS = code("全部支給", "一部支給", "全部停止", "資格喪失")


class JidoFuyoTeate(FeedRow):
    """One stretch of whole months; of the rows that cover a month the one with the latest `from` counts (reading 9)."""

    FEED: ClassVar[Feed] = Feed(
        "jido_fuyo_teate",
        "児童扶養手当",
        "子育て給付担当課",
        "one recipient, child and stretch of months",
        number=13,
        persons=("children_0_18", "guardians"),
        ties=True,
    )
    recipient_atena_no: Annotated[str, Text(15), number("受給者の宛名番号", System.ATENA)]
    child_atena_no: Annotated[str, Text(15), number("児童の宛名番号", System.ATENA)]
    status: Annotated[str, STATUS, restricted("支給の状態")]
    from_: Annotated[int, Month(), restricted("最初の月"), Field(alias="from")]
    to: Annotated[int | None, Month(), restricted("最後の月（その月を含む）", "終わりが決まっていない")] = None
    reason: Annotated[str | None, Text(60), restricted("事由", "記載がない")] = None
