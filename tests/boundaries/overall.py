"""総合判定: concern from school data, category, override and data check (section 1); who is in scope (readings 6 and 26)."""

from datetime import date

from tests.boundaries.lines import JUNIOR, Line, cells

LEARNING = {"4": "T 34.0", "3": "T 37.0", "2": "T 42.0", "1": "T 55.0", "X": ""}
NONCOGNITIVE = {
    "4": "scales 50.0 motivation=34.0 habits=34.0 health=34.0", "3": "scales 50.0 motivation=34.0 habits=34.0",
    "2": "scales 50.0 motivation=34.0", "1": "scales 50.0", "X": "",
}  # fmt: skip
# rows: 学力; columns: 非認知
W = """
  4 3 2 1 X
4 4 4 4 3 3
3 4 4 3 3 3
2 4 3 2 2 2
1 3 3 2 1 1
X 3 3 2 1 X
"""
POVERTY = {"A": "seikatsu_hogo", "B": "jido_fuyo_teate", "C": "jido_fuyo_teate status=一部支給", "D": "", "X": "no tax"}
MATRIX = """
  4               3            2            1            X
A 重点支援Ⅰ       重点支援Ⅱ    見守りⅠ      見守りⅠ      見守りⅠ
B 重点支援Ⅱ       見守りⅠ      見守りⅡ      見守りⅡ      見守りⅡ
C 見守りⅠ         見守りⅡ      見守りⅡ      見守りⅡ      見守りⅡ
D 見守りⅡ(教育)   対象外(記録) 対象外       対象外       対象外
X 見守りⅠ         見守りⅡ      要データ確認 要データ確認 要データ確認
"""


def _held(*facts: str) -> str:
    return "; ".join(fact for fact in facts if fact)


def _w(learning: str, noncognitive: str, w: str) -> Line:
    held = _held(LEARNING[learning], NONCOGNITIVE[noncognitive])
    judged = f"learning={learning} noncognitive={noncognitive} w={w}"
    return Line(f"w: 学力 {learning} × 非認知 {noncognitive}", held, judged, born="2015-06-01")


def _category(poverty: str, w: str, category: str) -> Line:
    held = _held(POVERTY[poverty], LEARNING[w], NONCOGNITIVE["2" if w == "3" else w])
    check = str(poverty == "X").lower()
    judged = f"poverty={poverty} w={w} raw_category={category} category={category} data_check={check} -OVERRIDE_N3"
    return Line(f"総合 {poverty} × {w}", held, judged, born=JUNIOR)


OVERALL = [
    *(_w(*cell) for cell in cells(W)),
    *(_category(*cell) for cell in cells(MATRIX)),
    Line("N3 lifts to 重点支援Ⅱ", "soudan kind=要保護; T 55.0; scales 50.0", "poverty=A w=1 raw_category=重点支援Ⅱ +OVERRIDE_N3"),
    Line("N3 lifts a pre-school child", "soudan kind=要保護", "w=X category=重点支援Ⅱ +OVERRIDE_N3", born="2021-05-01"),
    Line("N3 does not lower 重点支援Ⅰ", "soudan kind=要保護; T 34.0; scales 50.0 motivation=34.0 habits=34.0",
         "w=4 category=重点支援Ⅰ -OVERRIDE_N3"),
    Line("N3 changes nothing at 重点支援Ⅱ", "soudan kind=要保護; T 37.0; scales 50.0 motivation=34.0", "w=3 category=重点支援Ⅱ -OVERRIDE_N3"),
]  # fmt: skip

LAST, FIRST = date(2026, 3, 31), date(2026, 4, 1)
SCOPE = [
    Line("18 on the last day of the year in scope", "", "economic=E0", born="2008-04-01", on=LAST),
    Line("… and no longer the day after", "", "out", born="2008-04-01", on=FIRST),
    Line("born a day later: a year longer", "", "economic=E0", born="2008-04-02", on=FIRST),
    Line("born on the day", "born 2026-08-31", "economic=E0"),
    Line("born the day after an earlier day", "born 2026-04-01", "out", on=LAST),
    Line("転出 on the day: out", "resident status=転出 effective_from=2026-08-31", "out"),
    Line("転出 the day after: in", "resident status=転出 effective_from=2026-09-01", "economic=E0"),
    Line("死亡 on the day: out", "resident status=死亡 effective_from=2026-08-31", "out"),
    Line("消除 on the day: out", "resident status=消除 effective_from=2026-08-31", "out"),
    Line("転入 again on the day, with a later row: the day itself counts as outside",
         "resident status=転出 effective_from=2026-08-31; resident status=住民 rireki_no=3 effective_from=2026-08-31", "out"),
    Line("grade by birth date alone: 1 April is the year before", "T 40.0", "t=40.0", born="2011-04-02"),  # J3
    Line("… 1 April is H1", "T 40.0", "t=null learning=X", born="2011-04-01"),
    Line("… P1", "T 40.0", "t=40.0", born="2020-04-01"),
    Line("… not yet P1", "T 40.0", "t=null", born="2020-04-02"),
    Line("birth known to the month: grade from its first day", "T 40.0", "t=null learning=X", born="2011-04-01/month"),
    Line("birth known to the year: in scope if one of its days is", "", "economic=E0", born="2008-01-01/year"),
    Line("birth unknown: out", "", "out", born="/unknown"),
    *(Line(f"birth unknown, but {feed} names the child", f"{feed}{more}", "economic=E0 learning=X", born="/unknown")
      for feed, more in (("gakureibo", " effective_from=2026-04-01"), ("hoiku", ""), ("shugaku_enjo", " status=申請"),
                         ("jido_fuyo_teate", " status=全部停止"), ("boshi_hoken", " visited=2026-08-01"),
                         ("soudan", " kind=その他"), ("academic", " dev=40.0"), ("life_scale", " scale_code=habits score=3"),
                         ("life_answer", " item_code=motivation-1 answer=4"), ("physical", ""), ("attendance", ""))),
    Line("birth unknown, day care over the day before", "hoiku to=2026-08-30", "out", born="/unknown"),
    Line("household: the latest effective_from, then the highest rireki_no",
         "seikatsu_hogo; resident setai_no=8@child effective_from=2020-04-01 rireki_no=2", "economic=EX"),
]  # fmt: skip
