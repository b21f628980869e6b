"""Tax classes as the office of children's medical aid holds them for its own work, never the tax office's."""

import numpy as np
import polars as pl

from services.synth.chance import NEVER, flags, recorded, stream
from services.synth.families import Town, scope_start
from services.synth.hardship import Hardship
from services.synth.residents import HOUSEHOLDS_A_FAMILY, end_of, setai_numbers

CLAIMS_ENJO = 0.85  # of the families that are entitled: ours, like every share here
CLAIMS_TEATE = 0.92
NOT_TAXED = 0.6  # of level 2
PER_CAPITA_ONLY = 0.5  # of level 1
UNDECLARED = 0.004
PERSONS_TAX_ROWS = 0.04  # of families: a row a parent in place of one a household
TAX_HOLDER = "子どもの医療費助成担当"


def claims(town: Town, seed: int) -> pl.DataFrame:
    """What a family does about its rights, the same every year: fam, enjo, teate, by_person."""
    rng, n = stream(seed, "claims"), town.families.height
    return pl.DataFrame({
        "fam": np.arange(n),
        "enjo": flags(rng, n, CLAIMS_ENJO),
        "teate": flags(rng, n, CLAIMS_TEATE),
        "by_person": flags(rng, n, PERSONS_TAX_ROWS),
    })  # fmt: skip


def setai_of(day: pl.Expr) -> pl.Expr:
    """Household index of the children on a day, from the family's columns."""
    stage = (
        pl.when(pl.col("remarried") <= day)
        .then(2)
        .when((pl.col("divorced") <= day) & pl.col("mother_leaves"))
        .then(1)
        .otherwise(0)
    )
    return pl.col("fam") * HOUSEHOLDS_A_FAMILY + stage


def tax_feed(town: Town, persons: pl.DataFrame, hardship: Hardship, seed: int) -> pl.DataFrame:
    """Feed 15: one row a household with children (of a few families, one a parent) and tax year."""
    rng = stream(seed, "tax")
    table = _known_families(town, hardship, seed)
    table = table.with_columns(draw=rng.random(table.height), undeclared=flags(rng, table.height, UNDECLARED))
    table = table.with_columns(class_=_tax_class())
    households = table.filter(~pl.col("by_person")).join(
        setai_numbers(town, seed), on="setai", how="left", maintain_order="left"
    )
    rows = pl.concat([households.with_columns(atena_no=None), _of_parents(table, persons)], how="diagonal_relaxed")
    rows = rows.with_columns(recorded(rng, rows["effective_from"], 4, 24).clip(upper_bound=end_of(town.until)))
    columns = ("event_time", "effective_from", "setai_no", "atena_no", "fy", "class_")
    return rows.select(*columns, held_by=pl.lit(TAX_HOLDER)).rename({"class_": "class"})


def _known_families(town: Town, hardship: Hardship, seed: int) -> pl.DataFrame:
    """Family and tax year for which the office has a class, from the day it has had it: effective_from, setai.

    Who came after 1 January is not in the year's file, unless with a certificate.
    """
    in_scope = town.children.filter(pl.col("born") >= scope_start(town.until))
    eldest = in_scope.group_by("fam").agg(eldest=pl.col("born").min())
    own = pl.when("certificate").then("arrived")
    table = (
        hardship.table()
        .join(town.families, on="fam", how="left", maintain_order="left")
        .join(eldest, on="fam", how="inner", maintain_order="left")
        .join(claims(town, seed), on="fam", how="left", maintain_order="left")
        .with_columns(effective_from=pl.max_horizontal(pl.date("fy", 6, 1), "eldest", own))
    )
    on_file = (pl.col("arrived") < pl.date("fy", 1, 1)) | pl.col("certificate")
    still_here = pl.col("effective_from") < pl.min_horizontal("left", pl.date(pl.col("fy") + 1, 6, 1))
    table = table.filter(on_file & still_here & (pl.col("effective_from") <= town.until))
    return table.with_columns(setai=setai_of(pl.col("effective_from")))


def _tax_class() -> pl.Expr:
    """Class by level; where no other office knows of the hardship, the class shows it."""
    only_here = ~(pl.col("lone") & pl.col("teate")) | (pl.col("left") < NEVER)
    per_capita = (pl.col("draw") < PER_CAPITA_ONLY) | only_here
    taxed = (pl.col("draw") > NOT_TAXED) & ~only_here
    return (
        pl.when((pl.col("level") == 0) & pl.col("undeclared")).then(pl.lit("未申告"))
        .when(pl.col("level") == 0).then(pl.lit("課税"))
        .when(pl.col("level") == 1).then(pl.when(per_capita).then(pl.lit("均等割のみ")).otherwise(pl.lit("課税")))
        .when((pl.col("level") == 2) & taxed).then(pl.lit("課税"))
        .otherwise(pl.lit("非課税"))
    )  # fmt: skip


def _of_parents(table: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """A row of its own for each parent living in the household: the better-off parent's class is the household's."""
    parents = persons.filter(pl.col("role").is_in(["mother", "father", "stepfather"]))
    parents = parents.select("fam", "role", "start", "end", "atena_no")
    both = table.filter("by_person").join(parents, on="fam", how="inner", maintain_order="left")
    apart = (pl.col("role") == "father") & (pl.col("divorced") <= pl.col("effective_from"))
    here = (pl.col("start") <= pl.col("effective_from")) & (pl.col("end") > pl.col("effective_from"))
    lesser = (pl.col("role") == "mother") & ~pl.col("lone") & (pl.col("level") == 0)
    return both.filter(here & ~apart).with_columns(class_=pl.when(lesser).then(pl.lit("非課税")).otherwise("class_"))
