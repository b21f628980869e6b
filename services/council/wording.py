"""What the codes of log and registers are called in a report to the council."""

from models.legality.profile import Clause, shipped_profiles
from schemas.feeds import FEEDS
from schemas.rules.names import Act

ACTS = {
    "collect": "取込", "link": "番号の結び付け", "judge": "判定", "simulate": "試算",
    "judge_event": "出来事ごとの判定（速報）", "publish": "候補の掲載", "publish_event": "速報の掲載", "look": "閲覧",
    "export": "持出し", "report": "審議会への報告", "erase": "消去", "unmask": "支援措置で伏せた項目の表示",
}  # fmt: skip
OUTCOMES = {"permit": "許可", "refuse": "拒否"}
OPINIONS = {"favourable": "適当", "conditional": "条件付き適当", "adverse": "不適当"}
CASE_STATES: dict[Act | None, str] = {
    None: "新規",
    "confirm": "一次確認済み",
    "watch": "見守り継続",
    "dismiss": "対象外",
}
RESULTS = {
    "judgement": "判定の結果", "link": "番号の結び付き", "alert": "候補の通知", "report": "この報告の件数", "log": "記録簿",
    "erasure": "消去の記録",
    "person.name": "氏名", "person.number": "番号", "person.kana": "氏名のかな", "person.birth": "生年月日", "person.sex": "性別",
    "person.address": "住所", "person.school": "学校", "person.grade": "学年", "person.guardian": "保護者",
}  # fmt: skip
PROCEDURES = {
    "approval": "承認の手続（起案・諮問・答申・変更・取消し）",
    "migration": "データベースの構造の用意",
    "person": "職員の登録と取消し",
    "batch": "保留した取込の解除",
    "run": "保留した判定の解除",
    "link": "番号の結び付きの確認",
    "case": "候補の一覧での対応",
    "erase": "消去の求め",
    "duty": "義務を果たしたことの記録",
    "emergency": "緊急時の行為の確認",
    "erased": "消去",
}

REVIEWS = {  # what became of the review of an act in an emergency
    "justified": "妥当（期日まで）",
    "unjustified": "不当（期日まで）",
    "late": "期日の後に確認",
    "unreviewed": "期日を過ぎて確認なし",
    "waiting": "期日前で確認待ち",
}


def feed_title(feed: str) -> str:
    """A feed by its Japanese name."""
    return FEEDS[feed].row.FEED.title if feed in FEEDS else feed


def item_title(item: str) -> str:
    """What an item code belongs to: data about names one by one, feeds and results as a whole."""
    kind = item.partition(".")[0]
    return RESULTS.get(item) or RESULTS.get(kind) or feed_title(kind)


def item_place(title: str) -> int:
    """Where an item's title stands in a list: feeds as in their list, then results and names."""
    order = [*map(feed_title, FEEDS), *RESULTS.values()]
    return order.index(title) if title in order else len(order)


def duty_title(code: str) -> str:
    """A duty in the words of the first clause that brings it."""
    clauses = (clause for profile in shipped_profiles().values() for clause in profile.clauses)
    return next((duty.text for clause in clauses for duty in clause.duties if duty.code == code), code)


def clause_title(clause: str) -> str:
    """A clause by its title and its short form."""
    found: Clause | None = next((p.clause(clause) for p in shipped_profiles().values() if p.clause(clause)), None)
    return clause if found is None else f"{found.title}（{clause}）"
