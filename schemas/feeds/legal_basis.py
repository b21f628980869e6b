"""Feed 21, legal_basis: the register that every row's legal_basis_id points to."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import plain
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Day, Text, TextList, code


class LegalBasis(FeedRow):
    """One line of the register; its own number is the common column legal_basis_id, which stands once (reading 27)."""

    FEED: ClassVar[Feed] = Feed(
        "legal_basis", "根拠台帳", "総務課", "one line of the register", number=21, persons=("children_0_18",)
    )
    law_article: Annotated[str, Text(500), plain("法令と条")]
    purpose: Annotated[str, Text(), plain("利用目的")]
    items: Annotated[Any | None, TextList(), plain("記録項目", "記載がない")] = None
    holder: Annotated[str, Text(200), plain("持つ部署")]
    user: Annotated[str, Text(200), plain("使う部署")]
    recurrence: Annotated[str, code("恒常", "臨時"), plain("恒常か臨時か")]
    approved: Annotated[Any, Day(), plain("承認日")]
    review_due: Annotated[Any, Day(), plain("見直しの期日")]
    council_item: Annotated[str | None, Text(200), plain("審議会の議案", "議案がない")] = None
