"""Feed 15, tax_class: 課税区分 as an office other than the tax office holds it for its own work. Never amounts."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.feeds.column import System, number, plain, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Integer, Text, code
from schemas.feeds.rule import NotTaxSecret, OneOf

CLASSES = code("非課税", "均等割のみ", "課税", "未申告", "不明")


class TaxClass(FeedRow):
    """The class of one household or person for one fiscal year, counting from effective_from (readings 2 and 8).

    A row with both numbers is the person's.
    """

    FEED: ClassVar[Feed] = Feed(
        "tax_class",
        "課税区分",
        "子どもの医療費助成の担当課など、税以外の課",
        "one household or person and year",
        number=15,
        persons=("household_members",),
        ties=True,
        rules=(OneOf("setai_no", ("atena_no",)), NotTaxSecret("held_by")),
    )
    setai_no: Annotated[str | None, Text(60), number("世帯番号", System.SETAI, "人ごとの行である")] = None
    atena_no: Annotated[str | None, Text(15), number("宛名番号", System.ATENA, "世帯ごとの行である")] = None
    fy: Annotated[int, Integer(1900, 2199), plain("年度", unit="年度")]
    class_: Annotated[str, CLASSES, restricted("課税区分"), Field(alias="class")]
    held_by: Annotated[str | None, Text(60), plain("この区分を持つ部署", "記載がない")] = None
