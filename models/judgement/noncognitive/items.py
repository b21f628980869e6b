"""Scale scores from answered items (readings 15, 16 and 22).

The largest frame of a run is here (about two million answers), so it is read once, by the streaming engine, with
categories in place of text. That no item is answered twice is seen from that same pass: each item of a scale adds a
power of two of its own, and only without repetition does the sum have as many bits as there are rows.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from models.judgement.engine import MANY, Frame
from models.judgement.facts import SOURCE, Schema
from models.judgement.newest import newest
from models.judgement.recent import dated
from schemas.rules.names import SCALES
from schemas.rules.sections import NoncognitiveRules

FORM = ("form_version", "key_version")
SURVEY = ("person", "survey_id", "fy")
SHEET = (*SURVEY, *FORM)
SCALE = pl.Enum(SCALES)
SCORE: Schema = {  # a valid score: num/den; source null: several rows
    "person": pl.Int64(),
    "survey_id": pl.String(),
    "fy": pl.Int32(),
    **dict.fromkeys(FORM, pl.String()),
    "scale_code": SCALE,
    **dict.fromkeys(("num", "den"), pl.Int64()),
    **dict.fromkeys(("first", "last"), pl.Date()),
    "known_at": SOURCE["known_at"],
    "source": SOURCE["source"],
}
SPARE_BIT = 40  # the items of a scale beyond this many share a bit and are looked at for repetition one by one
_DATED = ("first", "last", "known_at")
_ANSWERED = pl.col("answer").is_between(1, 4).fill_null(False)
_TEXT = ("survey_id", *FORM)
_CODED = pl.col(*_TEXT, "item_code").cast(pl.Categorical)  # many times faster to group by than text


@dataclass(frozen=True, slots=True)
class ItemScores:
    """What the answers give.

    scores: columns of SCORE
    sheets: columns of SHEET: the answers of each survey that count, of those whose form and key version a key describes
    no_key: answer sheets whose form and key version no key describes
    """

    scores: pl.DataFrame
    sheets: pl.DataFrame
    no_key: int


def item_scores(answers: pl.DataFrame, key: pl.DataFrame, rules: NoncognitiveRules) -> ItemScores:
    """Mean of the answered items (reverse ones recoded) of every scale, pupil and survey, of `recent` answers."""
    if answers.is_empty():
        none = pl.DataFrame(schema=SCORE)
        return ItemScores(none, none.select(SHEET), no_key=0)
    prepared = _prepared(key)
    summed = _summed(answers, prepared)
    sheets = summed.group_by(SHEET).agg(pl.max("first", "known_at", "tie"))
    known = sheets.join(prepared.select(FORM), on=FORM, how="semi")
    counting = newest(known, SURVEY, ("first", "known_at", "tie")).select(SHEET)
    answered = pl.col("answered")
    enough = (answered > 0) & (rules.answered_den * answered >= rules.answered_num * pl.col("items"))
    valid = summed.filter(enough).join(counting, on=SHEET, how="semi")
    scores = valid.rename({"points": "num", "answered": "den"}).with_columns(pl.col(_TEXT).cast(pl.String))
    return ItemScores(
        scores=scores.select(list(SCORE)),
        sheets=counting,
        no_key=sheets.height - known.height,
    )


def item_sources(answers: pl.DataFrame, key: pl.DataFrame, wanted: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """`wanted` (columns SHEET and scale_code) with the source of every answer used."""
    asked = answers.lazy().filter(pl.col("person").is_in(wanted["person"].unique().implode()))
    coded = wanted.lazy().with_columns(pl.col(_TEXT).cast(pl.Categorical))
    by_then = dated(asked).filter(pl.col("first") <= as_of).with_columns(_CODED)
    items = by_then.join(_prepared(key).lazy(), on=[*FORM, "item_code"])
    rows = _latest(items.join(coded, on=[*SHEET, "scale_code"], how="semi").collect())
    used = rows.filter(_ANSWERED).select(*SHEET, "scale_code", "source").unique()
    return wanted.join(used.with_columns(pl.col(_TEXT).cast(pl.String)), on=[*SHEET, "scale_code"])


def _prepared(key: pl.DataFrame) -> pl.DataFrame:
    """The key's items of known scales: its text as categories, how many items the scale has, the item's bit within it."""
    known = key.filter(pl.col("scale_code").is_in(SCALES)).unique()
    scale = (*FORM, "scale_code")
    place = pl.int_range(pl.len()).over(scale).clip(upper_bound=SPARE_BIT)
    return known.with_columns(
        pl.col(*FORM, "item_code").cast(pl.Categorical),
        pl.col("scale_code").cast(SCALE),
        items=pl.len().over(scale).cast(pl.Int64),
        bit=pl.lit(2, pl.Int64).pow(place),
    )


def _summed(answers: pl.DataFrame, key: pl.DataFrame) -> pl.DataFrame:
    """Points and answered items of every sheet and scale (null: items of no scale), an item counting once a sheet."""
    if answers.height < MANY:
        summed = _sum(answers.with_columns(_CODED), key)
    else:
        summed = _sum(answers.lazy().with_columns(_CODED), key.lazy()).collect(engine="streaming")
    repeated = summed.filter(pl.col("bits").bitwise_count_ones() != pl.col("rows"), pl.col("scale_code").is_not_null())
    if repeated.is_empty():
        return summed
    sheets = repeated.select(SHEET).unique()
    theirs = answers.lazy().with_columns(_CODED).join(sheets.lazy(), on=SHEET, how="semi").collect()
    return pl.concat([summed.join(sheets, on=SHEET, how="anti"), _sum(_latest(theirs), key)])


def _latest(rows: pl.DataFrame) -> pl.DataFrame:
    """Of several answers to one item of a sheet the latest."""
    return newest(rows, [*SHEET, "item_code"], ("first", "known_at", "tie", "source"))


def _sum(rows: Frame, key: Frame) -> Frame:
    points = pl.when("reverse").then(5 - pl.col("answer")).otherwise(pl.col("answer"))
    return (
        rows.join(key, on=[*FORM, "item_code"], how="left")
        .with_columns(_ANSWERED.alias("answered"))
        .with_columns(
            pl.when("answered").then(points).cast(pl.Int64).alias("points"),
            pl.when("answered").then(pl.col(_DATED)).name.keep(),  # a blank dates nothing
        )
        .group_by(*SHEET, "scale_code")
        .agg(
            pl.sum("points"),
            pl.sum("answered").cast(pl.Int64),
            pl.len().alias("rows"),
            pl.sum("bit").alias("bits"),
            pl.max("items", "tie", *_DATED),
            pl.when(pl.min("source") == pl.max("source")).then(pl.max("source")).alias("source"),
        )
    )
