"""Scale scores that the surveyor computed, for scales that no key of ours describes (readings 16 and 22)."""

from datetime import date

import polars as pl

from models.judgement import days
from models.judgement.noncognitive.items import FORM, SCALE, SHEET, SURVEY
from schemas.rules.names import SCALES
from schemas.rules.sections import NoncognitiveRules

SCORE_UNIT = 1_000_000  # scores come in millionths


def result_scores(
    results: pl.DataFrame, key: pl.DataFrame, keyed: pl.DataFrame, *, as_of: date, rules: NoncognitiveRules
) -> pl.DataFrame:
    """Columns of ItemScores.scores: results dated up to `as_of` with enough items answered.

    A scale that the key has items of counts by items alone, whether these give a score or not: by the result's own form
    and key version, or by those of the pupil's answers (`keyed`).
    """
    answered, items = pl.col("answered"), pl.col("items")
    enough = (answered > 0) & (rules.answered_den * answered >= rules.answered_num * items)
    valid = (
        results.join(key, on=[*FORM, "scale_code"], how="anti")
        .filter(pl.col("scale_code").is_in(SCALES), pl.col("score").is_not_null(), enough)
        .with_columns(
            days.first("date").alias("first"), days.last("date").alias("last"), pl.col("scale_code").cast(SCALE)
        )
        .filter(pl.col("first") <= as_of)
        .join(keyed, on=[*SURVEY, "scale_code"], how="anti")
    )
    latest = valid.sort("first", "known_at", "tie", "source").unique(
        [*SURVEY, "scale_code"], keep="last", maintain_order=True
    )
    return latest.select(
        *SHEET,
        "scale_code",
        pl.col("score").alias("num"),
        pl.lit(SCORE_UNIT, pl.Int64).alias("den"),
        "first",
        "last",
        "known_at",
        "source",
    )
