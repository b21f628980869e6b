"""School years: who is in which grade and school in which fiscal year, under which pupil number."""

from datetime import date
from uuid import UUID

import numpy as np
import polars as pl

from services.synth.chance import NEVER, flags, recorded, stream
from services.synth.families import Town, scope_start
from services.synth.params import FIRST_SCHOOL_YEAR, TOP_GRADE
from services.synth.persons import known_birth
from services.synth.places import Schools
from services.synth.residents import ADDRESSES_A_FAMILY, end_of

GRADES = ("P1", "P2", "P3", "P4", "P5", "P6", "J1", "J2", "J3")

# Shares of pupils, ours; the rest goes to the public school of the district (指定) or, from outside, 区域外.
PRIVATE_PRIMARY = 0.025
PRIVATE_JUNIOR = 0.085
NATIONAL = 0.004
SPECIAL = 0.007  # 特別支援学校
SPECIAL_CLASS = 0.035  # 特別支援学級 in a public school
UNMAPPED = 0.003  # pupils whose 児童生徒番号 nobody has tied to a 宛名番号 yet


def fiscal_year(day: date) -> int:
    """Fiscal year (from 1 April) of a day."""
    return day.year - (day.month < 4)


def entry_year(born: pl.Expr) -> pl.Expr:
    """Fiscal year of entering P1, by birth date: 2 April … 1 April are one grade."""
    eve = born - pl.duration(days=1)
    return eve.dt.year() - (eve.dt.month() < 4).cast(pl.Int32) + 7


def april(year: pl.Expr) -> pl.Expr:
    """1 April of a fiscal year."""
    return pl.date(year, 4, 1)


def make_school_years(town: Town, persons: pl.DataFrame, schools: Schools, towns: pl.Series, seed: int) -> pl.DataFrame:
    """One row a pupil and fiscal year from FIRST_SCHOOL_YEAR, whole or part.

    pid, fam, fy, grade (1–9), entry (fiscal year of P1), first, last (days at the school in that year), kubun,
    special_class, start, end (of living here), public, school_index (among the public ones; null elsewhere),
    school (code, or the city's number of another)

    towns: town index by address index
    """
    rng = stream(seed, "schooling")
    pupils = _careers(rng, town, persons)
    years = pl.DataFrame({"fy": range(FIRST_SCHOOL_YEAR, fiscal_year(town.until) + 1)}, schema={"fy": pl.Int32})
    table = pupils.join(years, how="cross").with_columns(grade=pl.col("fy") - pl.col("entry") + 1)
    table = table.filter(pl.col("grade").is_between(1, TOP_GRADE)).with_columns(
        first=pl.max_horizontal(april(pl.col("fy")), "start"),
        last=pl.min_horizontal(april(pl.col("fy") + 1), "end") - pl.duration(days=1),
    )
    table = table.filter((pl.col("first") <= pl.col("last")) & (pl.col("first") <= town.until))
    return _with_school(table, schools, towns).sort("pid", "fy")


def _careers(rng: np.random.Generator, town: Town, persons: pl.DataFrame) -> pl.DataFrame:
    """Each child's year of entry and kinds of school, with the days it can be a pupil here.

    Who is past 18 by now is on no list any more.
    """
    children = persons.filter((pl.col("role") == "child") & (pl.col("born") >= scope_start(town.until)))
    n = children.height
    table = children.select(
        "pid", "fam", entry=entry_year(known_birth(pl.col("born"), pl.col("precision"))),
        outside=pl.col("start") == NEVER,
        start=pl.when(pl.col("start") == NEVER).then("born").otherwise("start"),
        end="end",
    ).with_columns(
        private_primary=flags(rng, n, PRIVATE_PRIMARY), private_junior=flags(rng, n, PRIVATE_JUNIOR),
        national=flags(rng, n, NATIONAL), special=flags(rng, n, SPECIAL), special_class=flags(rng, n, SPECIAL_CLASS),
    )  # fmt: skip
    moves = town.families.select("fam", "move1", "move2", "divorced", "remarried", "mother_leaves")
    return table.join(moves, on="fam", how="left", maintain_order="left")


def _with_school(table: pl.DataFrame, schools: Schools, towns: pl.Series) -> pl.DataFrame:
    """Kind of enrolment and school; the district school is that of the home on the first day of the school year."""
    primary = pl.col("grade") <= 6
    left_home = pl.when("mother_leaves").then("divorced").otherwise(NEVER)
    moved = [day <= pl.col("first") for day in (pl.col("move1"), pl.col("move2"), pl.col("remarried"), left_home)]
    home = pl.col("fam") * ADDRESSES_A_FAMILY + pl.sum_horizontal(moved)
    town_of_home = towns.gather(table.select(home).to_series())
    index = np.where(
        table["grade"].to_numpy() <= 6,
        schools.primary_of_town[town_of_home.to_numpy()],
        len(schools.primary) + schools.junior_of_town[town_of_home.to_numpy()],
    )
    codes = pl.Series([*schools.primary, *schools.junior])
    kubun = (
        pl.when("outside").then(pl.lit("区域外"))
        .when("special").then(pl.lit("特支"))
        .when("national").then(pl.lit("国立"))
        .when(pl.col("private_primary") | (~primary & pl.col("private_junior"))).then(pl.lit("私立"))
        .otherwise(pl.lit("指定"))
    )  # fmt: skip
    table = table.with_columns(kubun=kubun, school_index=pl.Series(index), district=codes.gather(pl.Series(index)))
    public = pl.col("kubun").is_in(["指定", "区域外"])
    elsewhere = pl.col("kubun").replace_strict({"特支": "901", "国立": "902", "私立": "903"}, default=None)
    return table.select(
        "pid", "fam", "fy", "grade", "first", "last", "entry", "kubun", "special_class", "start", "end",
        public=public,
        school_index=pl.when(public).then("school_index"),
        school=pl.when(public).then("district").otherwise(elsewhere),
    )  # fmt: skip


def pupil_numbers(school_years: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Everyone ever at a public school here: pid, pupil_no (児童生徒番号), sourced_id, uuid, mapped, first_day, last_day."""
    rng = stream(seed, "pupil numbers")
    pupils = (
        school_years.filter("public")
        .group_by("pid", maintain_order=True)
        .agg(pl.col("fy").min(), first_day=pl.col("first").min(), last_day=pl.col("last").max())
    )
    n = pupils.height
    serial = rng.permutation(n) + 10_001
    raw = rng.bytes(16 * n)
    return pupils.select(
        "pid",
        "first_day",
        "last_day",
        pupil_no=pl.format(
            "{}{}", (pl.col("fy") % 100).cast(pl.String).str.zfill(2), pl.Series(serial).cast(pl.String).str.zfill(6)
        ),
        sourced_id=pl.format("u-{}", pl.Series(serial * 7 + 900_000)),
        uuid=pl.Series([str(UUID(bytes=raw[16 * i : 16 * i + 16], version=4)) for i in range(n)]),
        mapped=~pl.Series(flags(rng, n, UNMAPPED)),
    )


def gakureibo_feed(town: Town, persons: pl.DataFrame, school_years: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Feed 4: one row a child and school year, corrected by none."""
    rng = stream(seed, "gakureibo")
    number = persons["atena_no"]
    guardians = (
        persons.filter(pl.col("role").is_in(["mother", "father"]))
        .sort("fam", "role")
        .group_by("fam", maintain_order=True)
        .first()
    )
    guardian = guardians.select("fam", guardian="atena_no", guardian_sex="sex")
    table = school_years.join(guardian, on="fam", how="left", maintain_order="left")
    grown_into = pl.col("grade").is_in([1, 7])
    joined = pl.col("first") > april(pl.col("fy"))
    leaves = (pl.col("last") < april(pl.col("fy") + 1) - pl.duration(days=1)) & (pl.col("last") <= town.until)
    # The spring list is closed in March; whoever joins later is entered some days after.
    entered = table.select(
        pl.when(joined).then(pl.col("first")).otherwise(pl.col("first") - pl.duration(days=20))
    ).to_series()
    changed = table.select(leaves).to_series()
    last_change = pl.DataFrame({"entered": entered, "leaves": changed, "last": table["last"]}).select(
        pl.when("leaves").then("last").otherwise("entered")
    )
    table = table.with_columns(recorded(rng, last_change.to_series(), 1, 7))
    table = table.filter(pl.col("event_time") <= end_of(town.until))
    return table.select(
        "event_time",
        effective_from="first",
        effective_to="last",
        atena_no=number.gather(table["pid"]),
        guardian_atena_no="guardian",
        guardian_zokugara=pl.when(pl.col("guardian_sex") == "1").then(pl.lit("父")).otherwise(pl.lit("母")),
        school_code="school",
        grade=pl.col("grade").replace_strict(dict(enumerate(GRADES, 1)), return_dtype=pl.String),
        class_kind=pl.when((pl.col("kubun") == "特支") | (pl.col("special_class") & pl.col("public")))
        .then(pl.lit("特支"))
        .otherwise(pl.lit("普通")),
        kubun="kubun",
        enter=pl.when(grown_into & ~joined).then("first"),
        transfer_in=pl.when(joined).then("first"),
        transfer_out=pl.when(leaves).then("last"),
        graduate=pl.when(
            pl.col("grade").is_in([6, 9]) & ~leaves & (pl.date(pl.col("fy") + 1, 3, 15) <= town.until)
        ).then(pl.date(pl.col("fy") + 1, 3, 15)),
    )


def map_feed(town: Town, persons: pl.DataFrame, pupils: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Feed 5's table: 児童生徒番号, OneRoster ids and 宛名番号 of each pupil."""
    rng = stream(seed, "map")
    known = pupils.filter("mapped")
    known = known.with_columns(recorded(rng, known["first_day"], 2, 12))
    known = known.filter(pl.col("event_time") <= end_of(town.until))
    return known.select(
        "event_time", "sourced_id", "uuid", "pupil_no",
        atena_no=persons["atena_no"].gather(known["pid"]),
        verified_by=pl.lit("学務課"),
        effective_from="first_day",
    )  # fmt: skip
