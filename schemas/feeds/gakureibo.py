"""Feed 4, gakureibo: 学齢簿, the register of children of school age."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import About, Check, System, number
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.grades import GRADES
from schemas.feeds.kinds import Day, Text, code


class Gakureibo(FeedRow):
    """One version of one child's entry. effective_from and effective_to are the days on which it holds."""

    FEED: ClassVar[Feed] = Feed(
        "gakureibo",
        "学齢簿",
        "学務課",
        "one version of one child's entry",
        number=4,
        persons=("children_0_18", "guardians"),
        ties=True,
    )
    atena_no: Annotated[str, Text(15), number("児童生徒の宛名番号", System.ATENA)]
    guardian_atena_no: Annotated[str | None, Text(15), number("保護者の宛名番号", System.ATENA, "記載がない")] = None
    guardian_zokugara: Annotated[str | None, Text(2), About("保護者の続柄コード", "記載がない")] = None
    school_code: Annotated[str, Text(13), About("学校コード（13桁、または市の3桁）", check=Check.SCHOOL)]
    grade: Annotated[str, code(*GRADES), About("学年", key=True)]
    class_kind: Annotated[str, code("普通", "特支"), About("学級区分")]
    kubun: Annotated[str, code("指定", "区域外", "私立", "国立", "特支", "不就学"), About("就学区分")]
    enter: Annotated[Any | None, Day(), About("入学日", "まだ入学していない、または記載がない")] = None
    transfer_in: Annotated[Any | None, Day(), About("転入学日", "転入学していない")] = None
    transfer_out: Annotated[Any | None, Day(), About("転退学日", "転退学していない")] = None
    graduate: Annotated[Any | None, Day(), About("卒業日", "卒業していない")] = None
