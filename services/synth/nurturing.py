"""What the health centre and the child consultation office know: check-ups, consultations, registered cases."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from services.synth.chance import NEVER, Floats, dates, days_of, flags, recorded, stream
from services.synth.families import YEAR, Town, scope_start
from services.synth.residents import end_of


@dataclass(frozen=True)
class CaseKind:
    """How often a kind of case opens and how long it stays open; ours, small as in a real city."""

    kind: str
    per_year: float  # cases a child and year
    mean_years: float  # open, exponential
    office: str


CASES = (
    CaseKind("虐待通告", 0.0015, 0.4, "児童相談担当"),
    CaseKind("要保護", 0.0019, 1.1, "児童相談担当"),
    CaseKind("要支援", 0.0030, 1.1, "児童相談担当"),
    CaseKind("養育相談", 0.0055, 0.7, "家庭児童相談室"),
    CaseKind("ヤングケアラー", 0.0012, 1.0, "子育て支援課"),
    CaseKind("その他", 0.0030, 0.3, "子育て支援課"),
)
PREGNANT_MOTHERS = 0.004  # of families: 特定妊婦 before a birth
RISK_WEIGHT = 0.8  # how much more often in hardship: e^0.8 a standard deviation

# Check-ups: kind, first and last day of the period in days after birth.
CHECKUPS = (("新生児訪問", 7, 120), ("3-4m", 95, 150), ("1.6y", 550, 725), ("3y", 1_280, 1_455), ("5y", 1_830, 2_000))
FIRST_FIVE_YEAR_CHECKUP = date(2023, 4, 1)
RESULTS = ("異常なし", "要精検", "要経過観察", "要支援")
RESULT_CHANCES = (0.945, 0.040, 0.012, 0.003)
ATTENDED = 0.985
REACHED = 0.80  # of those who did not attend, known to be well by another way (把握済)


def weights(hardship: Floats) -> Floats:
    """How often a child of a family with such hardship (standard normal) is met with, mean about 1."""
    return np.exp(RISK_WEIGHT * hardship - RISK_WEIGHT**2 / 2)


def lives(town: Town, persons: pl.DataFrame) -> pl.DataFrame:
    """Children's days in the city: pid, fam, child, born, start, stop, hardship, atena_no.

    stop: the day after the last, or after the story's end
    """
    children = persons.filter(
        (pl.col("role") == "child") & (pl.col("start") < NEVER) & (pl.col("born") >= scope_start(town.until))
    )
    stop = pl.min_horizontal("end", pl.lit(town.until) + pl.duration(days=1))
    table = children.select("pid", "fam", "child", "born", "start", "atena_no", stop=stop)
    table = table.filter(pl.col("start") < pl.col("stop"))
    return table.join(town.families.select("fam", "hardship"), on="fam", how="left", maintain_order="left")


def events_in_lives(rng: np.random.Generator, table: pl.DataFrame, per_year: float) -> pl.DataFrame:
    """A Poisson number of events in each child's days in the city, more in hardship: its rows with `day`."""
    start, stop = days_of(table["start"]), days_of(table["stop"])
    count = rng.poisson(per_year * (stop - start) / YEAR * weights(table["hardship"].to_numpy()))
    index = np.repeat(np.arange(table.height), count)
    day = start[index] + (rng.random(len(index)) * (stop - start)[index]).astype(np.int64)
    return table[index].with_columns(day=dates("", day))


def soudan_feed(town: Town, persons: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Feed 18: consultations and registered cases, and pregnant mothers registered under their own number."""
    rng = stream(seed, "soudan")
    children = lives(town, persons)
    cases = [_cases(rng, town, children, kind) for kind in CASES]
    cases.append(_pregnant(rng, town, persons))
    table = pl.concat(cases).sort("received", "child_atena_no", maintain_order=True)
    serial = pl.int_range(1, pl.len() + 1).over(pl.col("received").dt.year())
    table = table.with_columns(
        case_no=pl.format("S{}-{}", pl.col("received").dt.year(), serial.cast(pl.String).str.zfill(5))
    )
    last = table.select(pl.coalesce("closed", "received")).to_series()
    return table.with_columns(recorded(rng, last, 0, 4).clip(upper_bound=end_of(town.until)))


def _cases(rng: np.random.Generator, town: Town, children: pl.DataFrame, kind: CaseKind) -> pl.DataFrame:
    opened = events_in_lives(rng, children, kind.per_year)
    length = rng.exponential(kind.mean_years * YEAR, opened.height).astype(np.int64) + 5
    closed = pl.min_horizontal(dates("", days_of(opened["day"]) + length), pl.col("stop"))
    return opened.select(
        child_atena_no="atena_no",
        kind=pl.lit(kind.kind),
        received="day",
        closed=pl.when(closed <= town.until).then(closed),
        status=pl.when(closed <= town.until).then(pl.lit("終結")).otherwise(pl.lit("継続")),
        office=pl.lit(kind.office),
    )


def _pregnant(rng: np.random.Generator, town: Town, persons: pl.DataFrame) -> pl.DataFrame:
    mothers = persons.filter((pl.col("role") == "mother") & (pl.col("start") < NEVER)).join(
        town.families.select("fam", "first_birth", "hardship"), on="fam", how="left", maintain_order="left"
    )
    chosen = mothers.filter(
        pl.Series(flags(rng, mothers.height, PREGNANT_MOTHERS * weights(mothers["hardship"].to_numpy())))
    )
    chosen = chosen.filter(
        (pl.col("first_birth") - pl.duration(days=150) > pl.col("start"))
        & pl.col("first_birth").is_between(scope_start(town.until), town.until)
    )
    return chosen.select(
        child_atena_no="atena_no",
        kind=pl.lit("特定妊婦"),
        received=pl.col("first_birth") - pl.duration(days=150),
        closed="first_birth",
        status=pl.lit("終結"),
        office=pl.lit("児童相談担当"),
    )


def boshi_feed(town: Town, persons: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Feed 16: the health centre's check-ups of the children who lived here when each fell due."""
    rng = stream(seed, "boshi")
    children = lives(town, persons)
    mothers = persons.filter(pl.col("role") == "mother").select("fam", mother_atena_no="atena_no")
    children = children.join(mothers, on="fam", how="left", maintain_order="left")
    table = pl.concat([_checkups(rng, town, children, *checkup) for checkup in CHECKUPS])
    known = table.select(
        pl.coalesce("visited", pl.when(pl.col("due_to") <= town.until).then("due_to").otherwise("due_from"))
    ).to_series()
    return table.with_columns(recorded(rng, known, 1, 25)).filter(pl.col("event_time") <= end_of(town.until))


def _checkups(
    rng: np.random.Generator, town: Town, children: pl.DataFrame, kind: str, first: int, last: int
) -> pl.DataFrame:
    """One kind of check-up for every child whom it fell due for."""
    due_from, due_to = pl.col("born") + pl.duration(days=first), pl.col("born") + pl.duration(days=last)
    due = children.with_columns(due_from=due_from, due_to=due_to)
    due = due.filter(pl.col("due_from").is_between("start", "stop", closed="left"))
    if kind == "5y":
        due = due.filter(pl.col("due_from") >= FIRST_FIVE_YEAR_CHECKUP)
    attends = 1 - (1 - ATTENDED) * weights(due["hardship"].to_numpy())
    came = flags(rng, due.height, attends)
    day = days_of(due["due_from"]) + (rng.random(due.height) * (last - first)).astype(np.int64)
    came &= day < days_of(due["stop"])
    result = np.array(RESULTS)[rng.choice(len(RESULTS), due.height, p=RESULT_CHANCES)]
    drawn = due.with_columns(came=came, day=dates("", day), drawn=result, reached=flags(rng, due.height, REACHED))
    return drawn.select(
        child_atena_no="atena_no",
        mother_atena_no="mother_atena_no",
        kind=pl.lit(kind),
        due_from="due_from",
        due_to="due_to",
        visited=pl.when("came").then("day"),
        result=pl.when("came").then("drawn"),
        reached_by_other=~pl.col("came") & pl.col("reached") & (pl.col("due_to") < town.until),
    )
