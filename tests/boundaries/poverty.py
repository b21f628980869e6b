"""Judgement 1, 生活困窮判定: economic and nurturing level, and their matrix (sections 1 and 2, readings 3 to 5, 7 to 11, 23, 25)."""

from datetime import date

from tests.boundaries.lines import PUPIL, SMALL, TEEN, Line, cells

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 1)
SHORT = date(2025, 2, 28)  # the last day of its month, where the year before had another

ECONOMIC = [
    Line("E0: tax alone", "", "economic=E0 poverty=D"),
    Line("EX: no tax class and none of the facts", "no tax", "economic=EX poverty=X +EX_NO_TAX"),
    # 生活保護 (reading 9)
    Line("保護 in force", "seikatsu_hogo start=2026-08-31", "economic=E3 +E3_HOGO"),
    Line("保護 begins the day after", "seikatsu_hogo start=2026-09-01", "economic=E0 -E3_HOGO"),
    Line("保護 停止中", "seikatsu_hogo status=停止", "economic=E3 +E3_HOGO"),
    Line("保護 ends on the day: in force", "seikatsu_hogo end=2026-08-31", "economic=E3 -E1_HOGO_ENDED"),
    Line("保護 ended the day before", "seikatsu_hogo end=2026-08-30", "economic=E1 +E1_HOGO_ENDED"),
    Line("保護 ended 12 months ago", "seikatsu_hogo end=2025-08-31", "economic=E1 +E1_HOGO_ENDED"),
    Line("保護 ended 12 months and a day ago", "seikatsu_hogo end=2025-08-30", "economic=E0 -E1_HOGO_ENDED"),
    Line("保護 never ends", "seikatsu_hogo start=1990-01-01", "economic=E3"),
    Line("保護 廃止 without end: ended on `start`, and ends the open row of case and member",
         "seikatsu_hogo; seikatsu_hogo status=廃止 start=2026-03-31", "economic=E1 +E1_HOGO_ENDED -E3_HOGO"),
    Line("… another case's row goes on",
         "seikatsu_hogo; seikatsu_hogo case_no=X@child status=廃止 start=2026-03-31", "economic=E3 -E1_HOGO_ENDED"),
    Line("保護 spells that overlap are one, with the later end",
         "seikatsu_hogo end=2025-12-31; seikatsu_hogo case_no=X@child start=2025-01-01 end=2025-07-31",
         "economic=E1 +E1_HOGO_ENDED"),
    Line("保護 of a spell that goes on beside one that ended: not ended (reading 23)",
         "seikatsu_hogo end=2026-07-31; seikatsu_hogo case_no=X@child start=2026-07-01", "economic=E3 -E1_HOGO_ENDED"),
    # 児童扶養手当 (reading 9)
    Line("手当 全部支給", "jido_fuyo_teate status=全部支給", "economic=E2 +E2_TEATE"),
    Line("手当 一部支給", "jido_fuyo_teate status=一部支給", "economic=E1 +E1_TEATE"),
    Line("手当 全部停止", "jido_fuyo_teate status=全部停止", "economic=E0 -E2_TEATE -E1_TEATE"),
    Line("手当 資格喪失", "jido_fuyo_teate status=資格喪失", "economic=E0 -E2_TEATE -E1_TEATE"),
    Line("手当 to the month of the day, which counts to its last day", "jido_fuyo_teate to=202608", "economic=E2"),
    Line("手当 to the month before", "jido_fuyo_teate to=202607", "economic=E0"),
    Line("手当 from the next month", "jido_fuyo_teate from=202609", "economic=E0"),
    Line("手当: of the rows that cover the month the latest `from` alone counts",
         "jido_fuyo_teate from=202511; jido_fuyo_teate status=全部停止 from=202604", "economic=E0 -E2_TEATE"),
    Line("手当: of two with one `from` the greater record counts (reading 25)",
         "jido_fuyo_teate status=全部停止; jido_fuyo_teate status=一部支給", "economic=E1 -E2_TEATE"),
    # 就学援助 (reading 10)
    Line("援助 準要保護 認定", "shugaku_enjo", "economic=E2 +E2_ENJO"),
    Line("援助 要保護 認定: 保護 itself decides", "shugaku_enjo category=要保護", "economic=E0 -E2_ENJO"),
    Line("援助 from the day", "shugaku_enjo from=2026-08-31", "economic=E2"),
    Line("援助 from the day after", "shugaku_enjo from=2026-09-01", "economic=E0"),
    Line("援助 to the day", "shugaku_enjo to=2026-08-31", "economic=E2"),
    Line("援助 to the day before", "shugaku_enjo to=2026-08-30", "economic=E0"),
    Line("援助 廃止 with `to` still to come", "shugaku_enjo status=廃止 to=2026-12-31", "economic=E2"),
    Line("援助 廃止 without `to`", "shugaku_enjo status=廃止", "economic=E0"),
    *(Line(f"援助 {status} counts for nothing", f"shugaku_enjo status={status}", "economic=E0 -E2_ENJO")
      for status in ("申請", "否認定", "取消")),
    Line("援助 last year and not this", "shugaku_enjo fy=2025 from=2025-04-01 to=2026-03-31",
         "economic=E1 +E1_ENJO_PREVIOUS"),
    Line("援助 last year of either category", "shugaku_enjo fy=2025 category=要保護 from=2025-04-01 to=2026-03-31",
         "economic=E1 +E1_ENJO_PREVIOUS"),
    Line("援助 last year and this", "shugaku_enjo fy=2025 from=2025-04-01 to=2026-03-31; shugaku_enjo",
         "economic=E2 +E2_ENJO -E1_ENJO_PREVIOUS"),
    Line("援助 last year, this year's not in force at the day (reading 25)",
         "shugaku_enjo fy=2025 from=2025-04-01 to=2026-03-31; shugaku_enjo to=2026-06-30",
         "economic=E1 +E1_ENJO_PREVIOUS"),
    Line("援助 last year, this year's of 要保護: of either category, so the same child has one",
         "shugaku_enjo fy=2025 from=2025-04-01 to=2026-03-31; shugaku_enjo category=要保護", "economic=E0 -E1_ENJO_PREVIOUS -E2_ENJO"),
    Line("援助 last year 廃止 with `to`", "shugaku_enjo fy=2025 status=廃止 from=2025-04-01 to=2025-12-31",
         "economic=E1 +E1_ENJO_PREVIOUS"),
    Line("援助 last year 廃止 without `to`", "shugaku_enjo fy=2025 status=廃止 from=2025-04-01", "economic=E0 -E1_ENJO_PREVIOUS"),
    Line("援助 two years ago", "shugaku_enjo fy=2024 from=2024-04-01 to=2025-03-31", "economic=E0 -E1_ENJO_PREVIOUS"),
    # 課税区分 (reading 8)
    Line("tax 非課税", "tax_class class=非課税", "economic=E2 +E2_TAX"),
    Line("tax 均等割のみ", "tax_class class=均等割のみ", "economic=E1 +E1_TAX"),
    Line("tax 未申告 is no tax class", "tax_class class=未申告", "economic=EX +EX_NO_TAX"),
    Line("tax 不明 is no tax class", "tax_class class=不明", "economic=EX +EX_NO_TAX"),
    Line("tax of last year is no other year's", "tax_class class=非課税 fy=2025", "economic=EX -E2_TAX"),
    Line("tax counts from its effective_from", "tax_class class=非課税 effective_from=2026-08-31", "economic=E2"),
    Line("tax not yet effective", "tax_class class=非課税 effective_from=2026-09-01", "economic=EX"),
    Line("31 May: last year's tax", "tax_class class=非課税 fy=2025 effective_from=2025-06-01", "economic=E2", on=MAY),
    Line("1 June: this year's tax", "tax_class class=非課税 fy=2025 effective_from=2025-06-01", "economic=EX", on=JUNE),
    Line("tax: the household's row before persons' rows",
         "tax_class class=均等割のみ; tax_class setai_no= atena_no=@parent class=課税", "economic=E1"),
    Line("tax of persons: 課税 if any is", "tax_class setai_no= atena_no=@parent class=課税;"
         " tax_class setai_no= atena_no=@child class=非課税", "economic=E0"),
    Line("tax of persons: none if any is 未申告", "tax_class setai_no= atena_no=@parent class=未申告;"
         " tax_class setai_no= atena_no=@child class=非課税", "economic=EX"),
    Line("tax of persons: 均等割のみ if any is", "tax_class setai_no= atena_no=@parent class=均等割のみ;"
         " tax_class setai_no= atena_no=@child class=非課税", "economic=E1"),
    Line("tax of persons: members without a row are left out", "tax_class setai_no= atena_no=@parent class=非課税",
         "economic=E2"),
    Line("tax: a row with both numbers is the person's (reading 25)",
         "tax_class atena_no=@parent class=非課税; tax_class class=課税", "economic=E0"),
    Line("tax: of several rows the latest effective_from (reading 25)",
         "tax_class class=非課税; tax_class class=課税 effective_from=2026-07-01", "economic=E0"),
    # household (reading 7)
    Line("a fact of somebody who is no member", "seikatsu_hogo member_atena_no=@sibling", "economic=E0"),
    Line("a member who left is none", "seikatsu_hogo; resident atena_no=@parent status=転出 effective_from=2026-08-31",
         "economic=E0"),
    Line("… and is one up to the day before", "seikatsu_hogo; resident atena_no=@parent status=転出 effective_from=2026-09-01",
         "economic=E3"),
    Line("a fact is the member's whenever it began",
         "jido_fuyo_teate recipient_atena_no=@sibling child_atena_no=@sibling;"
         " resident atena_no=@sibling birth=1990-01-01 effective_from=2026-08-31 rireki_no=1", "economic=E2"),
    Line("援助 of a child elsewhere whose guardian is a member", "shugaku_enjo atena_no=@sibling", "economic=E2 +E2_ENJO"),
    Line("手当 for a member, received elsewhere", "jido_fuyo_teate recipient_atena_no=@sibling", "economic=E2 +E2_TEATE"),
    Line("手当 for a child elsewhere, received by a member", "jido_fuyo_teate child_atena_no=@sibling", "economic=E2 +E2_TEATE"),
    # imprecise dates (reading 4)
    Line("保護 ended in the month of 12 months ago: may be the last day",
         "seikatsu_hogo end=2025-08-01 end_precision=month", "economic=E1 +E1_HOGO_ENDED"),
    Line("保護 ended in the month before that", "seikatsu_hogo end=2025-07-01 end_precision=month", "economic=E0"),
    Line("保護 began on an unknown day", "seikatsu_hogo start= start_precision=unknown", "economic=E3"),
]  # fmt: skip

NURTURING = [
    Line("N0: nothing", "", "nurturing=N0"),
    # 相談・要対協 (reading 11)
    Line("要保護 from the day", "soudan kind=要保護 received=2026-08-31", "nurturing=N3 +N3_YOHOGO"),
    Line("要保護 closed on the day: in force", "soudan kind=要保護 closed=2026-08-31", "nurturing=N3"),
    Line("要保護 closed the day before", "soudan kind=要保護 closed=2026-08-30", "nurturing=N0 -N3_YOHOGO"),
    Line("abuse 12 months ago", "soudan kind=虐待通告 received=2025-08-31", "nurturing=N3 +N3_ABUSE_12M -N2_ABUSE_36M"),
    Line("abuse 12 months and a day ago (13)", "soudan kind=虐待通告 received=2025-08-30", "nurturing=N2 +N2_ABUSE_36M -N3_ABUSE_12M"),
    Line("abuse 13 months ago", "soudan kind=虐待通告 received=2025-07-31", "nurturing=N2 +N2_ABUSE_36M"),
    Line("abuse 36 months ago", "soudan kind=虐待通告 received=2023-08-31", "nurturing=N2 +N2_ABUSE_36M"),
    Line("abuse 36 months and a day ago (37)", "soudan kind=虐待通告 received=2023-08-30", "nurturing=N0 -N2_ABUSE_36M"),
    Line("abuse 37 months ago", "soudan kind=虐待通告 received=2023-07-31", "nurturing=N0 -N2_ABUSE_36M"),
    Line("abuse on 29 February: the last day of the month there is", "soudan kind=虐待通告 received=2024-02-29", "nurturing=N3", on=SHORT),
    Line("… and the day after that", "soudan kind=虐待通告 received=2024-02-29", "nurturing=N2", on=date(2025, 3, 1)),
    Line("abuse counts closed or not, whatever its status",
         "soudan kind=虐待通告 received=2026-01-10 closed=2026-02-01 status=終結", "nurturing=N3 +N3_ABUSE_12M"),
    Line("abuse in a month that may be within 12 months: that alone (reading 23)",
         "soudan kind=虐待通告 received=2025-08-01 received_precision=month", "nurturing=N3 +N3_ABUSE_12M -N2_ABUSE_36M"),
    Line("要支援", "soudan kind=要支援", "nurturing=N2 +N2_YOSHIEN"),
    Line("養育相談 open", "soudan kind=養育相談", "nurturing=N1 +N1_KATEI_SODAN"),
    Line("養育相談 closed", "soudan kind=養育相談 closed=2026-08-30", "nurturing=N0"),
    Line("ヤングケアラー gives no level", "soudan kind=ヤングケアラー", "nurturing=N0"),
    Line("その他 gives no level", "soudan kind=その他", "nurturing=N0"),
    Line("a sibling's registration gives the child none", "soudan child_atena_no=@sibling", "nurturing=N0"),
    Line("特定妊婦 is the mother's row, and gives a child none", "soudan kind=特定妊婦 child_atena_no=@parent", "nurturing=N0"),
    Line("特定妊婦 who is in scope herself", "soudan kind=特定妊婦", "nurturing=N2 +N2_TOKUTEI_NINPU", born=TEEN),
    # 養育支援訪問
    Line("visits from the day", "edu_support from=2026-08-31", "nurturing=N2 +N2_VISIT"),
    Line("visits to the day", "edu_support to=2026-08-31", "nurturing=N2"),
    Line("visits to the day before", "edu_support to=2026-08-30", "nurturing=N0 -N2_VISIT"),
    Line("another service", "edu_support service=学習支援", "nurturing=N0"),
    # 乳幼児健診 and 保健指導
    Line("check-up 60 days overdue", "boshi_hoken due_to=2026-07-02", "nurturing=N0 -N1_CHECKUP_MISSED", born=SMALL),
    Line("check-up 61 days overdue", "boshi_hoken due_to=2026-07-01", "nurturing=N1 +N1_CHECKUP_MISSED", born=SMALL),
    Line("check-up visited on the day", "boshi_hoken visited=2026-08-31", "nurturing=N0", born=SMALL),
    Line("check-up visited only after the day judged", "boshi_hoken visited=2026-06-15", "nurturing=N1 +N1_CHECKUP_MISSED", born=SMALL, on=MAY),
    Line("check-up 把握済", "boshi_hoken reached_by_other=true", "nurturing=N0", born=SMALL),
    Line("新生児訪問 is no check-up", "boshi_hoken kind=新生児訪問", "nurturing=N0", born=SMALL),
    *(Line(f"check-up {kind}", f"boshi_hoken kind={kind}", "nurturing=N1 +N1_CHECKUP_MISSED", born=SMALL)
      for kind in ("3-4m", "1.6y", "3y", "5y")),
    Line("check-up of a child at school: too long ago", "boshi_hoken", "nurturing=N0", born=PUPIL),
    Line("check-up counts to 31 March before P1", "boshi_hoken", "nurturing=N1", born="2019-06-01", on=date(2026, 3, 31)),
    Line("… and no longer on 1 April", "boshi_hoken", "nurturing=N0", born="2019-06-01", on=date(2026, 4, 1)),
    *(Line(f"保健指導: {result}", f"boshi_hoken visited=2024-07-01 result={result}", f"nurturing={level}", born=SMALL)
      for result, level in (("異常なし", "N0"), ("要精検", "N0"), ("要経過観察", "N1 +N1_HOKEN_SHIDO"), ("要支援", "N1 +N1_HOKEN_SHIDO"))),
    Line("保健指導: the latest attended row decides", "boshi_hoken kind=1.6y visited=2023-01-10 result=要支援;"
         " boshi_hoken visited=2024-07-01 result=異常なし", "nurturing=N0 -N1_HOKEN_SHIDO", born=SMALL),
    Line("保健指導 of a child at school: too long ago", "boshi_hoken visited=2019-07-01 result=要支援",
         "nurturing=N0 -N1_HOKEN_SHIDO", born=PUPIL),
    Line("保健指導: a row of 妊婦 is not the child's", "boshi_hoken kind=妊婦 visited=2021-01-10 result=要支援",
         "nurturing=N0 -N1_HOKEN_SHIDO", born=SMALL),
]  # fmt: skip

HOLDS = {
    "E3": "seikatsu_hogo", "E2": "jido_fuyo_teate", "E1": "jido_fuyo_teate status=一部支給", "E0": "", "EX": "no tax",
    "N3": "soudan kind=要保護", "N2": "soudan kind=要支援", "N1": "soudan kind=養育相談", "N0": "", "NX": "",
}  # fmt: skip
NX_CODE = {False: "", True: " +NX_FEED_MISSING"}
MATRIX = """
     N3 N2 N1 N0
E3   A  A  A  A
E2   A  A  B  B
E1   A  B  B  C
E0   A  B  C  D
EX   A  B  C  X
"""
WITHOUT_FEED = """
     N3 N2 N1 NX
E3   A  A  A  A
E2   A  A  B  B
E1   A  B  B  C
E0   A  B  C  X
EX   A  B  C  X
"""


def matrix(table: str) -> list[Line]:
    """One line a cell."""
    return [
        Line(f"生活困窮 {economic} × {nurturing}", f"{HOLDS[economic]}; {HOLDS[nurturing]}".strip("; "),
             f"economic={economic} nurturing={nurturing} poverty={rank}{NX_CODE[nurturing == 'NX']}", born=TEEN)
        for economic, nurturing, rank in cells(table)
    ]  # fmt: skip


POVERTY = [*ECONOMIC, *NURTURING, *matrix(MATRIX)]
