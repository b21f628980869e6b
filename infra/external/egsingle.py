"""US Sustaining Effects Study (egsingle): the gap of pupils in poor schools, grade by grade."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import polars as pl

from infra.external.figures import Figure, figure
from infra.external.groups import mean, norms_by, poverty_gap

FILE = Path("egsingle") / "egsingle.csv"
POOR_SCHOOL = 80  # per cent of pupils with low income, and more
# As the data set's own notes print them: gap in points of the IRT scale, gap in standard deviations.
GAPS = {
    0: ("-0.464", "-0.46"),
    1: ("-0.523", "-0.54"),
    2: ("-0.743", "-0.63"),
    3: ("-0.742", "-0.70"),
    4: ("-0.788", "-0.76"),
}
MEAN_LOW_INCOME, IN_POOR_SCHOOLS = "78.2", "59.9"  # per cent, over children
ROWS_OF_GRADE_5 = "9"  # too few for a gap


def read(path: Path) -> pl.DataFrame:
    """One row a child and year: childid, grade, num and den of the score, lowinc in tenths of a per cent, poor."""
    table = pl.read_csv(path, infer_schema=False)
    return table.select(
        "childid",
        pl.col("grade").cast(pl.Int64),
        num=_whole("math", 3),
        den=pl.lit(1000, pl.Int64),
        lowinc=_whole("lowinc", 1),
        poor=_whole("lowinc", 1) >= POOR_SCHOOL * 10,
    )


def _whole(column: str, places: int) -> pl.Expr:
    """The decimal text in units of its last place: no binary floating point in between."""
    decimal = pl.col(column).str.to_decimal(scale=places)
    return decimal.mul(10**places).cast(pl.Int64)


def figures(rows: pl.DataFrame) -> Iterator[Figure]:
    """Every figure that the notes print."""
    children = rows.unique("childid").with_columns(everyone=pl.lit("all"))
    (norm,) = norms_by(children.select("everyone", num="lowinc", den=pl.lit(10, pl.Int64)), "everyone").values()
    yield figure("egsingle: mean low-income share, %", MEAN_LOW_INCOME, mean(norm))
    poor = Fraction(100 * int(children["poor"].sum()), children.height)
    yield figure("egsingle: children in poor schools, %", IN_POOR_SCHOOLS, poor)
    for grade, (points, in_sd) in GAPS.items():
        gap = poverty_gap(rows.filter(pl.col("grade") == grade).select("poor", "num", "den"))
        name = f"egsingle grade {grade}, poor schools:"
        yield figure(f"{name} gap in points", points, gap.points)
        yield figure(f"{name} gap in SD", in_sd, gap.in_sd)
        yield figure(f"{name} gap of our deviation scores / 10", in_sd, gap.deviation / 10)
    yield figure("egsingle grade 5: rows", ROWS_OF_GRADE_5, rows.filter(pl.col("grade") == 5).height)
