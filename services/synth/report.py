"""The README beside a synthetic city: what was asked and what was made."""

import polars as pl

from services.synth import params
from services.synth.attendance import LONG_ABSENCE
from services.synth.city import City
from services.synth.school_count import FOCUS
from services.synth.schooling import GRADES

TEMPLATE = """# {name}（合成データ）

架空の市 **{name}**（団体コード {code}）の 0–18 歳の子ども {children:,} 人の記録です。住民・児童はすべて架空で、実在の人・市・学校とは関係ありません。

- 引数: `--children {children} --until {until} --seed {seed}`（同じ引数からは同じバイトができます）
- `feeds/`: 各課が渡すファイル {files} 個、{rows:,} 行（回答用紙 1 枚を 1 件と数えて {facts:,} 件の事実）。読み込みは `mimamori feed load feeds --profile demo --initial`
- `truth/children.csv`: 子ども 1 人 1 行。本当の番号の対応と、既定ルールによる {until} 時点の段階（生成側の数え直し。判定の正は本体）
- `truth/spoiled.csv`: わざと壊した {spoiled:,} 行。ファイル、行（見出し = 1）、列、規則、期待する結果

## 求めた値とできた値

| 項目 | 求めた値 | できた値 |
| --- | ---: | ---: |
{table}

環境因子・国語の差・不登校は箕面市について公になっている数字に合わせています。内訳と小 1・小 5・小 6・中 1・中 3 の差は置いた値です。学力・非認知の分布の「目安」は既定ルールのシミュレーションの値です。
国語の差は、調査の年度に生活保護を受ける世帯の児童と他の児童の標準スコアの平均の差（全年度）です。壊した行は数える前のものです。
"""


def readme(city: City, *, children: int, seed: int, files: int, rows: int, facts: int, spoiled: int) -> str:
    """The README's text."""
    table = "\n".join(f"| {item} | {asked} | {made} |" for item, asked, made in asked_and_made(city))
    return TEMPLATE.format(
        name=params.CITY_NAME, code=params.CITY_CODE, until=city.until.isoformat(), table=table,
        children=children, seed=seed, files=files, rows=rows, facts=facts, spoiled=spoiled,
    )  # fmt: skip


def asked_and_made(city: City) -> list[tuple[str, str, str]]:
    """Rows of the table: item, asked, made."""
    present = city.children.filter("present")
    pupils = present.filter(pl.col("grade").is_not_null())
    poor = params.POVERTY_A + params.POVERTY_B + params.POVERTY_C
    return [
        ("環境因子あり（A+B+C）", _per_cent(poor), _share(present, pl.col("poverty").is_in(["A", "B", "C"]))),
        ("　生活困窮 A", _per_cent(params.POVERTY_A), _share(present, pl.col("poverty") == "A")),
        ("　生活困窮 B", _per_cent(params.POVERTY_B), _share(present, pl.col("poverty") == "B")),
        ("　生活困窮 C", _per_cent(params.POVERTY_C), _share(present, pl.col("poverty") == "C")),
        ("　生活困窮 X（情報不足）", "—", _share(present, pl.col("poverty") == "X")),
        (f"欠席 {LONG_ABSENCE} 日以上（小 1–中 3、直近 12 か月）", _per_cent(params.NONATTENDANCE), _absent(pupils)),
        *_gaps(city),
        *_ranks(pupils, "learning", "学力判定", params.LEARNING_ORIENTATION),
        *_ranks(pupils, "noncognitive", "非認知判定", params.NONCOGNITIVE_ORIENTATION),
        ("重点支援Ⅰ+Ⅱ（小 1–中 3）", f"{params.GUARD:.1f} % 以下", _share(pupils, pl.col("category").is_in(FOCUS))),
        ("重点支援Ⅰ+Ⅱ（全員、人）", "数百人", f"{present.filter(pl.col('category').is_in(FOCUS)).height:,}"),
    ]


def _per_cent(value: float) -> str:
    return f"{value:.1f} %"


def _share(frame: pl.DataFrame, condition: pl.Expr) -> str:
    return _per_cent(100 * frame.filter(condition).height / max(frame.height, 1))


def _absent(pupils: pl.DataFrame) -> str:
    return _share(pupils.drop_nulls("absence"), pl.col("absence") >= LONG_ABSENCE)


def _gaps(city: City) -> list[tuple[str, str, str]]:
    names = [grade.replace("P", "小 ").replace("J", "中 ") for grade in GRADES]
    pairs = zip(names, params.KOKUGO_GAP, city.gaps, strict=True)
    return [(f"国語の差（生活保護世帯とほか）{name}", f"{asked:.1f}", f"{made:.1f}") for name, asked, made in pairs]


def _ranks(pupils: pl.DataFrame, column: str, title: str, orientation: tuple[float, ...]) -> list[tuple[str, str, str]]:
    """Shares of ranks 4 to 1 among pupils who have one."""
    judged = pupils.filter(pl.col(column) != "X")
    made = " / ".join(_share(judged, pl.col(column) == str(rank)).removesuffix(" %") for rank in (4, 3, 2, 1))
    return [
        (
            f"{title} 4/3/2/1（判定できた児童生徒、%）",
            "目安 " + " / ".join(f"{share:.0f}" for share in orientation),
            made,
        )
    ]
