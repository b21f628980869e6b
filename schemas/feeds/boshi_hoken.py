"""Feed 16, boshi_hoken: 母子保健, check-ups and visits before and after birth."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import About, Sensitivity, System, number, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Boolean, Day, Text, code
from schemas.feeds.rule import NotAfterRecord

KINDS = code("妊婦", "新生児訪問", "3-4m", "1.6y", "3y", "5y")
RESULTS = code("異常なし", "要経過観察", "要精検", "要支援")


class BoshiHoken(FeedRow):
    """One check-up or visit that was due; without `visited` it has not taken place."""

    FEED: ClassVar[Feed] = Feed(
        "boshi_hoken",
        "母子保健",
        "健康増進課",
        "one check-up or visit that was due",
        number=16,
        persons=("children_0_18", "expectant_mothers"),
        ties=True,
        rules=(NotAfterRecord("visited"),),
    )
    child_atena_no: Annotated[str, Text(15), number("子の宛名番号", System.ATENA)]
    mother_atena_no: Annotated[str | None, Text(15), number("母の宛名番号", System.ATENA, "記載がない")] = None
    kind: Annotated[str, KINDS, About("種類", sensitivity=Sensitivity.RESTRICTED, key=True)]
    due_from: Annotated[Any, Day(), restricted("受診期間の初日")]
    due_to: Annotated[Any, Day(), restricted("受診期間の末日（その日を含む）")]
    visited: Annotated[Any | None, Day(), restricted("受診日", "受診していない")] = None
    result: Annotated[str | None, RESULTS, restricted("結果", "受診していない、または結果待ち")] = None
    reached_by_other: Annotated[bool, Boolean(), restricted("ほかの方法で把握済みか")]
