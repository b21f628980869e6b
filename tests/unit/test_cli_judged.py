"""What a run and a judgement say to people: whole, in Japanese, and no share without its counts."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from services.cli.judged import judgement_text, repeated_text, run_text, share
from services.cli.output import table
from services.judgement.repeated import Differing, RepeatReport
from services.judgement.report import JudgeReport

RUN = JudgeReport(
    run="2026-08-31-0123456789", as_of=date(2026, 8, 31), known_at=datetime(2026, 9, 1, tzinfo=UTC), seal=7,
    rules="mimamori-default-1.0.0", status="held", children=3000, categories={"対象外": 2900, "重点支援Ⅰ": 100},
    missing_feeds=["boshi_hoken"], root="ab" * 32, warnings={"two_scores": 3, "uncalibrated": 1}, guard=(66, 1437),
    calibration=(0, 0), suspended=2,
)  # fmt: skip


def test_a_run_is_told_whole() -> None:
    assert run_text(RUN).split("\n") == [
        "判定 2026-08-31-0123456789: 保留（案）、3,000人",
        "ルール mimamori-default-1.0.0、2026-09-01 09:00 までに知られていたこと",
        "区分: 重点支援Ⅰ 100人、対象外 2,900人",
        "小1～中3のうち重点支援: 66人／1,437人（4.6%）",
        "環境因子あり（生活困窮 A・B・C）: 対象なし",
        "届いていないデータ: 母子保健（boshi_hoken）",
        "利用停止のため判定しなかった子ども: 2人",
        "注意: 環境因子ありの割合が、ルールの目安の外にあります。",
        "注意: 同じ調査・教科の点数がほかにあり、使わなかった行 3件（two_scores）",
        "根 abababababababab",
    ]
    assert "（前回から変わりありません）: 試算" in run_text(replace(RUN, status="trial", unchanged=True))


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(1, 2000, "1人／2,000人（0.1%）"), (49, 100_000, "49人／100,000人（0.0%）"), (3, 3, "3人／3人（100.0%）"), (0, 0, "対象なし")],
)  # fmt: skip
def test_a_share_stands_with_its_counts_and_is_rounded_half_up(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


def test_reasons_come_judgement_by_judgement_with_their_rows() -> None:
    rows = [{"feed": "attendance", "file": "a.csv", "line": line} for line in (9, 4, 3, 2)]
    other = {"feed": "attendance", "file": "b.csv", "line": 7}
    said = [("DROP_SCHOOL", []), ("ABSENCE_15", [*rows, other]), ("LOW_SCHOOL", []), ("LOW_HABITS", []), ("E2_TAX", [])]
    found = {
        "category": "見守りⅠ", "poverty": "B", "learning": "X", "noncognitive": "3", "data_check": True,
        "reasons": [{"code": code, "text": code, "sources": sources} for code, sources in said],
    }  # fmt: skip
    assert judgement_text(found).split("\n") == [
        "見守りⅠ（生活困窮 B・学力 X・非認知 3）。データの確認が必要です",
        "・E2_TAX",
        "・LOW_HABITS",
        "・LOW_SCHOOL",
        "・DROP_SCHOOL",
        "・ABSENCE_15　[a.csv 2～4・9行、b.csv 7行]",
    ]


def test_what_was_erased_and_what_differs_is_named() -> None:
    report = RepeatReport(
        run="R", root="ab" * 32, repeated_root="cd" * 32, children=5, erased=(2, 4), changed=("links",),
        differs=(Differing(1, None, erased=True), Differing(3, "c3"), Differing(None, "c9")), engines={"polars": ("1", "2")},
    )  # fmt: skip
    assert repeated_text(report).split("\n") == [
        "判定 R: 結果が違います。5人、うち消去済み 2人（2番、4番）。根 abababababababab",
        "polars の版が違います: 1 → 2",
        "番号の結び付けが、判定の時と違います（links）。消去によるものを含みます",
        "1番: 消去された人の記録にもとづく行です",
        "3番 c3: 違う結果になりました",
        "判定の時にいなかった子ども c9: 違う結果になりました",
    ]


def test_a_narrow_table_keeps_what_the_next_command_is_given() -> None:
    console = Console(width=40)
    with console.capture() as printed:
        console.print(table(("判定", "ルール"), [(RUN.run, "mimamori-default-1.0.0-of-this-city")], empty=""))
    assert RUN.run in printed.get()
    assert "…" not in printed.get()
