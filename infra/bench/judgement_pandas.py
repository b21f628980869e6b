"""The bench's work in pandas: means once for all dates, then date by date with masks, merges and look-ups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # ships no types
import polars as pl

from infra.bench.judgement_city import Frames
from infra.bench.judgement_day import RANKS, REASONS, Answer, Asked
from schemas.rules import RuleSet
from schemas.rules.names import CHANGES

Tables = dict[str, pd.DataFrame]
WANTED = {
    "resident": ["person", "birth", "effective_from"],
    "academic": ["person", "fy", "date", "dev", "absent", "source"],
    "tax_class": ["setai", "fy", "class", "effective_from", "source"],
    "seikatsu_hogo": ["setai", "start_date", "end_date", "source"],
    "jido_fuyo_teate": ["child", "status", "from_month", "to_month", "source"],
    "soudan": ["child", "kind", "received", "closed", "source"],
}
ECONOMIC, NURTURING = np.array(["EX", "E0", "E1", "E2", "E3"]), np.array(["N0", "N1", "N2", "N3"])
NO_SOURCE = -1


@dataclass
class Findings:
    """What is found of the children of one date. level: by their order; reasons: person, code, source."""

    children: pd.DataFrame
    level: Any
    reasons: list[pd.DataFrame] = field(default_factory=list)

    def find(self, rows: pd.DataFrame, person: str, code: str) -> None:
        """At least the code's level for the persons in scope whom rows name, and a reason a row."""
        hit = self.children["person"].isin(rows[person]).to_numpy()
        self.level[hit] = np.maximum(self.level[hit], int(code[1]))
        named = rows[rows[person].isin(self.children["person"])]
        self.reasons.append(_reasons(named[person], code, named["source"]))


def prepare(frames: Frames) -> Tables:
    """The columns that the work looks at, dates as datetime64."""
    return {
        feed: pd.DataFrame({name: _column(frames[feed][name]) for name in columns}) for feed, columns in WANTED.items()
    }


def _column(series: pl.Series) -> Any:
    if series.dtype == pl.Date:
        return series.to_numpy().astype("datetime64[s]")
    if series.dtype == pl.String:
        return pd.Categorical(series.to_list())
    return series.to_numpy()


def work(tables: Tables, days: Sequence[Asked], rules: RuleSet) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """One answer a date."""
    sat = tables["academic"][~tables["academic"]["absent"]]
    means = _means(sat, rules)
    born = tables["resident"]
    eve = born["birth"] - pd.Timedelta(days=1)
    years = eve.dt.year - (eve.dt.month < 4)  # of those who go through school together
    for day in days:
        in_scope = (born["birth"] >= _at(day.first_birth)) & (born["birth"] <= _at(day.as_of))
        in_scope &= born["effective_from"] <= _at(day.as_of)
        grade = (day.fy - years[in_scope] - 6).to_numpy()
        children = pd.DataFrame({"person": born["person"][in_scope].to_numpy()})
        children["pupil"] = (grade >= 1) & (grade <= 9)
        ranks, why = _poverty(children, tables, day, rules)
        learned, why_learned = _learning(children, means, sat, day, rules)
        yield ranks.merge(learned, on="person"), pd.concat([why, why_learned])


def _at(day: date) -> pd.Timestamp:
    return pd.Timestamp(day)


def _reasons(persons: pd.Series, code: Any, sources: Any) -> pd.DataFrame:
    return pd.DataFrame({"person": persons, "code": code, "source": sources})


def _means(sat: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """person, fy, date and t of every survey with enough subjects; half up."""
    found = sat.groupby(["person", "fy"], sort=False).agg(total=("dev", "sum"), n=("dev", "size"), date=("date", "max"))
    found = found[found["n"] >= rules.learning.min_subjects].reset_index()
    found["t"] = (2 * found["total"].astype(np.int64) + found["n"]) // (2 * found["n"])
    return found[["person", "fy", "date", "t"]]


def _poverty(children: pd.DataFrame, tables: Tables, day: Asked, rules: RuleSet) -> tuple[pd.DataFrame, pd.DataFrame]:
    money = Findings(children, np.full(len(children), -1))  # X
    _economic(money, tables, day)
    care = Findings(children, np.zeros(len(children), dtype=int))
    _nurturing(care, tables["soudan"], day)
    economic, nurturing = ECONOMIC[money.level + 1], NURTURING[care.level]
    table = {(e, n): rank for e, row in rules.poverty.items() for n, rank in row.items()}
    ranks = pd.DataFrame({"person": children["person"], "economic": economic, "nurturing": nurturing})
    ranks["poverty"] = pd.MultiIndex.from_arrays([economic, nurturing]).map(table)
    unknown = _reasons(children["person"][money.level < 0], "EX_NO_TAX", NO_SOURCE)
    return ranks, pd.concat([*money.reasons, *care.reasons, unknown])


def _economic(found: Findings, tables: Tables, day: Asked) -> None:
    tax = tables["tax_class"]
    tax = tax[(tax["fy"] == day.tax_year) & (tax["effective_from"] <= _at(day.as_of))]
    taxed = found.children["person"].isin(tax["setai"][tax["class"] == "課税"]).to_numpy()
    found.level[taxed] = 0
    found.find(tax[tax["class"] == "均等割のみ"], "setai", "E1_TAX")
    found.find(tax[tax["class"] == "非課税"], "setai", "E2_TAX")
    hogo = tables["seikatsu_hogo"]
    begun = hogo[hogo["start_date"] <= _at(day.as_of)]
    in_force = begun["end_date"].isna() | (begun["end_date"] >= _at(day.as_of))
    found.find(begun[~in_force & (begun["end_date"] >= _at(day.first_ended))], "setai", "E1_HOGO_ENDED")
    found.find(begun[in_force], "setai", "E3_HOGO")
    teate = tables["jido_fuyo_teate"]
    paid = teate[(teate["from_month"] <= day.month) & (teate["to_month"].isna() | (teate["to_month"] >= day.month))]
    paid = paid.sort_values("from_month").drop_duplicates("child", keep="last")
    found.find(paid[paid["status"] == "一部支給"], "child", "E1_TEATE")
    found.find(paid[paid["status"] == "全部支給"], "child", "E2_TEATE")


def _nurturing(found: Findings, soudan: pd.DataFrame, day: Asked) -> None:
    received, closed = soudan["received"], soudan["closed"]
    in_force = (received <= _at(day.as_of)) & (closed.isna() | (closed >= _at(day.as_of)))
    for kind, code in (("養育相談", "N1_KATEI_SODAN"), ("要支援", "N2_YOSHIEN"), ("要保護", "N3_YOHOGO")):
        found.find(soudan[in_force & (soudan["kind"] == kind)], "child", code)
    abuse = (soudan["kind"] == "虐待通告") & (received <= _at(day.as_of)) & (received >= _at(day.first_past_abuse))
    recent = received >= _at(day.first_recent_abuse)
    found.find(soudan[abuse & recent], "child", "N3_ABUSE_12M")
    found.find(soudan[abuse & ~recent], "child", "N2_ABUSE_36M")


def _learning(
    children: pd.DataFrame, means: pd.DataFrame, sat: pd.DataFrame, day: Asked, rules: RuleSet
) -> tuple[pd.DataFrame, pd.DataFrame]:
    recent = means[(means["date"] >= _at(day.first_survey)) & (means["date"] <= _at(day.as_of))]
    latest = recent.sort_values("date").drop_duplicates("person", keep="last")[["person", "fy", "t"]]
    pupils = children[children["pupil"]][["person"]].merge(latest, on="person")
    for back in (1, 2):
        before = means[["person", "fy", "t"]].assign(fy=means["fy"] + back).rename(columns={"t": f"t{back}"})
        pupils = pupils.merge(before, on=["person", "fy"], how="left")
        pupils[f"d{back}"] = pupils["t"] - pupils[f"t{back}"]
    _rank(pupils, rules)
    whole = children.merge(pupils[["person", "t", "d1", "d2", "change", "learning"]], on="person", how="left")
    without = _reasons(whole["person"][whole["pupil"] & whole["t"].isna()], "TX_NO_SCORE", NO_SOURCE)
    whole["learning"] = whole["learning"].fillna("X")
    return whole.drop(columns="pupil"), pd.concat([*_why(pupils, sat, day), without])


def _rank(pupils: pd.DataFrame, rules: RuleSet) -> None:
    learning = rules.learning
    fall = (pupils["d1"] <= learning.fall_d1) | ((pupils["d2"] <= learning.fall_d2) & (pupils["d1"] < 0))
    pupils["change"] = np.select(
        [pupils["d1"].isna(), fall, pupils["d1"] <= learning.decline_d1], ["unknown", "fall", "decline"], "flat"
    )
    cuts = np.array([each.below for each in learning.bands[:-1]])
    band = np.searchsorted(cuts, pupils["t"], side="right")
    ranks = {(place, change): getattr(each, change) for place, each in enumerate(learning.bands) for change in CHANGES}
    pupils["learning"] = pd.MultiIndex.from_arrays([band, pupils["change"]]).map(ranks)
    pupils["band"] = np.array([each.code for each in learning.bands])[band]


def _why(pupils: pd.DataFrame, sat: pd.DataFrame, day: Asked) -> Iterator[pd.DataFrame]:
    """Each score of the surveys compared is a source."""
    scores = sat.loc[(sat["fy"] >= day.fy - 3) & (sat["fy"] <= day.fy), ["person", "fy", "source"]]
    code = "CHANGE_" + pupils["change"].str.upper()
    known = pupils.assign(code=code)[pupils["d1"].notna()]
    yield _reasons(pupils["person"][pupils["d1"].isna()], "CHANGE_UNKNOWN", NO_SOURCE)
    yield pupils[["person", "fy", "band"]].merge(scores, on=["person", "fy"]).rename(columns={"band": "code"})
    for back, compared in ((0, known), (1, known), (2, known[known["d2"].notna()])):
        years = compared[["person", "fy", "code"]].assign(fy=compared["fy"] - back)
        yield years.merge(scores, on=["person", "fy"])


def answer_of(found: tuple[pd.DataFrame, pd.DataFrame]) -> Answer:
    """As Polars frames, not-a-number and NO_SOURCE as null."""
    ranks, reasons = (_frame(table, schema) for table, schema in zip(found, (RANKS, REASONS), strict=True))
    return Answer(ranks, reasons.with_columns(pl.when(pl.col("source") != NO_SOURCE).then("source")))


def _frame(table: pd.DataFrame, schema: dict[str, Any]) -> pl.DataFrame:
    columns = [_series(table[name], kind).cast(kind).alias(name) for name, kind in schema.items()]
    return pl.DataFrame(columns)


def _series(column: pd.Series, kind: pl.DataType) -> pl.Series:
    if kind == pl.String():
        return pl.Series([None if pd.isna(value) else value for value in column], dtype=kind)
    return pl.Series(column.to_numpy(dtype=float)).fill_nan(None)
