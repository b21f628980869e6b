"""What the places of a rule set are called on a page for a council, and how their values are put."""

import json
import re
from typing import Any

SECTIONS = {
    "switches": "読み方の切替え", "data_check": "データ確認", "economic": "経済状況", "nurturing": "養育状況",
    "poverty": "生活困窮の表", "learning": "学力判定", "noncognitive": "非認知能力等判定", "w": "学校データの表",
    "matrix": "総合判定の表", "heights": "区分の手厚さ", "override": "例外", "hysteresis": "区分を下げる条件",
    "guard": "人数の上限", "calibration": "割合の目安", "queue": "人の判断の理由", "sentences": "理由の文",
}  # fmt: skip
KINDS = {"sourced": "公表資料", "proposal": "提案", "inference": "推定", "common": "公知・法令"}
GRIDS = {  # tables whose places are a row and a column: what each of both is
    "poverty": ("経済", "養育"), "w": ("学力", "非認知"), "matrix": ("生活困窮", "学校データ"),
}  # fmt: skip
LISTS = {  # entries that bear a code: what an entry is, and its fields
    "learning.bands": ("平均偏差値の帯", {
        "below": "上の端（未満）", "fall": "急落・持続低下の段階", "decline": "低下の段階", "flat": "横ばい・上昇の段階",
        "unknown": "変化が分からないときの段階",
    }),
    "noncognitive.scales": ("尺度", {"label": "名称", "tie": "つながりの尺度か"}),
}  # fmt: skip
WORDS = {"switches.dev": {"given": "調査のもの", "computed": "市の計算"}}
TENTHS = re.compile(
    r"learning\.(low_cut|fall_d1|fall_d2|decline_d1|bands\.\w+\.below)|noncognitive\.(low|very_low|drop_points|drop_below)"
)
ITEMS = {
    "switches.low_inclusive": "ちょうど境の点を下の帯に入れるか", "switches.dev": "偏差値は調査のものと市の計算のどちらが先か",
    "data_check": "データ確認を求める生活困窮の段階",
    "economic.hogo_ended_months": "生活保護が終わったとみる期間（月）", "economic.tax_year_month": "その年の課税区分をみる最初の月",
    "nurturing.abuse_recent_months": "虐待通告を直近とみる期間（月）", "nurturing.abuse_past_months": "虐待通告をさかのぼる期間（月）",
    "nurturing.checkup_grace_days": "健診を未受診とみるまでの日数", "nurturing.checkup_kinds": "未受診をみる健診",
    "nurturing.follow_up_results": "保健指導が続いているとみる結果", "nurturing.visit_services": "養育支援訪問とみる利用",
    "nurturing.required_feeds": "判定に欠かせないデータ",
    "learning.low_cut": "低得点の境", "learning.survey_age_months": "学力調査をさかのぼる期間（月）",
    "learning.min_subjects": "平均に要る教科の数", "learning.norm_min_n": "偏差値の計算に要る人数",
    "learning.fall_d1": "急落とみる前年からの差", "learning.fall_d2": "持続低下とみる2年前からの差", "learning.decline_d1": "低下とみる前年からの差",
    "noncognitive.low": "低いとみる点", "noncognitive.very_low": "たいへん低いとみる点", "noncognitive.drop_points": "下がったとみる差",
    "noncognitive.drop_below": "下がったとみる上限の点", "noncognitive.answered_num": "回答に要る割合の分子",
    "noncognitive.answered_den": "回答に要る割合の分母", "noncognitive.norm_min_n": "市の基準に要る人数",
    "noncognitive.survey_age_months": "質問紙をさかのぼる期間（月）", "noncognitive.valid_scales": "判定に要る尺度の数",
    "noncognitive.absence_months": "欠席をみる期間（月）", "noncognitive.absence_low_days": "低い尺度一つとみる欠席日数",
    "noncognitive.absence_rank3_days": "段階3以上とする欠席日数", "noncognitive.rank4_low": "段階4とする低い尺度の数",
    "noncognitive.rank4_low_with_tie": "つながりの尺度がたいへん低いとき、段階4とする数",
    "noncognitive.rank3_low": "段階3とする低い尺度の数", "noncognitive.rank3_low_with_drops": "下がった尺度もあるとき、段階3とする低い尺度の数",
    "noncognitive.rank3_drops": "段階3とする下がった尺度の数", "noncognitive.rank2_low": "段階2とする低い尺度の数",
    "noncognitive.rank2_drops": "段階2とする下がった尺度の数",
    "override.nurturing": "例外とする養育の段階", "override.at_least": "例外のときの最低の区分",
    "hysteresis.lower_runs": "区分を下げるまでの回数", "guard.percent": "重点支援の上限（%）", "guard.categories": "上限をみる区分",
    "calibration.low_percent": "目安の下の端（%）", "calibration.high_percent": "目安の上の端（%）", "calibration.ranks": "目安をみる段階",
}  # fmt: skip


def section_title(place: str) -> str:
    """The part of the rules that a place belongs to."""
    section = place.partition(".")[0]
    return SECTIONS.get(section, section)


def item_title(place: str) -> str:
    """What a place is about; a cell of a table by its row and column, anything else by the path below its section."""
    section, _, below = place.partition(".")
    if section in GRIDS:
        return " × ".join(f"{axis} {name}" for axis, name in zip(GRIDS[section], below.split("."), strict=True))
    for path, (entry, fields) in LISTS.items():
        if place.startswith(f"{path}."):
            code, _, field = place.removeprefix(f"{path}.").partition(".")
            return f"{entry} {code}: {fields.get(field, field)}"
    return next((title for path, title in ITEMS.items() if place == path or place.startswith(f"{path}.")), below)


def value_text(place: str, value: Any) -> str:
    """A value of a rule set: scores in points, lists as words, and ○ in a sentence where each child has its own."""
    match value:
        case bool():
            return "はい" if value else "いいえ"
        case int() if TENTHS.fullmatch(place):
            return f"{'-' if value < 0 else ''}{abs(value) // 10}.{abs(value) % 10}"
        case str() if place.startswith("sentences."):
            return re.sub(r"\{\w+\}", "○", value)
        case str():
            return WORDS.get(place, {}).get(value, value)
        case list() if all(isinstance(each, str) for each in value):
            return "・".join(value) or "なし"
        case _:
            return json.dumps(value, ensure_ascii=False)
