"""The truth beside the feeds: which numbers are one child, and what the rules should make of it."""

import numpy as np
import polars as pl

from services.synth.chance import Ints
from services.synth.economy_count import UNKNOWN as UNKNOWN_LEVEL
from services.synth.families import Town
from services.synth.hardship import poverty_rank
from services.synth.persons import known_birth
from services.synth.pupils import Taught
from services.synth.school_count import UNKNOWN, SchoolRanks, category
from services.synth.schooling import GRADES, entry_year, fiscal_year

RANK_LETTERS = ("D", "C", "B", "A")


def true_children(
    town: Town,
    persons: pl.DataFrame,
    pupils: pl.DataFrame,
    homes: pl.DataFrame,
    economic: pl.DataFrame,
    nurturing: Ints,
    taught: Taught,
    ranks: SchoolRanks,
    absence: pl.DataFrame,
) -> pl.DataFrame:
    """One row a child, present or not: numbers, household, levels and ranks at the last day (null where not present).

    child, present, born, atena_no, setai_no, pupil_no, sourced_id, uuid, mapped, grade, economic (E0–E3, EX),
    nurturing (N0–N3), poverty (A–D, X), learning, noncognitive, w (1–4, X), absence (days), category
    """
    entry = entry_year(known_birth(pl.col("born"), pl.col("precision")))
    table = (
        persons.filter(pl.col("role") == "child")
        .select("pid", "child", "born", "atena_no", grade=fiscal_year(town.until) - entry + 1)
        .join(town.children.select("child", "present"), on="child", how="left", maintain_order="left")
        .join(homes.select("pid", "setai_no"), on="pid", how="left", maintain_order="left")
        .join(economic, on="setai_no", how="left", maintain_order="left")
        .join(
            pupils.select("pid", "pupil_no", "sourced_id", "uuid", "mapped"),
            on="pid",
            how="left",
            maintain_order="left",
        )
        .join(_school(taught, ranks), on="pid", how="left", maintain_order="left")
        .join(absence, on="pid", how="left", maintain_order="left")
    )
    return _judged(table, nurturing)


def _school(taught: Taught, ranks: SchoolRanks) -> pl.DataFrame:
    numbers = pl.DataFrame({"pid": taught.table["pid"], "pupil": taught.pupil}).unique("pid", maintain_order=True)
    index = numbers["pupil"].to_numpy()
    return numbers.select(
        "pid",
        learning=ranks.learning[index],
        noncognitive=ranks.noncognitive[index],
        w=ranks.w[index],
    )


def _judged(table: pl.DataFrame, nurturing: Ints) -> pl.DataFrame:
    """Ranks as the default rules give them; school data count for grades P1–J3 with a mapped pupil number."""
    judged = pl.col("present") & pl.col("mapped").fill_null(False) & pl.col("grade").is_between(1, len(GRADES))
    school = [
        pl.when(judged).then(name).otherwise(UNKNOWN).fill_null(UNKNOWN).alias(name)
        for name in ("learning", "noncognitive", "w")
    ]
    table = table.with_columns(school).with_columns(nurturing=nurturing[table["child"].to_numpy()])
    economic = table["level"].fill_null(UNKNOWN_LEVEL).to_numpy()
    care = table["nurturing"].to_numpy()
    rank = np.array(RANK_LETTERS)[poverty_rank(np.maximum(economic, 0), care)]
    poverty = np.where((economic < 0) & (rank == "D"), "X", rank)
    categories = [
        category(p, w, n) for p, w, n in zip(poverty.tolist(), table["w"].to_list(), care.tolist(), strict=True)
    ]
    here = pl.col("present")
    economic_text = pl.when(pl.col("level") < 0).then(pl.lit("EX")).otherwise(pl.format("E{}", "level"))
    grades = dict(enumerate(GRADES, 1))
    return table.with_columns(poverty=poverty, category=pl.Series(categories), level=pl.Series(economic)).select(
        "child", "present", "born", "atena_no", "setai_no", "pupil_no", "sourced_id", "uuid", "mapped",
        grade=pl.col("grade").replace_strict(grades, default=None, return_dtype=pl.String),
        economic=pl.when(here).then(economic_text),
        nurturing=pl.when(here).then(pl.format("N{}", "nurturing")),
        poverty=pl.when(here).then("poverty"),
        learning=_rank_text("learning"), noncognitive=_rank_text("noncognitive"), w=_rank_text("w"),
        absence=pl.when(judged).then("absence"),
        category=pl.when(here).then("category"),
    )  # fmt: skip


def _rank_text(name: str) -> pl.Expr:
    """1–4 as text, X where unknown; null for a child who is not here."""
    text = pl.when(pl.col(name) == UNKNOWN).then(pl.lit("X")).otherwise(pl.col(name).cast(pl.String))
    return pl.when("present").then(text)
