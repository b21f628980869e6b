"""Tennessee STAR: deviation scores, the gap of pupils with free lunch, and the effect of a small class."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import polars as pl

from infra.external.figures import Figure, figure
from infra.external.groups import mean, norms_by, poverty_gap, root, squared_deviations

FILE = Path("star") / "AER_STAR_wide.csv"
GRADES = {"K": "k", "1": "1", "2": "2", "3": "3"}  # grade: ending of its columns
# As the data sets' own notes print them: pupils, share with free lunch, gap in points, gap in standard deviations.
GAPS = {
    "K": ("5769", "0.4831", "-20.01", "-0.542"),
    "1": ("6229", "0.5041", "-34.53", "-0.757"),
    "2": ("5798", "0.4917", "-30.27", "-0.722"),
    "3": ("5792", "0.4879", "-25.32", "-0.694"),
}
# Krueger 1999, Table V column 1, as replicated in public: pupils, effect of a small class in points, its standard error.
SMALL_CLASS = {
    "K": ("5786", "13.899", "2.409"),
    "1": ("6379", "29.781", "2.807"),
    "2": ("6049", "19.394", "2.710"),
    "3": ("5967", "15.587", "2.395"),
}


def read(path: Path) -> pl.DataFrame:
    """One row a child, one column a measure and grade; marks are whole numbers."""
    marks = {f"{subject}{ending}": pl.Int64() for subject in ("read", "math") for ending in GRADES.values()}
    return pl.read_csv(path, schema_overrides=marks, infer_schema=False)


def figures(children: pl.DataFrame) -> Iterator[Figure]:
    """Every published figure of every grade."""
    for grade, ending in GRADES.items():
        both = pl.col(f"read{ending}") + pl.col(f"math{ending}")
        table = children.select(
            total=both, lunch=f"lunch{ending}", class_type=f"star{ending}", poor=pl.col(f"lunch{ending}") == "free"
        )
        yield from _gaps(grade, table)
        yield from _small_class(grade, table)


def _gaps(grade: str, table: pl.DataFrame) -> Iterator[Figure]:
    n, share, points, in_sd = GAPS[grade]
    gap = poverty_gap(table.select("poor", num="total", den=pl.lit(2, pl.Int64)))  # the mean of the two marks
    name = f"star grade {grade}, free lunch:"
    yield figure(f"{name} pupils", n, gap.n)
    yield figure(f"{name} share", share, gap.share)
    yield figure(f"{name} gap in points", points, gap.points)
    yield figure(f"{name} gap in SD", in_sd, gap.in_sd)
    yield figure(f"{name} gap of our deviation scores / 10", in_sd, gap.deviation / 10)


def _small_class(grade: str, table: pl.DataFrame) -> Iterator[Figure]:
    """Least squares on dummies of the class type: differences of group means, with the pooled variance's error."""
    n, effect, error = SMALL_CLASS[grade]
    types = norms_by(table.select("class_type", num="total", den=pl.lit(1, pl.Int64)), "class_type")
    pupils = sum(norm.n for norm in types.values())
    small, regular = types["small"], types["regular"]
    variance = Fraction(sum(map(squared_deviations, types.values()))) / (pupils - len(types))
    name = f"star grade {grade}, small class:"
    yield figure(f"{name} pupils", n, pupils)
    yield figure(f"{name} effect in points", effect, mean(small) - mean(regular))
    yield figure(f"{name} standard error", error, root(variance * (Fraction(1, small.n) + Fraction(1, regular.n))))
