"""What offices for all families hold: day care, kindergarten and after-school care (feed 17), 児童手当 (feed 14)."""

from datetime import date

import numpy as np
import polars as pl

from services.synth.chance import dates, days_of, flags, recorded, stream
from services.synth.families import YEAR, Town
from services.synth.nurturing import lives
from services.synth.residents import end_of
from services.synth.schooling import april, entry_year

# Shares of children, ours.
NURSERY, CENTRE, KINDERGARTEN = 0.30, 0.20, 0.25
AFTER_SCHOOL = 0.30
TEMPORARY = 0.04
FACILITIES = 40  # of each kind
LETTERS = {"保育所": "H", "認こ": "N", "幼": "Y", "学童": "G", "一時": "I"}  # of the facilities' codes
FEE_CLASSES = ("第1階層", "第2階層", "第3階層", "第4階層", "第5階層")
UNTIL_18_SINCE = date(2024, 10, 1)  # 児童手当 is paid up to 18, no longer 15, from this month on
A_DAY = pl.duration(days=1)


def hoiku_feed(town: Town, persons: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Feed 17: one row a child and facility, in order of record."""
    rng = stream(seed, "hoiku")
    children = lives(town, persons)
    n = children.height
    children = children.with_columns(
        entry=april(entry_year(pl.col("born"))),
        first=dates("", days_of(children["born"]) + rng.integers(180, round(3 * YEAR), n)),
        draw=rng.random(n),
        after_school=flags(rng, n, AFTER_SCHOOL),
        temporary=flags(rng, n, TEMPORARY),
    )
    first, entry, draw = pl.col("first"), pl.col("entry"), pl.col("draw")
    centre, kindergarten = NURSERY + CENTRE, NURSERY + CENTRE + KINDERGARTEN
    table = pl.concat([
        _uses(children.filter(draw < NURSERY), "保育所", first, entry),
        _uses(children.filter((draw >= NURSERY) & (draw < centre)), "認こ", first, entry),
        _uses(children.filter((draw >= centre) & (draw < kindergarten)), "幼", entry.dt.offset_by("-3y"), entry),
        _uses(children.filter("after_school"), "学童", entry, entry.dt.offset_by("3y")),
        _uses(children.filter("temporary"), "一時", first, first.dt.offset_by("1mo")),
    ])  # fmt: skip
    return _as_recorded(rng, town, _at_facilities(rng, table, town), "from")


def _uses(children: pl.DataFrame, kind: str, first: pl.Expr, after: pl.Expr) -> pl.DataFrame:
    """Use from `first` to the day before `after`, as far as the child lives here."""
    days = {"from": pl.max_horizontal(first, "start"), "last": pl.min_horizontal(after, "stop") - A_DAY}
    return children.select("atena_no", kind=pl.lit(kind), **days).filter(pl.col("from") <= pl.col("last"))


def _at_facilities(rng: np.random.Generator, table: pl.DataFrame, town: Town) -> pl.DataFrame:
    number = pl.Series(rng.integers(1, FACILITIES + 1, table.height)).cast(pl.String).str.zfill(3)
    fees = pl.Series(FEE_CLASSES).gather(rng.integers(0, len(FEE_CLASSES), table.height))
    return table.select(
        "kind",
        "from",
        child_atena_no="atena_no",
        facility_code=pl.col("kind").replace_strict(LETTERS) + number,
        to=pl.when(pl.col("last") < town.until).then("last"),
        fee_class=pl.when(pl.col("kind").is_in(["保育所", "認こ"])).then(fees),
    )


def jido_teate_feed(town: Town, persons: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Feed 14: one row a child and category, paid to the mother from the month after birth or arrival."""
    rng = stream(seed, "jido teate")
    mothers = persons.filter(pl.col("role") == "mother").select("fam", recipient_atena_no="atena_no")
    children = lives(town, persons).join(mothers, on="fam", how="inner", maintain_order="left")
    born, entry = pl.col("born"), april(entry_year(pl.col("born")))
    third_birthday, leaves_junior = born.dt.offset_by("3y"), entry.dt.offset_by("9y")
    table = pl.concat([
        _payments(town, children, "3歳未満", born, third_birthday),
        _payments(town, children, "3歳以上", third_birthday, leaves_junior),
        _payments(town, children, "高校生年代", pl.max_horizontal(leaves_junior, UNTIL_18_SINCE), entry.dt.offset_by("12y")),
    ])  # fmt: skip
    return _as_recorded(rng, town, table, "effective_from")


def _payments(town: Town, children: pl.DataFrame, category: str, first: pl.Expr, after: pl.Expr) -> pl.DataFrame:
    """Whole months from that after `first` or arrival to that of the day before `after` or departure; open if it goes on."""
    begin = pl.max_horizontal(first, "start").dt.month_start().dt.offset_by("1mo")
    rows = children.with_columns(begin=begin, last=pl.min_horizontal(after, "stop") - A_DAY)
    ended = pl.when(pl.col("last") < town.until).then(pl.col("last").dt.strftime("%Y%m"))
    return rows.filter(pl.col("begin") <= pl.col("last")).select(
        "recipient_atena_no",
        child_atena_no="atena_no",
        category=pl.lit(category),
        effective_from="begin",
        **{"from": pl.col("begin").dt.strftime("%Y%m"), "to": ended},
    )


def _as_recorded(rng: np.random.Generator, town: Town, table: pl.DataFrame, day: str) -> pl.DataFrame:
    """What the office has recorded by the story's end, some days after `day`."""
    table = table.filter(pl.col(day) <= town.until)
    table = table.with_columns(recorded(rng, table[day], 0, 20)).filter(pl.col("event_time") <= end_of(town.until))
    return table.sort("event_time", "child_atena_no", maintain_order=True)
