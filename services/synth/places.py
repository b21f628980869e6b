"""Places that do not exist: towns, addresses and the schools whose districts they form."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from services.synth.chance import Ints, flags
from services.synth.numbers import school_code
from services.synth.params import CITY_NAME

TOWNS = (
    "見守台", "若葉町", "桜ケ丘", "みどり野", "旭町", "千歳町", "清水谷", "竹ノ内", "白鷺", "緑が丘",
    "南花園", "北花園", "稲荷山", "大瀧町", "星見台", "萱原", "松風町", "青葉台", "春日野", "神明町",
)  # fmt: skip
BUILDINGS = ("コーポ若葉", "市営住宅", "グランメゾン見守", "㈱みまもり社宅", "ハイツ髙台", "メゾン桜", "第二白鷺荘")
CHILDREN_A_PRIMARY = 2000  # children 0–18 a primary school serves
CHILDREN_A_JUNIOR = 3800
LINE_BREAK_EVERY = 41  # addresses; prime, so that every kind of address is met


@dataclass(frozen=True)
class Schools:
    """Public school codes, and the district school of each town (by index into TOWNS)."""

    primary: tuple[str, ...]
    junior: tuple[str, ...]
    primary_of_town: Ints
    junior_of_town: Ints


def make_schools(children: int) -> Schools:
    """As many schools as so many children need: 13 primary and 7 junior for 27,000."""
    primary = min(13, max(1, round(children / CHILDREN_A_PRIMARY)))
    junior = min(7, max(1, round(children / CHILDREN_A_JUNIOR)))
    town = np.arange(len(TOWNS))
    return Schools(
        primary=tuple(school_code("B1", 9_900_001 + 13 * i) for i in range(primary)),
        junior=tuple(school_code("C1", 9_900_002 + 17 * i) for i in range(junior)),
        primary_of_town=town % primary,
        junior_of_town=town % junior,
    )


def draw_addresses(rng: np.random.Generator, n: int) -> pl.DataFrame:
    """`n` addresses by `address` (0 … n − 1): town index, machiaza_id, addr_banchi, addr_kata, addr_joined.

    A few addresses hold a line break before the building, as clerks type them.
    """
    town = rng.integers(0, len(TOWNS), n)
    chome = rng.integers(1, 6, n)
    banchi = pl.DataFrame({"a": rng.integers(1, 40, n), "b": rng.integers(1, 30, n)})
    in_building = flags(rng, n, 0.4)
    kata = pl.DataFrame({
        "name": pl.Series(BUILDINGS).gather(rng.integers(0, len(BUILDINGS), n)),
        "wing": pl.Series(["", "①号棟", "②号棟", "Ａ棟"]).gather(rng.integers(0, 4, n)),
        "room": rng.integers(1, 8, n) * 100 + rng.integers(1, 13, n),
    })  # fmt: skip
    machiaza = pl.DataFrame({"town": town + 1, "chome": chome}).select(
        pl.col("town").cast(pl.String).str.zfill(4) + pl.col("chome").cast(pl.String).str.zfill(3)
    )
    building = kata.select(pl.format("{}{}{}号室", "name", "wing", "room")).to_series()
    table = pl.DataFrame({"address": np.arange(n), "town": town, "chome": chome}).with_columns(
        machiaza_id=machiaza.to_series(),
        addr_banchi=banchi.select(pl.format("{}番{}号", "a", "b")).to_series(),
        addr_kata=pl.when(pl.Series(in_building)).then(building),
        town_name=pl.Series(TOWNS).gather(town),
    )
    street = pl.format("見守県{}{}{}丁目{}", pl.lit(CITY_NAME), "town_name", "chome", "addr_banchi")
    gap = pl.when(pl.col("address") % LINE_BREAK_EVERY == 7).then(pl.lit("\n")).otherwise(pl.lit("　"))
    joined = street + (gap + pl.col("addr_kata")).fill_null("")
    return table.with_columns(addr_joined=joined).drop("chome", "town_name")
