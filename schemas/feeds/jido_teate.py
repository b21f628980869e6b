"""Feed 14, jido_teate: 児童手当, one entitlement of one recipient for one child."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.feeds.column import System, number, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Month, Text


class JidoTeate(FeedRow):
    """One stretch of whole months; no rule set reads it unless it names it."""

    FEED: ClassVar[Feed] = Feed(
        "jido_teate",
        "児童手当",
        "子育て給付担当課",
        "one recipient, child and stretch of months",
        number=14,
        persons=("children_0_18", "guardians"),
        awaited=False,
    )
    recipient_atena_no: Annotated[str, Text(15), number("受給者の宛名番号", System.ATENA)]
    child_atena_no: Annotated[str, Text(15), number("児童の宛名番号", System.ATENA)]
    from_: Annotated[int, Month(), restricted("最初の月"), Field(alias="from")]
    to: Annotated[int | None, Month(), restricted("最後の月（その月を含む）", "終わりが決まっていない")] = None
    category: Annotated[str, Text(60), restricted("区分（3歳未満、第3子以降 など）")]
