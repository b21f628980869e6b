"""Links out of the crosswalk (宛名番号 ↔ 児童生徒番号, sourced_id, uuid): one version of a link for each version of its row.

A row that is corrected or deleted withdraws what it linked, from its own known-at on; so a run that asks what was known
at T finds the links of T, also where all versions came in one load.
"""

import polars as pl

NUMBERS = ("pupil_key", "sourced_key", "uuid_key")
ORDER = ("known_at", "seal", "op_rank", "source_batch_id", "event_time", "content_hash")  # reading 2 of the rules
OP_RANK = {"I": 0, "U": 1, "D": 2}

VERSIONS = pl.Schema(
    {
        "person_key": pl.Int64(),
        "atena_key": pl.Int64(),
        "record_key": pl.Int64(),
        "op": pl.String(),
        "known_at": pl.Datetime("us", "UTC"),
    }
)


def link_versions(rows: pl.DataFrame) -> pl.DataFrame:
    """All versions of all links that the crosswalk's rows give.

    rows:  every version of facts.oneroster_map with its known_at and seal, in any order
    returns person_key (of a school number), atena_key (the 宛名番号 it is linked to), record_key, op (I or D), known_at;
    a version replaced at the very moment it became known is left out
    """
    ordered = rows.with_columns(pl.col("op").replace_strict(OP_RANK, return_dtype=pl.Int8).alias("op_rank")).sort(
        "record_key", *ORDER
    )
    shown = ordered.filter(
        (pl.col("record_key").shift(-1) != pl.col("record_key")).fill_null(True)
        | (pl.col("known_at").shift(-1) != pl.col("known_at"))
    )
    keys = ["record_key", "number"]
    long = shown.select("record_key", "known_at", "op", pl.col("person_key").alias("atena_key"), *NUMBERS).unpivot(
        on=NUMBERS, index=["record_key", "known_at", "op", "atena_key"], variable_name="number", value_name="person_key"
    )
    live = long.with_columns(
        pl.when((pl.col("op") != "D") & pl.col("atena_key").is_not_null())
        .then(pl.col("person_key"))
        .alias("person_key")
    ).sort(*keys, "known_at")
    before = live.with_columns(
        pl.col("person_key").shift(1).over(keys).alias("old_key"),
        pl.col("atena_key").shift(1).over(keys).alias("old_atena"),
    )
    changed = before.filter(
        pl.col("person_key").ne_missing(pl.col("old_key"))
        | (pl.col("person_key").is_not_null() & pl.col("atena_key").ne_missing(pl.col("old_atena")))
    )
    given = changed.filter(pl.col("person_key").is_not_null()).select(
        "person_key", "atena_key", "record_key", pl.lit("I").alias("op"), "known_at"
    )
    withdrawn = changed.filter(
        pl.col("old_key").is_not_null() & pl.col("person_key").ne_missing(pl.col("old_key"))
    ).select(
        pl.col("old_key").alias("person_key"),
        pl.col("old_atena").alias("atena_key"),
        "record_key",
        pl.lit("D").alias("op"),
        "known_at",
    )
    return pl.concat([given, withdrawn]).cast(VERSIONS).sort("person_key", "record_key", "known_at", "op")
