"""The canonical feeds of the contract: every column in order, its type, and whether it may be empty.

Types: s text, i integer, n decimal, d date, b boolean, ts moment, ym month, l list, e(…) enum; `?` may be empty.
"""

import re
from dataclasses import dataclass

GRADES = "E1,E2,E3,P1,P2,P3,P4,P5,P6,J1,J2,J3,H1,H2,H3"
_SURVEY = "pupil_no s, survey_id s, form_version s, key_version s, fy i, date d"
_COMMON = (
    "source_system s, source_record_id s, op e(I,U,D), event_time ts, effective_from d, effective_to d?,"
    " legal_basis_id s, batch_id s"
)
_OWN = {
    "resident": (
        "atena_no s, rireki_no i, setai_no s, name_kanji s, name_kana s, kana_confirmed b, common_name s?,"
        " name_alpha s?, birth d, sex e(1,2,9)?, lg_code s, machiaza_id s?, addr_joined s, addr_banchi s?,"
        " addr_kata s?, zokugara s, jumin_shubetsu e(日本人,外国人), status e(住民,転出,死亡,消除), ido_jiyu s, ido_date d"
    ),
    "household": "setai_no s, atena_no s, head b, zokugara s, guardian_of s?",
    "shien_sochi": "atena_no s, kind e(本,仮), co_applicants l, start d, end d?, blocked_offices l",
    "gakureibo": (
        f"atena_no s, guardian_atena_no s?, guardian_zokugara s?, school_code s, grade e({GRADES}),"
        " class_kind e(普通,特支), kubun e(指定,区域外,私立,国立,特支,不就学), enter d?, transfer_in d?,"
        " transfer_out d?, graduate d?"
    ),
    "oneroster_map": "sourced_id s, uuid s, atena_no s, pupil_no s, verified_by s",
    "academic": (
        f"pupil_no s?, atena_no s?, survey_id s, fy i, date d, grade e({GRADES}), subject e(国,算数,理,社,英), raw n?,"
        " rate n?, dev n?, absent b, norm_id s"
    ),
    "life_answer": f"{_SURVEY}, item_code s, answer i?",
    "life_scale": f"{_SURVEY}, scale_code s, score n, answered i, items i",
    "physical": "pupil_no s, fy i, event_code s, value n, total_dev n?, grade_rank e(A,B,C,D,E)?",
    "attendance": (
        "pupil_no s, ym ym, school_days i, absent_sick i, absent_other i, absent_unknown i, suspended i, mourning i,"
        " late i, early i, nurse_room i?"
    ),
    "health_check": (
        "pupil_no s, fy i, height n?, weight n?, obesity_pct n?, eyesight_r s?, eyesight_l s?, caries_untreated i?,"
        " referral_unvisited b?"
    ),
    "shugaku_enjo": (
        "atena_no s, guardian_atena_no s, fy i, status e(申請,認定,否認定,取消,廃止), category e(要保護,準要保護),"
        " from d, to d?"
    ),
    "seikatsu_hogo": "setai_no s?, case_no s?, member_atena_no s, status e(開始,停止,廃止), start d, end d?",
    "jido_fuyo_teate": (
        "recipient_atena_no s, child_atena_no s, status e(全部支給,一部支給,全部停止,資格喪失), from ym, to ym?, reason s?"
    ),
    "jido_teate": "recipient_atena_no s, child_atena_no s, from ym, to ym?, category s",
    "tax_class": "setai_no s?, atena_no s?, fy i, class e(非課税,均等割のみ,課税,未申告,不明), held_by s?",
    "boshi_hoken": (
        "child_atena_no s, mother_atena_no s?, kind e(妊婦,新生児訪問,3-4m,1.6y,3y,5y), due_from d, due_to d,"
        " visited d?, result e(異常なし,要経過観察,要精検,要支援)?, reached_by_other b"
    ),
    "hoiku": "child_atena_no s, facility_code s, kind e(保育所,認こ,幼,学童,一時), from d, to d?, fee_class s?",
    "soudan": (
        "case_no s, child_atena_no s, kind e(虐待通告,養育相談,要保護,要支援,特定妊婦,ヤングケアラー,その他),"
        " received d, closed d?, status s, office s"
    ),
    "edu_support": "pupil_no s?, atena_no s?, service s, from d, to d?, sessions i?",
    "legal_basis": (
        "law_article s, purpose s, items l, holder s, user s, recurrence e(恒常,臨時), approved d, review_due d,"
        " council_item s?"
    ),
}
_REFERENCE = {
    "instrument_key": "form_version s, key_version s, item_code s, scale_code s, reverse b",
    "instrument_norm": "form_version s, scale_code s, grade s, mean n, sd n",
    "survey_max": "survey_id s, fy i, grade s, subject s, max n",
}
# "x or y" are two columns, at least one filled
EITHER = {
    "academic": ("pupil_no", "atena_no"),
    "edu_support": ("pupil_no", "atena_no"),
    "tax_class": ("setai_no", "atena_no"),
    "seikatsu_hogo": ("setai_no", "case_no"),
}
# Reading 26: refused where after the day of the row's event_time
PAST_DATES = {
    "resident": ("birth",),
    "boshi_hoken": ("visited",),
    "soudan": ("received",),
    "academic": ("date",),
    "life_answer": ("date",),
    "life_scale": ("date",),
}


@dataclass(frozen=True)
class Column:
    """One column: type letter, values of an enum (empty where any text goes), and whether it may be empty."""

    name: str
    type: str
    values: tuple[str, ...]
    nullable: bool


def _columns(spec: str) -> tuple[Column, ...]:
    """Read `name type` pairs, comma-separated, enum values in brackets."""
    found = re.findall(r"(\w+) (\w+)(?:\(([^)]*)\))?(\?)?(?:,|$)", spec)
    return tuple(
        Column(name, type_, tuple(values.split(",")) if values else (), bool(mark))
        for name, type_, values, mark in found
    )


COMMON = _columns(_COMMON)
FEEDS = {feed: COMMON + _columns(spec) for feed, spec in _OWN.items()}
REFERENCE = {name: _columns(spec) for name, spec in _REFERENCE.items()}
# What the default rules read; a city's contract may hold back the others for now.
JUDGED_FEEDS = tuple(
    feed for feed in FEEDS if feed not in ("shien_sochi", "health_check", "jido_teate", "hoiku", "legal_basis")
)
