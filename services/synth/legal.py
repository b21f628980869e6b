"""The city's register of legal bases, one line a feed of personal data."""

from datetime import date

import polars as pl

LAW_OFFICE = "総務課"
ARTICLE = "個人情報の保護に関する法律 第61条第1項（利用目的の特定）"
PURPOSE = "支援を必要とする子どもの早期把握と、その心身の保護及び生活の支援"
USER = "子ども成長見守り室"
APPROVED = date(2023, 4, 1)
HOLDERS = (  # number, office that holds the records, what they are
    ("LB-01", "市民課", "住民基本台帳・世帯・支援措置"),
    ("LB-02", "学務課", "学齢簿・校務の対応表"),
    ("LB-03", "教育センター", "学力・生活・体力の調査"),
    ("LB-04", "学校教育課", "出欠"),
    ("LB-05", "学務課", "就学援助"),
    ("LB-06", "生活援護室", "生活保護"),
    ("LB-07", "子育て支援課", "児童扶養手当"),
    ("LB-08", "子どもの医療費助成担当", "課税区分"),
    ("LB-09", "子どもすこやか室", "母子保健"),
    ("LB-10", "児童相談担当", "相談・要対協"),
    ("LB-11", "教育センター", "教育相談・学習支援"),
    ("LB-12", LAW_OFFICE, "根拠台帳"),
    ("LB-13", "学校教育課", "学校の健康診断"),
    ("LB-14", "子育て支援課", "児童手当"),
    ("LB-15", "保育課", "保育・子育て利用"),
)


def legal_basis_feed(until: date) -> pl.DataFrame:
    """Feed 21."""
    numbers, holders, items = zip(*HOLDERS, strict=True)
    return pl.DataFrame({
        "legal_basis_id": numbers, "items": items, "holder": holders,
    }).with_columns(
        event_time=pl.lit(min(APPROVED, until)).cast(pl.Datetime("us")) + pl.duration(hours=9),
        law_article=pl.lit(ARTICLE), purpose=pl.lit(PURPOSE), user=pl.lit(USER), recurrence=pl.lit("恒常"),
        approved=pl.lit(APPROVED), review_due=pl.lit(APPROVED.replace(year=until.year + 1)),
        council_item=pl.lit("第12号"),
    )  # fmt: skip
