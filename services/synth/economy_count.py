"""The city's own count of economic and nurturing levels at its last day, from the facts as the offices hold them.

Written apart from the judgement kernel, so that the README can set what was made against what was asked; a test
holds the two together, and the kernel is the judge.
"""

from datetime import date

import numpy as np
import polars as pl

from services.synth.chance import Ints
from services.synth.families import Town
from services.synth.schooling import april, entry_year, fiscal_year
from services.synth.support import HOME_VISITS

UNKNOWN = -1  # level of a household of which no office knows anything (EX)
OVERDUE_DAYS = 60


def economic_levels(town: Town, facts: dict[str, pl.DataFrame], members: pl.DataFrame) -> pl.DataFrame:
    """setai_no and level (0–3, UNKNOWN) of each household at the last day.

    members: atena_no and setai_no of everyone living here that day
    """
    day = town.until
    levels = pl.concat([
        _hogo(facts["seikatsu_hogo"], day),
        _teate(facts["jido_fuyo_teate"], day),
        _enjo(facts["shugaku_enjo"], day),
    ]).join(members, on="atena_no", how="inner")  # fmt: skip
    every = pl.concat([levels.select("setai_no", "level"), _tax(facts["tax_class"], members, day)])
    found = every.group_by("setai_no").agg(pl.col("level").max())
    homes = members.select("setai_no").unique(maintain_order=True)
    return homes.join(found, on="setai_no", how="left", maintain_order="left").with_columns(
        pl.col("level").fill_null(UNKNOWN)
    )


def _hogo(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    ends = rows.filter((pl.col("status") == "廃止") & pl.col("end").is_null()).select(
        "case_no", "member_atena_no", ended="start"
    )
    spells = rows.filter((pl.col("status") != "廃止") | pl.col("end").is_not_null())
    spells = spells.join(ends, on=["case_no", "member_atena_no"], how="left").with_columns(
        end=pl.coalesce("end", "ended")
    )
    in_force = pl.col("end").is_null() | (pl.col("end") >= day)
    recent = pl.col("end").dt.offset_by("12mo") >= day
    level = pl.when(in_force).then(3).when(recent).then(1).otherwise(0)
    return (
        spells.filter(pl.col("start") <= day)
        .select("member_atena_no", level=level)
        .rename({"member_atena_no": "atena_no"})
        .filter(pl.col("level") > 0)
    )


def _teate(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    month = day.strftime("%Y%m")
    covering = rows.filter((pl.col("from") <= month) & (pl.col("to").is_null() | (pl.col("to") >= month)))
    latest = covering.sort("from", "event_time").group_by("recipient_atena_no", "child_atena_no").last()
    paid = latest.select(
        atena_no="child_atena_no",
        level=pl.col("status").replace_strict({"全部支給": 2, "一部支給": 1}, default=0, return_dtype=pl.Int32),
    )
    return paid.filter(pl.col("level") > 0)


def _enjo(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    year = fiscal_year(day)
    granted = rows.filter(pl.col("status") == "認定")
    now = granted.filter((pl.col("fy") == year) & (pl.col("from") <= day) & (pl.col("to") >= day))
    before = granted.filter(pl.col("fy") == year - 1).join(now.select("atena_no"), on="atena_no", how="anti")
    return pl.concat([
        now.filter(pl.col("category") == "準要保護").select("atena_no", level=pl.lit(2, pl.Int32)),
        before.select("atena_no", level=pl.lit(1, pl.Int32)),
    ])  # fmt: skip


def _tax(rows: pl.DataFrame, members: pl.DataFrame, day: date) -> pl.DataFrame:
    """Level 0–2 of each household with a class; its own row goes before its members', of which the best-off counts."""
    year = day.year if day >= date(day.year, 6, 1) else day.year - 1
    known = rows.filter((pl.col("fy") == year) & (pl.col("effective_from") <= day))
    order = pl.col("class").replace_strict(
        {"課税": 0, "未申告": 1, "不明": 1, "均等割のみ": 2, "非課税": 3}, return_dtype=pl.Int32
    )
    households = known.filter(pl.col("atena_no").is_null()).select("setai_no", order=order)
    persons = known.filter(pl.col("atena_no").is_not_null()).drop("setai_no").join(members, on="atena_no", how="inner")
    persons = persons.join(households, on="setai_no", how="anti").group_by("setai_no").agg(order=order.min())
    every = pl.concat([households, persons]).filter(pl.col("order") != 1)
    return every.select("setai_no", level=(pl.col("order") - 1).clip(lower_bound=0))


def nurturing_levels(town: Town, persons: pl.DataFrame, facts: dict[str, pl.DataFrame]) -> Ints:
    """Level 0–3 of every child of the town at the last day, in the town's order of children."""
    children = persons.filter(pl.col("role") == "child").select("child", "born", "atena_no")
    levels = pl.concat([
        _cases(facts["soudan"], town.until),
        _visits(facts["edu_support"], town.until),
        _checkups(facts["boshi_hoken"], children, town.until),
    ])  # fmt: skip
    worst = levels.group_by("atena_no").agg(pl.col("level").max())
    table = children.join(worst, on="atena_no", how="left").sort("child")
    result = np.zeros(town.children.height, dtype=np.int64)
    result[table["child"].to_numpy()] = table["level"].fill_null(0).to_numpy()
    return result


def _cases(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    open_ = pl.col("closed").is_null() | (pl.col("closed") >= day)
    abuse = pl.col("kind") == "虐待通告"
    level = (
        pl.when((pl.col("kind") == "要保護") & open_).then(3)
        .when(abuse & (pl.col("received").dt.offset_by("12mo") >= day)).then(3)
        .when(abuse & (pl.col("received").dt.offset_by("36mo") >= day)).then(2)
        .when(pl.col("kind").is_in(["要支援", "特定妊婦"]) & open_).then(2)
        .when((pl.col("kind") == "養育相談") & open_).then(1)
        .otherwise(0)
    )  # fmt: skip
    return rows.select(atena_no="child_atena_no", level=level)


def _visits(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    running = (pl.col("service") == HOME_VISITS) & (pl.col("to").is_null() | (pl.col("to") >= day))
    return rows.filter(running).select("atena_no", level=pl.lit(2, pl.Int32))


def _checkups(rows: pl.DataFrame, children: pl.DataFrame, day: date) -> pl.DataFrame:
    """Missed check-ups and guidance that goes on, of children who are not in P1 yet."""
    rows = rows.join(children, left_on="child_atena_no", right_on="atena_no", how="inner")
    rows = rows.filter(april(entry_year(pl.col("born"))) > day)
    overdue = pl.col("visited").is_null() & (pl.col("due_to") + pl.duration(days=OVERDUE_DAYS) < day)
    missed = rows.filter(overdue & ~pl.col("reached_by_other") & (pl.col("kind") != "新生児訪問"))
    last = rows.drop_nulls("visited").sort("visited").group_by("child_atena_no").last()
    guided = last.filter(pl.col("result").is_in(["要経過観察", "要支援"]))
    both = pl.concat([missed.select("child_atena_no"), guided.select("child_atena_no")])
    return both.select(atena_no="child_atena_no", level=pl.lit(1, pl.Int32))
