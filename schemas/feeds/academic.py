"""Feed 6, academic: one mark of one pupil in one subject of one survey of learning."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import About, System, number, plain
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.grades import GRADES
from schemas.feeds.kinds import Boolean, Day, Decimal, Integer, Text, code
from schemas.feeds.rule import NotAboveMax, NotAfterRecord, OneOf

SUBJECTS = ("国", "算数", "理", "社", "英")  # 算数 stands for 数学


class Academic(FeedRow):
    """A mark. `dev` is used where it is given; else it is computed from `raw` (reading 12)."""

    FEED: ClassVar[Feed] = Feed(
        "academic",
        "学力調査",
        "教育委員会",
        "one pupil, survey and subject",
        number=6,
        rules=(OneOf("pupil_no", ("atena_no",)), NotAfterRecord("date"), NotAboveMax("raw")),
    )
    pupil_no: Annotated[str | None, Text(30), number("児童生徒番号", System.PUPIL, "宛名番号がある")] = None
    atena_no: Annotated[str | None, Text(15), number("宛名番号", System.ATENA, "児童生徒番号がある")] = None
    survey_id: Annotated[str, Text(60), plain("調査の番号")]
    fy: Annotated[int, Integer(1900, 2199), plain("年度", unit="年度")]
    date: Annotated[Any, Day(), plain("実施日")]
    grade: Annotated[str, code(*GRADES), About("実施時の学年", key=True)]
    subject: Annotated[str, code(*SUBJECTS), plain("教科")]
    raw: Annotated[Any | None, Decimal(least=0), About("素点", "採点がない", "点")] = None
    rate: Annotated[Any | None, Decimal(least=0, most=100), About("正答率", "計算していない", "%")] = None
    dev: Annotated[Any | None, Decimal(1), About("偏差値", "与えられていない", "0.1")] = None
    absent: Annotated[bool, Boolean(), About("欠席したか。欠席なら得点がない", key=True)]
    norm_id: Annotated[str | None, Text(60), plain("偏差値の集団の番号", "記載がない")] = None
