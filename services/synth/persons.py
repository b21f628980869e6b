"""Everyone on record: children, parents, step-parents, grandparents, their numbers and their days in the city."""

import numpy as np
import polars as pl

from services.synth.chance import NEVER, Ints, dates, days_of, flags, stream
from services.synth.families import YEAR, Town
from services.synth.numbers import shuffled_serials, with_modulus11

NUMBER_WIDTH = 10  # characters of 宛名番号 and 世帯番号, check digit included
WITHOUT_CHECK_DIGIT = 0.001  # of persons


def make_persons(town: Town, seed: int) -> pl.DataFrame:
    """One row a person.

    pid, fam, role (child, mother, father, stepfather, grandmother), born, precision (day, month, year), sex, atena_no,
    start, end (first day in the register, first day no longer in it; NEVER: outside, or still there), died, child
    """
    rng = stream(seed, "persons")
    families = town.families
    stay = families.select("fam", "arrived", "left")
    parents = [_parents(rng, families, role) for role in ("mother", "father", "stepfather", "grandmother")]
    children = town.children.join(stay, on="fam", how="left", maintain_order="left").select(
        "fam",
        "born",
        "sex",
        "child",
        role=pl.lit("child"),
        start=pl.when(pl.col("arrived") == NEVER).then(NEVER).otherwise(pl.max_horizontal("born", "arrived")),
        end="left",
        died=NEVER,
    )
    persons = pl.concat([children, *parents], how="diagonal_relaxed").sort("fam", maintain_order=True)
    serials = shuffled_serials(rng, persons.height, 1_000_000)
    return persons.with_columns(
        pid=pl.int_range(pl.len()),
        atena_no=_numbers(rng, serials),
        precision=_precision(rng, persons, families),
    )


def _numbers(rng: np.random.Generator, serials: Ints) -> pl.Series:
    """宛名番号 with their check digits; a few from before the check digit was introduced end in another."""
    numbers = with_modulus11(serials, NUMBER_WIDTH)
    old = flags(rng, len(serials), WITHOUT_CHECK_DIGIT)
    other = numbers.str.head(NUMBER_WIDTH - 1) + ((numbers.str.tail(1).cast(pl.Int64) + 3) % 10).cast(pl.String)
    return other.zip_with(pl.Series(old), numbers)


def _parents(rng: np.random.Generator, families: pl.DataFrame, role: str) -> pl.DataFrame:
    """The grown-ups of one role, where the family has one."""
    has = {
        "mother": pl.lit(True),
        "father": ~pl.col("lone"),
        "stepfather": pl.col("remarried") < NEVER,
        "grandmother": pl.col("grandparent"),
    }[role]
    table = families.filter(has)
    older = {"mother": 30.5, "father": 32.3, "stepfather": 33.0, "grandmother": 60.0}[role]
    born = days_of(table["first_birth"]) - (rng.normal(older, 4.5, table.height).clip(older - 12, older + 14) * YEAR)
    death = days_of(table["first_birth"]) + rng.exponential(35 * YEAR, table.height)
    dies = flags(rng, table.height, 1.0 if role == "grandmother" else 0.0)
    died = np.where(dies & (death < 60_000), death, days_of(pl.Series([NEVER]))[0])
    return table.select(
        "fam",
        role=pl.lit(role),
        born=dates("", born),
        sex=pl.lit("1" if role.endswith("father") else "2"),
        start=pl.col("remarried") if role == "stepfather" else pl.col("arrived"),
        end=pl.min_horizontal("left", dates("", died)),
        died=dates("", died),
    ).filter((pl.col("start") < pl.col("end")) | (pl.col("start") == NEVER))


def _precision(rng: np.random.Generator, persons: pl.DataFrame, families: pl.DataFrame) -> pl.Series:
    """How exactly the birth date is known: a few foreign residents' only to the month or the year (不詳日)."""
    abroad = persons.join(families.select("fam", "country"), on="fam", how="left", maintain_order="left")[
        "country"
    ].is_not_null()
    drawn = rng.random(persons.height)
    table = pl.DataFrame({"abroad": abroad, "drawn": drawn, "adult": persons["role"] != "child"})
    vague = pl.col("abroad") & (pl.col("drawn") < pl.when("adult").then(0.06).otherwise(0.02))
    return table.select(
        pl.when(vague & (pl.col("drawn") < 0.008))
        .then(pl.lit("year"))
        .when(vague)
        .then(pl.lit("month"))
        .otherwise(pl.lit("day"))
    ).to_series()


def known_birth(born: pl.Expr, precision: pl.Expr) -> pl.Expr:
    """The first of the days that the birth date may be: the value that every office computes with."""
    return (
        pl.when(precision == "year")
        .then(born.dt.truncate("1y"))
        .when(precision == "month")
        .then(born.dt.truncate("1mo"))
        .otherwise(born)
    )
