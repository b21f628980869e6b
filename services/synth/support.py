"""Use of educational and home support: counselling, school social workers, study support, home visits."""

import numpy as np
import polars as pl

from services.synth.chance import dates, days_of, recorded, stream
from services.synth.families import YEAR, Town
from services.synth.nurturing import events_in_lives, lives
from services.synth.residents import end_of

HOME_VISITS = "養育支援訪問"
HOME_VISITS_A_YEAR = 0.0016  # a child under three and year; ours, as the others
HOME_VISITS_UNTIL_AGE = 3  # years
SCHOOL_SERVICES = (
    ("教育相談", 0.018, 0.5),
    ("SSW", 0.008, 0.8),
    ("学習支援", 0.012, 1.0),
    ("教育支援センター", 0.005, 0.7),
)


def edu_support_feed(town: Town, persons: pl.DataFrame, pupils: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Feed 19: school services by pupil number, home visits by 宛名番号."""
    rng = stream(seed, "support")
    children = lives(town, persons)
    third_birthday = pl.col("born").dt.offset_by(f"{HOME_VISITS_UNTIL_AGE}y")
    small = children.with_columns(stop=pl.min_horizontal("stop", third_birthday)).filter(
        pl.col("start") < pl.col("stop")
    )
    tables = [
        _uses(rng, town, small, HOME_VISITS, HOME_VISITS_A_YEAR, 0.5).with_columns(pupil_no=pl.lit(None, pl.String))
    ]
    schooled = children.join(
        pupils.select("pid", "pupil_no", "first_day", "last_day"), on="pid", how="inner", maintain_order="left"
    )
    schooled = schooled.with_columns(
        start=pl.max_horizontal("start", "first_day"), stop=pl.min_horizontal("stop", "last_day")
    )
    schooled = schooled.filter(pl.col("start") < pl.col("stop"))
    for service, per_year, years in SCHOOL_SERVICES:
        tables.append(
            _uses(rng, town, schooled, service, per_year, years).with_columns(atena_no=pl.lit(None, pl.String))
        )
    table = pl.concat(tables, how="diagonal_relaxed")
    table = table.with_columns(recorded(rng, table["from"], 0, 9)).filter(pl.col("event_time") <= end_of(town.until))
    return table.select("event_time", "pupil_no", "atena_no", "service", "from", "to", "sessions")


def _uses(
    rng: np.random.Generator, town: Town, children: pl.DataFrame, service: str, per_year: float, years: float
) -> pl.DataFrame:
    """One service used a while; at most to the day the child leaves."""
    uses = events_in_lives(rng, children, per_year)
    length = rng.exponential(years * YEAR, uses.height).astype(np.int64) + 14
    ends = pl.min_horizontal(dates("", days_of(uses["day"]) + length), pl.col("stop"))
    return uses.select(
        *(column for column in ("atena_no", "pupil_no") if column in uses.columns),
        pl.lit(service).alias("service"),
        pl.col("day").alias("from"),
        pl.when(ends <= town.until).then(ends).alias("to"),
        pl.Series("sessions", 1 + length // 20),
    )
