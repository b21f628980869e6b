"""Feed 5, oneroster_map: which OneRoster user and which pupil number is which resident."""

from typing import Annotated, ClassVar

from schemas.feeds.column import About, System, number
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Text


class OnerosterMap(FeedRow):
    """One user of the school system, mapped to the register by a person."""

    FEED: ClassVar[Feed] = Feed(
        "oneroster_map", "校務の対応表", "学務課", "one user", number=5, persons=("children_0_18", "pupils")
    )
    sourced_id: Annotated[str, Text(255), number("OneRoster の sourcedId", System.SOURCED)]
    uuid: Annotated[str, Text(36, 36), number("userMasterIdentifier（UUID）", System.UUID)]
    atena_no: Annotated[str, Text(15), number("宛名番号", System.ATENA)]
    pupil_no: Annotated[str, Text(30), number("児童生徒番号", System.PUPIL)]
    verified_by: Annotated[str, Text(60), About("対応を確かめた部署や役")]
