"""Feed 1, resident: the basic resident register (住民基本台帳), one row a change of a person's entry."""

from typing import Annotated, Any, ClassVar

from schemas.feeds.column import About, Check, System, name, number, plain
from schemas.feeds.contract import Feed, FeedRow
from schemas.feeds.kinds import Boolean, Day, Integer, Text, code
from schemas.feeds.rule import NotAfterRecord


class Resident(FeedRow):
    """One version of one person's entry. effective_from and effective_to are the days on which it holds."""

    FEED: ClassVar[Feed] = Feed(
        "resident",
        "住民",
        "市民課",
        "one change of one person (atena_no, rireki_no)",
        number=1,
        persons=("children_0_18", "household_members"),
        ties=True,
        rules=(NotAfterRecord("birth"),),
    )
    atena_no: Annotated[str, Text(15), number("宛名番号", System.ATENA)]
    rireki_no: Annotated[int, Integer(), plain("履歴番号。大きいものほど新しい")]
    setai_no: Annotated[str, Text(60), number("世帯番号", System.SETAI)]
    name_kanji: Annotated[str, Text(200), name("氏名")]
    name_kana: Annotated[str, Text(200), name("氏名のフリガナ")]
    kana_confirmed: Annotated[bool, Boolean(), name("フリガナ確認済み")]
    common_name: Annotated[str | None, Text(200), name("通称", "通称がない")] = None
    name_alpha: Annotated[str | None, Text(200), name("アルファベット氏名", "登録がない")] = None
    birth: Annotated[Any, Day(), About("生年月日", key=True)]
    sex: Annotated[str | None, code("1", "2", "9"), About("性別（1 男、2 女、9 その他）", "届出がない")] = None
    lg_code: Annotated[str, Text(6, 6), About("全国地方公共団体コード", check=Check.MUNICIPALITY)]
    machiaza_id: Annotated[str | None, Text(20), name("町字ID", "付番されていない")] = None
    addr_joined: Annotated[str, Text(500), name("住所（元の文字列のまま）")]
    addr_banchi: Annotated[str | None, Text(200), name("番地以下", "分けられていない")] = None
    addr_kata: Annotated[str | None, Text(200), name("方書", "方書がない")] = None
    zokugara: Annotated[str, Text(60), About("続柄（「の」で連なる）")]
    jumin_shubetsu: Annotated[str, code("日本人", "外国人"), About("住民種別")]
    status: Annotated[str, code("住民", "転出", "死亡", "消除"), About("住民状態", key=True)]
    ido_jiyu: Annotated[str, Text(60), About("異動事由")]
    ido_date: Annotated[Any, Day(), About("異動日")]
