"""Scale scores that the surveyor computed, for scales that no key of ours describes (readings 16 and 22)."""

import polars as pl

from models.judgement.newest import newest
from models.judgement.noncognitive.items import FORM, SCALE, SCORE, SURVEY
from schemas.rules.names import SCALES
from schemas.rules.sections import NoncognitiveRules

SCORE_UNIT = 1_000_000  # scores come in millionths


def result_scores(
    results: pl.DataFrame, key: pl.DataFrame, sheets: pl.DataFrame, rules: NoncognitiveRules
) -> pl.DataFrame:
    """Columns of SCORE: `recent` results with enough items answered.

    A scale that the key has items of counts by items alone, whether these give a score or not: by the result's own form
    and key version, or by those of the answers that count for the survey (`sheets`).
    """
    if results.is_empty():
        return pl.DataFrame(schema=SCORE)
    answered, items = pl.col("answered"), pl.col("items")
    enough = (answered > 0) & (rules.answered_den * answered >= rules.answered_num * items)
    given = results.filter(pl.col("scale_code").is_in(SCALES), pl.col("score").is_not_null(), enough)
    keyed = sheets.cast({pl.Categorical: pl.String}).join(key.select(*FORM, "scale_code"), on=FORM)
    by_results = given.join(key, on=[*FORM, "scale_code"], how="anti").join(
        keyed, on=[*SURVEY, "scale_code"], how="anti"
    )
    valid = by_results.rename({"score": "num"}).with_columns(
        pl.col("scale_code").cast(SCALE), den=pl.lit(SCORE_UNIT, pl.Int64)
    )
    return newest(valid, [*SURVEY, "scale_code"], ("first", "known_at", "tie", "source")).select(list(SCORE))
