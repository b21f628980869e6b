"""What the welfare offices hold of a family at its economic level: 就学援助, 児童扶養手当, 生活保護; and 支援措置.

A family at level 2 or 3 is known to at least one office, and one at level 1 too, as far as any office can know it.
"""

from datetime import date

import numpy as np
import polars as pl

from services.synth.chance import NEVER, Bools, dates, day_number, days_of, flags, recorded, stream
from services.synth.families import Town, scope_start
from services.synth.hardship import Hardship
from services.synth.params import FIRST_SCHOOL_YEAR
from services.synth.residents import end_of, setai_numbers
from services.synth.schooling import april, entry_year
from services.synth.tax import claims, setai_of

PARTLY_PAID = 0.8  # of lone parents at level 1: 一部支給
FULLY_STOPPED = 0.5  # of lone parents at level 0: on file, but nothing paid
REFUSED_ENJO = 0.02  # applications of families at level 0 and 1
WITHDRAWN_ENJO = 0.004
DV_FAMILIES = 0.004


def enjo_feed(
    town: Town, persons: pl.DataFrame, school_years: pl.DataFrame, hardship: Hardship, seed: int
) -> pl.DataFrame:
    """Feed 11: one row a pupil and school year in which the family applied."""
    rng = stream(seed, "enjo")
    table = school_years.filter(pl.col("public")).join(
        claims(town, seed).select("fam", "enjo"), on="fam", how="left", maintain_order="left"
    )
    table = table.with_columns(level=hardship.level_of(table["fam"], table["fy"]), draw=rng.random(table.height))
    guardians = persons.filter(pl.col("role") == "mother").select("fam", guardian_atena_no="atena_no")
    entitled = (pl.col("level") >= 2) & pl.col("enjo")
    table = table.filter(entitled | (pl.col("draw") < REFUSED_ENJO)).join(
        guardians, on="fam", how="left", maintain_order="left"
    )
    decided = table.select(pl.max_horizontal("first", pl.date("fy", 7, 1))).to_series()
    table = table.with_columns(recorded(rng, decided, 0, 14)).filter(pl.col("event_time") <= end_of(town.until))
    withdrawn = entitled & (pl.col("draw") > 1 - WITHDRAWN_ENJO)
    return table.select(
        "event_time",
        "guardian_atena_no",
        "fy",
        atena_no=persons["atena_no"].gather(table["pid"]),
        status=pl.when(withdrawn).then(pl.lit("取消")).when(entitled).then(pl.lit("認定")).otherwise(pl.lit("否認定")),
        category=pl.when(pl.col("level") == 3).then(pl.lit("要保護")).otherwise(pl.lit("準要保護")),
        from_="first",
        to="last",
    ).rename({"from_": "from"})


def teate_feed(town: Town, persons: pl.DataFrame, hardship: Hardship, seed: int) -> pl.DataFrame:
    """Feed 13: one row a child of a lone parent and payment year (November to October, named by its end)."""
    rng = stream(seed, "teate")
    families = town.families.join(claims(town, seed), on="fam", how="left", maintain_order="left").filter("teate")
    mothers = persons.filter(pl.col("role") == "mother").select("fam", recipient_atena_no="atena_no")
    children = persons.filter(
        (pl.col("role") == "child") & (pl.col("start") < NEVER) & (pl.col("born") >= scope_start(town.until))
    )
    lone_from = pl.when("lone").then("arrived").otherwise("divorced")
    table = children.select("fam", "born", "start", "end", child_atena_no="atena_no").join(
        families, on="fam", how="inner", maintain_order="left"
    )
    table = table.join(mothers, on="fam", how="left", maintain_order="left").with_columns(
        since=pl.max_horizontal(lone_from, "start").dt.truncate("1mo").dt.offset_by("1mo"),
        stops=pl.min_horizontal("remarried", "end", april(entry_year(pl.col("born")) + 12) - pl.duration(days=1)),
    )
    paid = _payment_years(rng, town, table, hardship)
    return pl.concat([paid, _lost(rng, town, table)]).sort("event_time", "child_atena_no", maintain_order=True)


def _payment_years(rng: np.random.Generator, town: Town, table: pl.DataFrame, hardship: Hardship) -> pl.DataFrame:
    last = hardship.first_year + hardship.levels.shape[1] - 1
    years = pl.DataFrame({"year": range(hardship.first_year, last + 2)}, schema={"year": pl.Int32})
    rows = table.join(years, how="cross").with_columns(
        first=pl.max_horizontal("since", pl.date(pl.col("year") - 1, 11, 1)),
        last=pl.min_horizontal("stops", pl.date("year", 10, 31)),
    )
    rows = rows.filter((pl.col("first") <= pl.col("last")) & (pl.col("first") <= town.until))
    level = hardship.level_of(rows["fam"], rows["year"].clip(upper_bound=last))
    rows = rows.with_columns(level=level, draw=pl.Series(rng.random(town.families.height)).gather(rows["fam"]))
    some = (
        pl.when(pl.col("level") >= 2)
        .then(pl.lit("全部支給"))
        .when((pl.col("level") == 1) & (pl.col("draw") < PARTLY_PAID))
        .then(pl.lit("一部支給"))
    )
    rows = rows.with_columns(
        status=some.when((pl.col("level") == 0) & (pl.col("draw") < FULLY_STOPPED)).then(pl.lit("全部停止"))
    )
    rows = rows.drop_nulls("status")
    rows = rows.with_columns(recorded(rng, rows["first"], 0, 20)).filter(pl.col("event_time") <= end_of(town.until))
    rows = rows.with_columns(effective_from="first")
    return rows.select(
        "event_time",
        "recipient_atena_no",
        "child_atena_no",
        "status",
        "effective_from",
        **_months(pl.col("first"), pl.col("last")),
        reason=pl.lit(None, pl.String),
    )


def _lost(rng: np.random.Generator, town: Town, table: pl.DataFrame) -> pl.DataFrame:
    """The right is lost at a new marriage."""
    known_since = date(FIRST_SCHOOL_YEAR, 4, 1)
    rows = table.filter(
        pl.col("remarried").is_between(known_since, town.until)
        & (pl.col("remarried") < pl.col("end"))
        & (pl.col("since") < pl.col("remarried"))
    )
    after = rows["remarried"].dt.offset_by("1mo").dt.truncate("1mo")
    rows = rows.with_columns(recorded(rng, rows["remarried"], 5, 40), after=after).filter(
        pl.col("event_time") <= end_of(town.until)
    )
    months = _months(pl.col("after"), pl.lit(None, pl.Date))
    return rows.select(
        "event_time",
        "recipient_atena_no",
        "child_atena_no",
        pl.lit("資格喪失").alias("status"),
        pl.col("after").alias("effective_from"),
        **months,
        reason=pl.lit("婚姻"),
    )


def _months(first: pl.Expr, last: pl.Expr) -> dict[str, pl.Expr]:
    return {"from": first.dt.strftime("%Y%m"), "to": last.dt.strftime("%Y%m")}


def hogo_feed(town: Town, persons: pl.DataFrame, hardship: Hardship, seed: int) -> pl.DataFrame:
    """Feed 12: one row a member and spell; half the spells that ended have a row of their own for it (廃止)."""
    rng = stream(seed, "hogo")
    spells = _spells(rng, town, hardship)
    spells = spells.join(town.families, on="fam", how="left", maintain_order="left").with_columns(
        begin=pl.max_horizontal("begin", "arrived"),
        finish=pl.min_horizontal("finish", "left"),
        setai=setai_of(pl.col("begin")),
    )
    spells = spells.filter(pl.col("begin") < pl.col("finish")).join(
        setai_numbers(town, seed), on="setai", how="left", maintain_order="left"
    )
    members = persons.select("fam", "role", "start", "end", member_atena_no="atena_no")
    rows = spells.join(members, on="fam", how="inner", maintain_order="left").with_columns(
        start=pl.max_horizontal("start", "begin"), end=pl.min_horizontal("end", "finish")
    )
    apart = (pl.col("role") == "father") & (pl.col("divorced") <= pl.col("end"))
    rows = rows.filter((pl.col("start") < pl.col("end")) & (pl.col("start") <= town.until) & ~apart)
    return _hogo_rows(rng, town, rows)


def _hogo_rows(rng: np.random.Generator, town: Town, rows: pl.DataFrame) -> pl.DataFrame:
    over = pl.col("end") <= town.until
    two_rows = over & (pl.col("spell") % 2 == 0)
    suspended = ~over & (pl.col("spell") % 25 == 0)
    opened = rows.with_columns(
        status=pl.when(over & ~two_rows)
        .then(pl.lit("廃止"))
        .when(suspended)
        .then(pl.lit("停止"))
        .otherwise(pl.lit("開始")),
        shown=pl.when(over & ~two_rows).then("end"),
    )
    ended = rows.filter(two_rows).with_columns(status=pl.lit("廃止"), start="end", shown=pl.lit(None, pl.Date))
    table = pl.concat([opened, ended]).with_columns(case_no=pl.format("H{}", pl.col("spell") + 70_001))
    table = table.with_columns(
        recorded(rng, table.select(pl.coalesce("shown", "start")).to_series(), 0, 8).clip(
            upper_bound=end_of(town.until)
        )
    )
    return table.select("event_time", "setai_no", "case_no", "member_atena_no", "status", start="start", end="shown")


def _spells(rng: np.random.Generator, town: Town, hardship: Hardship) -> pl.DataFrame:
    """Unbroken years at level 3: from the winter half before the first to some day of the last, or open."""
    at_three = np.pad(hardship.levels == 3, ((0, 0), (1, 1)))
    family, first = np.nonzero(at_three[:, 1:] & ~at_three[:, :-1])
    _, after = np.nonzero(~at_three[:, 1:] & at_three[:, :-1])
    april_first = np.array([day_number(date(hardship.first_year + year, 4, 1)) for year in range(at_three.shape[1])])
    begin = april_first[first] - rng.integers(0, 180, len(family))
    finish = april_first[after] - rng.integers(1, 300, len(family))
    still = (after == hardship.levels.shape[1]) | (finish > day_number(town.until))
    return pl.DataFrame({
        "spell": np.arange(len(family)),
        "fam": family,
        "begin": dates("", begin),
        "finish": dates("", np.where(still, day_number(NEVER), finish)),
    })  # fmt: skip


def shien_feed(town: Town, persons: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Feed 3: a parent who fled, the children as co-applicants, renewed year by year; a few are provisional."""
    rng = stream(seed, "shien")
    families = town.families.filter(pl.col("arrived") <= town.until)
    fled = (families["divorced"] <= town.until) & families["mother_leaves"]
    chosen = families.filter(pl.Series(_chosen(rng, fled)))
    begin = days_of(chosen["divorced"].clip(upper_bound=town.until)) - rng.integers(0, 700, chosen.height)
    chosen = chosen.select(
        "fam",
        "left",
        first=dates("", begin),
        years=rng.integers(1, 5, chosen.height),
        provisional=flags(rng, chosen.height, 0.1),
    )
    rows = chosen.join(pl.DataFrame({"renewal": range(4)}), how="cross").filter(pl.col("renewal") < pl.col("years"))
    start = pl.col("first").dt.offset_by(pl.format("{}y", "renewal"))
    rows = rows.with_columns(start=start).with_columns(end=pl.col("start").dt.offset_by("1y") - pl.duration(days=1))
    rows = rows.filter((pl.col("start") <= town.until) & (pl.col("start") < pl.col("left")))
    rows = rows.with_columns(recorded(rng, rows["start"], 0, 3)).filter(pl.col("event_time") <= end_of(town.until))
    children = (
        persons.filter((pl.col("role") == "child") & (pl.col("start") < town.until))
        .group_by("fam", maintain_order=True)
        .agg(children="atena_no")
    )
    mothers = persons.filter(pl.col("role") == "mother").select("fam", mother="atena_no")
    rows = rows.join(mothers, on="fam", how="left", maintain_order="left").join(
        children, on="fam", how="inner", maintain_order="left"
    )
    return rows.select(
        "event_time",
        "start",
        "end",
        atena_no="mother",
        kind=pl.when(pl.col("provisional") & (pl.col("renewal") == 0)).then(pl.lit("仮")).otherwise(pl.lit("本")),
        co_applicants=pl.col("children").list.join("|"),
        blocked_offices=pl.lit("市民課|学務課|子育て支援課"),
    )


def _chosen(rng: np.random.Generator, fled: pl.Series) -> Bools:
    """Mostly mothers who left with the children, a few others."""
    share = np.where(fled.to_numpy(), DV_FAMILIES * 15, DV_FAMILIES * 0.4)
    return flags(rng, len(fled), share)
