"""Scale scores from answered items (readings 15, 16 and 22).

The largest frame of a run is here (about two million answers), so it is read once, by the streaming engine, with
categories in place of text. That no item is answered twice is seen from that same pass: each item of a scale adds a
power of two of its own, and only without repetition does the sum have as many bits as there are rows.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from models.judgement import days
from models.judgement.engine import engine_of
from schemas.rules.names import SCALES
from schemas.rules.sections import NoncognitiveRules

FORM = ("form_version", "key_version")
SURVEY = ("person", "survey_id", "fy")
SHEET = (*SURVEY, *FORM)
CATEGORIES = ("survey_id", *FORM, "item_code", "scale_code")
SCALE = pl.Enum(SCALES)
SPARE_BIT = 40  # the items of a scale beyond this many share a bit and are looked at for repetition one by one
_ANSWERED = pl.col("answer").is_between(1, 4).fill_null(False)


@dataclass(frozen=True, slots=True)
class ItemScores:
    """What the answers give.

    scores: person, survey_id, fy, form_version, key_version, scale_code (SCALE), num, den, first, last, known_at,
            source (null: several rows): the valid ones
    keyed:  person, survey_id, fy, scale_code of every scale that counts by items alone, valid or not
    no_key: answer sheets whose form and key version no key describes
    """

    scores: pl.DataFrame
    keyed: pl.DataFrame
    no_key: int


def item_scores(answers: pl.DataFrame, key: pl.DataFrame, *, as_of: date, rules: NoncognitiveRules) -> ItemScores:
    """Mean of the answered items (reverse ones recoded) of every scale, pupil and survey dated up to `as_of`."""
    key = _prepared(key)
    summed = _summed(answers, key, as_of=as_of)
    sheets = _sheets(summed)
    known = sheets.join(key.select(FORM).unique(), on=FORM, how="semi")
    counting = known.sort("first", "known_at", "tie").unique(SURVEY, keep="last", maintain_order=True)
    sizes = key.group_by(*FORM, "scale_code").agg(pl.len().cast(pl.Int64).alias("items"))
    keyed = counting.select(SHEET).join(sizes, on=FORM)
    enough = rules.answered_den * pl.col("answered") >= rules.answered_num * pl.col("items")
    valid = summed.join(keyed, on=[*SHEET, "scale_code"]).filter((pl.col("answered") > 0) & enough)
    return ItemScores(
        scores=_as_text(valid).select(
            *SHEET,
            "scale_code",
            pl.col("points").alias("num"),
            pl.col("answered").alias("den"),
            "first",
            "last",
            "known_at",
            "source",
        ),
        keyed=_as_text(keyed).select(*SURVEY, "scale_code"),
        no_key=sheets.height - known.height,
    )


def item_sources(answers: pl.DataFrame, key: pl.DataFrame, wanted: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """`wanted` (columns SHEET and scale_code) with the source of every answer used."""
    coded = wanted.with_columns(pl.col("survey_id", *FORM, "scale_code").cast(pl.Categorical))
    asked = answers.lazy().filter(pl.col("person").is_in(wanted["person"].unique().implode()))
    items = _coded(asked, as_of).join(_prepared(key).lazy(), on=[*FORM, "item_code"])
    rows = _latest(items.join(coded.lazy(), on=[*SHEET, "scale_code"], how="semi").collect())
    found = _as_text(rows.filter(_ANSWERED).select(*SHEET, "scale_code", "source").unique())
    return wanted.join(found, on=[*SHEET, "scale_code"])


def _prepared(key: pl.DataFrame) -> pl.DataFrame:
    """The key's items of known scales, each with its bit within the scale."""
    known = key.filter(pl.col("scale_code").is_in(SCALES)).unique().sort(*FORM, "scale_code", "item_code")
    place = pl.int_range(pl.len()).over(*FORM, "scale_code").clip(upper_bound=SPARE_BIT)
    bit = pl.lit(2, pl.Int64).pow(place).alias("bit")
    return known.with_columns(bit).with_columns(pl.col(*FORM, "item_code", "scale_code").cast(pl.Categorical))


def _coded(answers: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Answers dated up to `as_of`, with categories in place of text."""
    dated = answers.with_columns(days.first("date").alias("first"), days.last("date").alias("last"))
    text = [name for name in CATEGORIES if name != "scale_code"]
    return dated.filter(pl.col("first") <= as_of).with_columns(pl.col(text).cast(pl.Categorical))


def _summed(answers: pl.DataFrame, key: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Points and answered items of every sheet and scale (null: items of no scale), an item counting once a sheet."""
    rows = _coded(answers.lazy(), as_of)
    summed = _sum(rows, key).collect(engine=engine_of(answers))
    repeated = summed.filter(pl.col("bits").bitwise_count_ones() != pl.col("rows"), pl.col("scale_code").is_not_null())
    if repeated.is_empty():
        return summed
    sheets = repeated.select(SHEET).unique()
    latest = _latest(rows.join(sheets.lazy(), on=SHEET, how="semi").collect())
    return pl.concat([summed.join(sheets, on=SHEET, how="anti"), _sum(latest.lazy(), key).collect()])


def _latest(rows: pl.DataFrame) -> pl.DataFrame:
    """Of several answers to one item of a sheet the latest."""
    ordered = rows.sort("first", "known_at", "tie", "source")
    return ordered.unique([*SHEET, "item_code"], keep="last", maintain_order=True)


def _sum(rows: pl.LazyFrame, key: pl.DataFrame) -> pl.LazyFrame:
    points = pl.when("reverse").then(5 - pl.col("answer")).otherwise(pl.col("answer"))
    return (
        rows.join(key.lazy(), on=[*FORM, "item_code"], how="left")
        .with_columns(
            pl.when(_ANSWERED).then(points).otherwise(0).cast(pl.Int64).alias("points"),
            _ANSWERED.cast(pl.Int64).alias("answered"),
            pl.lit(1, pl.Int64).alias("rows"),
        )
        .group_by(*SHEET, "scale_code")
        .agg(
            pl.sum("points", "answered", "rows"),
            pl.sum("bit").alias("bits"),
            pl.max("tie"),
            # a blank dates nothing
            *(pl.when(_ANSWERED).then(name).max().alias(name) for name in ("first", "last", "known_at")),
            pl.when(pl.min("source") == pl.max("source")).then(pl.max("source")).alias("source"),
        )
    )


def _sheets(summed: pl.DataFrame) -> pl.DataFrame:
    return summed.group_by(SHEET).agg(pl.max("first", "known_at", "tie"))


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Text again where _coded put categories; the scale as SCALE."""
    text = [name for name in ("survey_id", *FORM) if name in frame.columns]
    return frame.with_columns(pl.col(text).cast(pl.String), pl.col("scale_code").cast(pl.String).cast(SCALE))
