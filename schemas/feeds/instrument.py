"""Reference files of a questionnaire: which items make a scale, and the instrument's own norms (reading 15)."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import plain
from schemas.feeds.contract import Feed, ReferenceRow
from schemas.feeds.grades import GRADES
from schemas.feeds.kinds import Boolean, Decimal, Text, code
from schemas.feeds.life_scale import SCALES


class InstrumentKey(ReferenceRow):
    """One item of one form and key version: the scale that it counts for."""

    FEED: ClassVar[Feed] = Feed(
        "instrument_key",
        "採点キー",
        "教育委員会",
        "one item of one form and key version",
        key=("form_version", "key_version", "item_code"),
    )
    form_version: Annotated[str, Text(60), plain("調査票の版")]
    key_version: Annotated[str, Text(60), plain("採点キーの版")]
    item_code: Annotated[str, Text(60), plain("問いの番号")]
    scale_code: Annotated[str, code(*SCALES), plain("尺度")]
    reverse: Annotated[bool, Boolean(), plain("逆転項目か（5から回答を引く）")]


class InstrumentNorm(ReferenceRow):
    """Mean and SD of one scale of one form in one grade; used where the city's own group is smaller than 100."""

    FEED: ClassVar[Feed] = Feed(
        "instrument_norm",
        "調査票の基準値",
        "教育委員会",
        "one scale of one form and grade",
        key=("form_version", "scale_code", "grade"),
    )
    form_version: Annotated[str, Text(60), plain("調査票の版")]
    scale_code: Annotated[str, code(*SCALES), plain("尺度")]
    grade: Annotated[str, code(*GRADES), plain("学年")]
    mean: Annotated[Any, Decimal(), plain("平均", unit="点")]
    sd: Annotated[Any, Decimal(least=0), plain("標準偏差", unit="点")]
