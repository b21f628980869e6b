"""Reference file survey_max: full marks of a survey of learning. Without a row no mark is above the maximum (reading 15)."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from schemas.feeds.academic import SUBJECTS
from schemas.feeds.column import plain
from schemas.feeds.contract import Feed, ReferenceRow
from schemas.feeds.grades import GRADES
from schemas.feeds.kinds import Decimal, Integer, Text, code


class SurveyMax(ReferenceRow):
    """Full marks of one survey, year, grade and subject."""

    FEED: ClassVar[Feed] = Feed(
        "survey_max",
        "満点表",
        "教育委員会",
        "one survey, year, grade and subject",
        key=("survey_id", "fy", "grade", "subject"),
    )
    survey_id: Annotated[str, Text(60), plain("調査の番号")]
    fy: Annotated[int, Integer(1900, 2199), plain("年度", unit="年度")]
    grade: Annotated[str, code(*GRADES), plain("学年")]
    subject: Annotated[str, code(*SUBJECTS), plain("教科")]
    max_: Annotated[Any, Decimal(least=0), plain("満点", unit="点"), Field(alias="max")]
