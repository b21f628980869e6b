"""Feed 7 (scales), life_scale: a scale's result of one pupil, where the city does not get the answers."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import About, System, number, plain
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Day, Decimal, Integer, Text, code
from schemas.feeds.rule import NotAfterRecord

SCALES = ("motivation", "self_control", "sociality", "confidence", "habits", "health", "family", "school")


class LifeScale(FeedRow):
    """One scale of one pupil in one survey: the mean of the answered items, higher is better."""

    FEED: ClassVar[Feed] = Feed(
        "life_scale",
        "生活の質問紙（尺度）",
        "教育委員会",
        "one pupil, survey and scale",
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
    scale_code: Annotated[str, code(*SCALES), plain("尺度")]
    score: Annotated[Any, Decimal(), About("回答された問いの平均", unit="点")]
    answered: Annotated[int, Integer(), About("回答された問いの数", unit="問")]
    items: Annotated[int, Integer(), About("問いの数", unit="問")]
