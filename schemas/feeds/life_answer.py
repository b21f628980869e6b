"""Feed 7 (items), life_answer: answers of one pupil to a questionnaire on life."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import About, System, number, plain
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Answer, Day, Integer, Text
from schemas.feeds.rule import NotAfterRecord


class LifeAnswer(FeedRow):
    """One answer; a profile may fold a wide sheet, which then is one fact. An answer outside 1-4 counts as unanswered."""

    FEED: ClassVar[Feed] = Feed(
        "life_answer",
        "生活の質問紙（回答）",
        "教育委員会",
        "one answer, or one sheet",
        number=7,
        ties=True,
        rules=(NotAfterRecord("date"),),
    )
    pupil_no: Annotated[str, Text(30), number("児童生徒番号", System.PUPIL)]
    survey_id: Annotated[str, Text(60), plain("調査の番号")]
    form_version: Annotated[str, Text(60), plain("調査票の版")]
    key_version: Annotated[str, Text(60), plain("採点キーの版")]
    fy: Annotated[int, Integer(1900, 2199), plain("年度", unit="年度")]
    date: Annotated[Any, Day(), plain("実施日")]
    item_code: Annotated[str, Text(60), plain("問いの番号")]
    answer: Annotated[int | None, Answer(), About("回答（4件法）", "無回答", "1-4")] = None
