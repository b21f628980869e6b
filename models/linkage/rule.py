"""The one deterministic rule of linkage: kana, birth date and address of two numbers in the resident register.

A person who leaves the city and comes back may get a new 宛名番号. All three agree, one never lived here while the other did,
and nobody else fits: one person. Anything less sure waits for a person.
"""

import unicodedata

import polars as pl

PAIRS = pl.Schema(
    {
        "left_key": pl.Int64(),
        "right_key": pl.Int64(),
        "agree": pl.List(pl.String()),
        "why": pl.String(),
        "known_at": pl.Datetime("us", "UTC"),
    }
)
SMALL_KANA = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")  # registers write them large or small


def plain(text: str) -> str:
    """Text as the rule compares it: NFKC, no blanks, small kana large; hyphens and long marks as one."""
    folded = unicodedata.normalize("NFKC", text).upper().translate(SMALL_KANA)
    return "".join("-" if c in "‐‑–—―−ーｰ" else c for c in folded if not c.isspace())


def pairs(people: pl.DataFrame) -> pl.DataFrame:
    """Pairs of numbers that may be one person, each with what agrees.

    people:  one row a number and stay: person_key, kana (plain), birth, birth_day (False where imprecise), kana_confirmed,
             addresses (list of plain texts), first and last day lived here (last null = still), known_at of what it rests on
    returns left_key < right_key, agree, why (`sure` = link them), known_at (when both were known)

    Two who lived here at the same time are two persons, whatever agrees; only all three alike is worth a look then.
    """
    group = ["kana", "birth"]
    few = (
        people.drop_nulls(group)
        .filter((pl.col("kana") != "") & (pl.len().over(group) > 1))
        .sort(*group, "first", "person_key")
    )
    if few.is_empty():
        return pl.DataFrame(schema=PAIRS)
    other = [c for c in few.columns if c not in group]
    # neighbours in time are enough: in a chain of stays each return is compared with the stay before it
    near = few.with_columns(*(pl.col(c).shift(-1).over(group).alias(f"{c}_next") for c in other)).drop_nulls(
        "person_key_next"
    )
    same_address = pl.col("addresses").list.set_intersection("addresses_next").list.len() > 0
    apart = (pl.col("last").is_not_null() & (pl.col("last") <= pl.col("first_next"))).fill_null(False)
    alone = pl.len().over(group) == 1
    weak = ~(pl.col("kana_confirmed") & pl.col("kana_confirmed_next") & pl.col("birth_day") & pl.col("birth_day_next"))
    why = (
        pl.when(~apart)
        .then(pl.lit("overlapping_stay"))
        .when(weak)
        .then(pl.lit("unconfirmed"))
        .when(~same_address)
        .then(pl.lit("other_address"))
        .when(~alone)
        .then(pl.lit("several"))
        .otherwise(pl.lit("sure"))
    )
    return (
        near.with_columns(same_address.alias("same"), why.alias("why"))
        .filter(pl.col("same") | (pl.col("why") != "overlapping_stay"))
        .select(
            pl.min_horizontal("person_key", "person_key_next").alias("left_key"),
            pl.max_horizontal("person_key", "person_key_next").alias("right_key"),
            pl.when("same")
            .then(pl.lit(["kana", "birth", "address"]))
            .otherwise(pl.lit(["kana", "birth"]))
            .alias("agree"),
            "why",
            pl.max_horizontal("known_at", "known_at_next").alias("known_at"),
        )
        .sort("left_key", "right_key")
    )
