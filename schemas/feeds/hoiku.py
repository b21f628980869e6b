"""Feed 17, hoiku: 保育・子育て利用, use of day care, kindergarten, after-school care or temporary care."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from schemas.feeds.column import About, System, number, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Day, Text, code

KINDS = code("保育所", "認こ", "幼", "学童", "一時")


class Hoiku(FeedRow):
    """One child's use of one facility, from `from` to `to`.

    It says that the person is a child (readings 6 and 26); no rule set reads more of it unless it names it.
    """

    FEED: ClassVar[Feed] = Feed(
        "hoiku",
        "保育・子育て利用",
        "保育課",
        "one child's use of one facility",
        number=17,
        persons=("children_0_18",),
        awaited=False,
    )
    child_atena_no: Annotated[str, Text(15), number("児童の宛名番号", System.ATENA)]
    facility_code: Annotated[str, Text(30), About("施設の番号")]
    kind: Annotated[str, KINDS, About("種類")]
    from_: Annotated[Any, Day(), About("利用の初日"), Field(alias="from")]
    to: Annotated[Any | None, Day(), About("利用の末日（その日を含む）", "続いている")] = None
    fee_class: Annotated[str | None, Text(60), restricted("保育料の階層", "階層がない")] = None
