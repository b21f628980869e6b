"""The resident register as its office keeps it: one full row a change, and the names and places in force after it."""

from datetime import date, datetime, time

import numpy as np
import polars as pl

from services.synth.chance import NEVER, flags, recorded, stream
from services.synth.families import Town
from services.synth.names import draw_given, draw_surnames, families_abroad, given_abroad, load_names
from services.synth.numbers import shuffled_serials, with_modulus11
from services.synth.params import CITY_CODE
from services.synth.persons import NUMBER_WIDTH, known_birth

HOUSEHOLDS_A_FAMILY = 4  # stage 0 first home, 1 mother's after leaving, 2 after remarriage, 3 father's own
ADDRESSES_A_FAMILY = 8  # up to five moves; 7 is the father's own
SEPARATED_FATHER = (pl.col("role") == "father") & (pl.col("day") >= pl.col("divorced"))


def end_of(day: date) -> datetime:
    """The last moment of a day."""
    return datetime.combine(day, time.max)


def make_resident_rows(town: Town, persons: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Every change of every person up to the town's last day.

    pid, fam, role, kind, day, rireki_no, why, status, head, zokugara, setai, address, surname, event_time

    setai, address: indexes, HOUSEHOLDS_A_FAMILY and ADDRESSES_A_FAMILY of each family
    surname: stage; 0 the first, 1 the mother's own, 2 the step-father's
    """
    rng = stream(seed, "residents")
    changes = pl.concat(
        [_changes(town, persons, kind) for kind in ("entry", "move1", "move2", "divorced", "remarried", "end")]
    )
    changes = changes.join(
        town.families.drop("first_birth", "country", "hardship"), on="fam", how="left", maintain_order="left"
    )
    rows = _with_state(changes).sort("pid", "day", "rank")
    # The last papers are entered on the last day: nobody living here then is missing from the register.
    rows = rows.with_columns(recorded(rng, rows["day"], 0, 6).clip(upper_bound=end_of(town.until)))
    return rows.with_columns(rireki_no=pl.int_range(1, pl.len() + 1).over("pid"))


def _changes(town: Town, persons: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The persons whom one kind of event touches while they are in the register."""
    here = persons.join(
        town.families.select("fam", "move1", "move2", "divorced", "remarried", "father_stays"), on="fam", how="left"
    )
    column = {"entry": "start"}.get(kind, kind)
    rank = ("entry", "move1", "move2", "divorced", "remarried", "end").index(kind)
    inside = (pl.col("day") > pl.col("start")) & (pl.col("day") < pl.col("end"))
    father = pl.col("role") == "father"
    touched = {
        "entry": pl.col("start") < NEVER,
        "move1": inside & ~(father & (pl.col("divorced") <= pl.col("day"))),
        "move2": inside & ~(father & (pl.col("divorced") <= pl.col("day"))),
        "divorced": inside & (pl.col("role") != "stepfather"),
        "remarried": inside & pl.col("role").is_in(["mother", "child", "grandmother"]),
        "end": (pl.col("start") < NEVER) & ~(father & ~pl.col("father_stays") & (pl.col("divorced") < pl.col("day"))),
    }[kind]
    gone_before = father & ~pl.col("father_stays") & (pl.col("divorced") <= pl.col("start"))
    table = here.with_columns(day=pl.col(column)).filter(touched & ~gone_before & (pl.col("day") <= town.until))
    return table.select("pid", "fam", "role", "born", "day", "start", "died", kind=pl.lit(kind), rank=pl.lit(rank))


def _with_state(changes: pl.DataFrame) -> pl.DataFrame:
    """What the register says after each change."""
    after_divorce, after_remarriage = pl.col("day") >= pl.col("divorced"), pl.col("day") >= pl.col("remarried")
    moves_until = pl.when(SEPARATED_FATHER).then("divorced").otherwise("day")
    moves = (pl.col("move1") <= moves_until).cast(pl.Int64) + (pl.col("move2") <= moves_until).cast(pl.Int64)
    own_way = (after_divorce & pl.col("mother_leaves")).cast(pl.Int64) + after_remarriage.cast(pl.Int64)
    with_mother = pl.when(after_remarriage).then(2).when(after_divorce & pl.col("mother_leaves")).then(1).otherwise(0)
    father_moves_out = SEPARATED_FATHER & ~pl.col("mother_leaves")
    return changes.with_columns(
        setai=pl.col("fam") * HOUSEHOLDS_A_FAMILY
        + pl.when(father_moves_out).then(3).when(SEPARATED_FATHER).then(0).otherwise(with_mother),
        address=pl.col("fam") * ADDRESSES_A_FAMILY
        + pl.when(father_moves_out).then(7).when(SEPARATED_FATHER).then(moves).otherwise(moves + own_way),
        surname=pl.when(pl.col("role").is_in(["father", "grandmother"])).then(0)
        .when(pl.col("role") == "stepfather").then(2)
        .when(after_remarriage).then(2).when(after_divorce & pl.col("reverts")).then(1).otherwise(0),
        head=_head(after_divorce, after_remarriage),
        zokugara=_relation(after_divorce, after_remarriage),
        status=_status(),
        why=_reason(),
    )  # fmt: skip


def _head(after_divorce: pl.Expr, after_remarriage: pl.Expr) -> pl.Expr:
    mother_heads = pl.col("lone") | after_divorce
    return (
        pl.when(pl.col("role") == "mother").then(mother_heads & ~after_remarriage)
        .when(pl.col("role") == "father").then(pl.lit(True))
        .otherwise(pl.col("role") == "stepfather")
    )  # fmt: skip


def _relation(after_divorce: pl.Expr, after_remarriage: pl.Expr) -> pl.Expr:
    """続柄 to the head of the household."""
    mother_heads = (pl.col("lone") | after_divorce) & ~after_remarriage
    return (
        pl.when(pl.col("role").is_in(["father", "stepfather"])).then(pl.lit("世帯主"))
        .when(pl.col("role") == "mother").then(pl.when(mother_heads).then(pl.lit("世帯主")).otherwise(pl.lit("妻")))
        .when(pl.col("role") == "grandmother").then(pl.when(mother_heads).then(pl.lit("母")).otherwise(pl.lit("妻の母")))
        .when(after_remarriage).then(pl.lit("妻の子"))
        .otherwise(pl.lit("子"))
    )  # fmt: skip


def _status() -> pl.Expr:
    father_goes = (pl.col("kind") == "divorced") & SEPARATED_FATHER & ~pl.col("father_stays")
    return (
        pl.when((pl.col("kind") == "end") & (pl.col("day") == pl.col("died"))).then(pl.lit("死亡"))
        .when((pl.col("kind") == "end") | father_goes).then(pl.lit("転出"))
        .otherwise(pl.lit("住民"))
    )  # fmt: skip


def _reason() -> pl.Expr:
    """異動事由 of the row, from what happened and to whom."""
    kind = pl.col("kind")
    born_here = pl.col("day") == pl.col("born")
    moves_home = pl.when(pl.col("role") == "father").then(~pl.col("mother_leaves")).otherwise(pl.col("mother_leaves"))
    return (
        pl.when(kind == "entry").then(pl.when(born_here).then(pl.lit("出生")).otherwise(pl.lit("転入")))
        .when(kind.is_in(["move1", "move2"])).then(pl.lit("転居"))
        .when((kind == "end") & (pl.col("day") == pl.col("died"))).then(pl.lit("死亡"))
        .when(kind == "end").then(pl.lit("転出"))
        .when(kind == "remarried").then(pl.lit("世帯合併"))
        .when((pl.col("role") == "father") & ~pl.col("father_stays")).then(pl.lit("転出"))
        .when(moves_home).then(pl.lit("転居"))
        .otherwise(pl.lit("世帯変更"))
    )  # fmt: skip


def setai_numbers(town: Town, seed: int) -> pl.DataFrame:
    """世帯番号 of every possible household of every family: setai, setai_no."""
    n = town.families.height * HOUSEHOLDS_A_FAMILY
    serials = shuffled_serials(stream(seed, "households"), n, 20_000_000)
    return pl.DataFrame({"setai": np.arange(n), "setai_no": with_modulus11(serials, NUMBER_WIDTH)})


def surnames_of_families(town: Town, seed: int) -> pl.DataFrame:
    """The surnames of a family, one row a stage: fam, surname (0–2), family_name, family_kana."""
    rng, names = stream(seed, "surnames"), load_names()
    written, kana = draw_surnames(rng, names, town.families.height * 3)
    return pl.DataFrame({
        "fam": np.repeat(town.families["fam"].to_numpy(), 3),
        "surname": np.tile(np.arange(3), town.families.height),
        "family_name": written,
        "family_kana": kana,
    })  # fmt: skip


def person_names(town: Town, persons: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Given names, and for foreign residents the whole name.

    pid, given, given_kana, name_alpha, abroad_kana, abroad_kanji, uses_alias
    """
    rng, names = stream(seed, "given names"), load_names()
    written, kana = draw_given(rng, names, (persons["sex"] == "1").to_numpy())
    abroad = given_abroad(rng.integers(0, 1000, persons.height))
    table = persons.select("pid", "fam").with_columns(
        abroad, given=written, given_kana=kana, uses_alias=flags(rng, persons.height, 0.3)
    )
    families = _abroad_of_families(rng, town.families)
    return table.join(families, on="fam", how="left", maintain_order="left").select(
        "pid",
        "given",
        "given_kana",
        "uses_alias",
        name_alpha=pl.format("{} {}", "alpha", "given_alpha"),
        abroad_kana=pl.format("{}　{}", "kana", "given_abroad_kana"),
        abroad_kanji=pl.format("{}　{}", "kanji", "given_abroad_kanji"),
    )


def _abroad_of_families(rng: np.random.Generator, families: pl.DataFrame) -> pl.DataFrame:
    """One foreign family name a foreign family: fam, alpha, kana, kanji."""
    choices = families_abroad().with_columns(pick=pl.int_range(pl.len()).over("country"), size=pl.len().over("country"))
    drawn = families.select("fam", "country", draw=pl.Series(rng.integers(0, 1000, families.height))).drop_nulls(
        "country"
    )
    sized = drawn.join(
        choices.select("country", "size").unique(maintain_order=True), on="country", how="left", maintain_order="left"
    )
    picked = sized.with_columns(pick=pl.col("draw") % pl.col("size")).join(
        choices, on=["country", "pick"], how="left", maintain_order="left"
    )
    return picked.select("fam", "alpha", "kana", "kanji")


def resident_feed(
    town: Town, persons: pl.DataFrame, rows: pl.DataFrame, addresses: pl.DataFrame, seed: int
) -> pl.DataFrame:
    """Feed 1 in the contract's columns."""
    rng = stream(seed, "resident feed")
    table = (
        rows.drop("born")
        .join(
            persons.select("pid", "born", "precision", "sex", "atena_no"), on="pid", how="left", maintain_order="left"
        )
        .join(setai_numbers(town, seed), on="setai", how="left", maintain_order="left")
        .join(addresses, on="address", how="left", maintain_order="left")
        .join(surnames_of_families(town, seed), on=["fam", "surname"], how="left", maintain_order="left")
        .join(person_names(town, persons, seed), on="pid", how="left", maintain_order="left")
    )
    unsure = pl.Series(flags(rng, persons.height, 0.05)).gather(table["pid"])
    abroad = pl.col("name_alpha").is_not_null()
    japanese_name = pl.format("{}　{}", "family_name", "given")
    return table.select(
        "event_time", "atena_no", "rireki_no", "setai_no",
        name_kanji=pl.when(abroad).then(pl.coalesce("abroad_kanji", "name_alpha")).otherwise(japanese_name),
        name_kana=pl.when(abroad).then("abroad_kana").otherwise(pl.format("{}　{}", "family_kana", "given_kana")),
        kana_confirmed=~(unsure | (abroad & (pl.col("pid") % 5 < 2))),
        common_name=pl.when(abroad & pl.col("uses_alias")).then(japanese_name),
        name_alpha="name_alpha",
        birth=known_birth(pl.col("born"), pl.col("precision")),
        birth_precision="precision",
        sex="sex",
        lg_code=pl.lit(CITY_CODE),
        machiaza_id="machiaza_id", addr_joined="addr_joined", addr_banchi="addr_banchi", addr_kata="addr_kata",
        zokugara="zokugara",
        jumin_shubetsu=pl.when(abroad).then(pl.lit("外国人")).otherwise(pl.lit("日本人")),
        status="status", ido_jiyu="why", ido_date="day",
    )  # fmt: skip


def household_feed(town: Town, persons: pl.DataFrame, rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Feed 2 in the contract's columns: each person's spells in a household; a guardian has one row a child."""
    rng = stream(seed, "household feed")
    spells = (
        rows.with_columns(until=pl.col("day").shift(-1).over("pid"))
        .filter(pl.col("status") == "住民")
        .group_by("pid", "fam", "setai", "head", "zokugara", "role", maintain_order=True)
        .agg(effective_from=pl.col("day").min(), effective_to=pl.col("until").last() - pl.duration(days=1))
    )
    children = spells.filter(pl.col("role") == "child").select("setai", child="pid", child_from="effective_from")
    grown = spells.filter(pl.col("role").is_in(["mother", "father", "stepfather"]))
    guardians = grown.join(children, on="setai", how="left", maintain_order="left").with_columns(
        effective_from=pl.max_horizontal("effective_from", "child_from")
    )
    ended_before = pl.col("effective_to").is_not_null() & (pl.col("effective_to") < pl.col("effective_from"))
    others = spells.filter(~pl.col("role").is_in(["mother", "father", "stepfather"]))
    table = pl.concat([guardians.filter(~ended_before), others], how="diagonal").sort(
        "setai", "pid", "child", "effective_from", nulls_last=True, maintain_order=True
    )
    table = table.unique(["setai", "pid", "child", "effective_from", "head", "zokugara"], maintain_order=True)
    number = persons["atena_no"]
    latest = pl.max_horizontal("effective_from", "effective_to")
    table = table.with_columns(latest=latest).with_columns(recorded(rng, table.select(latest).to_series(), 0, 0))
    return table.join(setai_numbers(town, seed), on="setai", how="left", maintain_order="left").select(
        "event_time", "effective_from", "effective_to", "setai_no", "head", "zokugara",
        atena_no=number.gather(table["pid"]),
        guardian_of=number.gather(table["child"]),
    )  # fmt: skip
