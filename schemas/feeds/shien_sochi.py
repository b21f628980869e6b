"""Feed 3, shien_sochi: 支援措置, the protection of victims' addresses. Restricted; never about perpetrators."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import About, Sensitivity, System, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Day, Text, TextList, code


class ShienSochi(FeedRow):
    """One measure for one applicant and those who are protected with that person."""

    FEED: ClassVar[Feed] = Feed(
        "shien_sochi", "支援措置", "市民課", "one measure", number=3, persons=("children_0_18", "household_members")
    )
    atena_no: Annotated[
        str, Text(15), About("申出者の宛名番号", sensitivity=Sensitivity.RESTRICTED, system=System.ATENA, key=True)
    ]
    kind: Annotated[str, code("本", "仮"), restricted("本措置か仮措置か")]
    co_applicants: Annotated[
        Any | None,
        TextList(),
        About(
            "併せて支援を求める人の宛名番号",
            "いない",
            sensitivity=Sensitivity.RESTRICTED,
            system=System.ATENA,
            key=True,
        ),
    ] = None
    start: Annotated[Any, Day(), restricted("開始日")]
    end: Annotated[Any | None, Day(), restricted("終了日（その日を含む）", "続いている")] = None
    blocked_offices: Annotated[Any | None, TextList(), restricted("閲覧を止める部署", "すべての部署")] = None
