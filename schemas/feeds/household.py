"""Feed 2, household: who belongs to which household, with the relation to its head."""

from typing import Annotated, ClassVar

from schemas.feeds.column import About, System, number
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Boolean, Text


class Household(FeedRow):
    """One person's place in one household. Only relations are taken from it: membership follows feed 1 (reading 7)."""

    FEED: ClassVar[Feed] = Feed(
        "household",
        "世帯",
        "市民課",
        "one person in one household",
        number=2,
        persons=("children_0_18", "household_members", "guardians"),
    )
    setai_no: Annotated[str, Text(60), number("世帯番号", System.SETAI)]
    atena_no: Annotated[str, Text(15), number("宛名番号", System.ATENA)]
    head: Annotated[bool, Boolean(), About("世帯主か")]
    zokugara: Annotated[str, Text(60), About("続柄")]
    guardian_of: Annotated[
        str | None, Text(15), number("この人が保護者である子の宛名番号", System.ATENA, "誰の保護者でもない")
    ] = None
