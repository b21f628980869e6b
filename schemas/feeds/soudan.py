"""Feed 18, soudan: 児童虐待・養育の相談 and 要保護児童対策地域協議会. Restricted; without narrative."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import About, Sensitivity, System, restricted
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Day, Text, code
from schemas.feeds.rule import NotAfterRecord

KINDS = code("虐待通告", "養育相談", "要保護", "要支援", "特定妊婦", "ヤングケアラー", "その他")


class Soudan(FeedRow):
    """One registration or consultation of one child, from `received` to `closed` (reading 11)."""

    FEED: ClassVar[Feed] = Feed(
        "soudan",
        "相談・要対協",
        "こども家庭センター",
        "one registration of one child",
        number=18,
        persons=("children_0_18", "expectant_mothers"),
        rules=(NotAfterRecord("received"),),
    )
    case_no: Annotated[
        str, Text(30), About("ケース番号", sensitivity=Sensitivity.RESTRICTED, system=System.CASE, key=True)
    ]
    child_atena_no: Annotated[
        str,
        Text(15),
        About(
            "子（特定妊婦では出産まで母）の宛名番号", sensitivity=Sensitivity.RESTRICTED, system=System.ATENA, key=True
        ),
    ]
    kind: Annotated[str, KINDS, About("種別", sensitivity=Sensitivity.RESTRICTED, key=True)]
    received: Annotated[Any, Day(), restricted("受理日")]
    closed: Annotated[Any | None, Day(), restricted("終結日（その日を含む）", "続いている")] = None
    status: Annotated[str, Text(60), restricted("状態（元のシステムの語のまま）")]
    office: Annotated[str, Text(60), restricted("担当")]
