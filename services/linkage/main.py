"""Links the city: numbers of one child to one random child_id, and households by the resident register."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from models.linkage import crosswalk, rule
from services.gate import Request, act
from services.linkage.households import record_households
from services.platform.bulk import copy_in, query_frame
from services.platform.database import Database
from services.platform.lock import exclusive
from services.platform.queries import queries
from services.platform.seal import give_seal

TIME = pl.Datetime("us", "UTC")
LINK = pl.Schema(
    {"person_key": pl.Int64(), "child_id": pl.String(), "basis": pl.String(), "op": pl.String(), "known_at": TIME}
)
REGISTER_BEGINS = date(1900, 1, 1)
ITEMS = (
    "resident.atena_no", "resident.name_kana", "resident.kana_confirmed", "resident.birth", "resident.addr_joined",
    "resident.setai_no", "resident.status", "oneroster_map.atena_no", "oneroster_map.pupil_no", "oneroster_map.sourced_id",
    "oneroster_map.uuid",
)  # fmt: skip


@dataclass(frozen=True)
class LinkReport:
    """Counts after the run: numbers of persons, children, links in force, pairs waiting, rows without a link by feed."""

    persons: int
    children: int
    links: int
    review: int
    unlinked: dict[str, int]

    def json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return asdict(self)


def link_city(database: Database) -> LinkReport:
    """Link every number that can be linked; what is linked already stays, what its row no longer says is withdrawn.

    Raises RefusedError where no approval covers linking today.
    """
    request = Request(act="link", items=ITEMS, classes=("children_0_18", "household_members", "pupils"))
    with exclusive(database, "linkage"), act(database, role="linkage", request=request) as permit:
        conn = permit.conn
        seal = give_seal(conn, "link")  # first, as every run does: what it reads is all that was sealed before
        known = _query(conn, "links", LINK)
        versions = _all_versions(conn, known)
        new = versions.join(known, on=list(LINK), how="anti", nulls_equal=True)
        pairs = _pairs(conn).filter(pl.col("why") != "sure")
        waiting = pairs.join(
            _query(conn, "reviews", {"left_key": pl.Int64(), "right_key": pl.Int64()}),
            on=["left_key", "right_key"],
            how="anti",
        )
        report = _report(conn, pl.concat([known, new]), pairs.height)
        decision = permit.record(detail={"links": new.height, "review": report.review})
        row = asdict(report) | {"seal": seal, "unlinked": Jsonb(report.unlinked), "decision": decision.id}
        conn.execute(queries("services.linkage")["give_run"], row)
        copy_in(conn, new.with_columns(seal=pl.lit(seal)), sql.Identifier("linkage", "link"), [*LINK, "seal"])
        copy_in(conn, waiting.select("left_key", "right_key", "agree", "why", seal=pl.lit(seal)), sql.Identifier("linkage", "review"),
                ["left_key", "right_key", "agree", "why", "seal"])  # fmt: skip
        record_households(conn, seal)
    return report


def _query(conn: Connection[Any], name: str, schema: Any, **params: Any) -> pl.DataFrame:
    return query_frame(conn, queries("services.linkage")[name], params, schema)


def _all_versions(conn: Connection[Any], known: pl.DataFrame) -> pl.DataFrame:
    """Every link version that the facts give now, with the child_id each number has or gets."""
    named = _query(conn, "children_named", {"person_key": pl.Int64(), "known_at": TIME})
    has = known.filter((pl.col("basis") == "self") & (pl.col("op") == "I")).select("person_key", "child_id")
    own = named.join(has, on="person_key", how="left").sort("known_at", "person_key")
    fresh = pl.Series([str(uuid.uuid4()) for _ in range(own["child_id"].null_count())], dtype=pl.String)
    missing = own.filter(pl.col("child_id").is_null()).with_columns(child_id=fresh)
    selves = pl.concat([own.drop_nulls("child_id"), missing]).select(
        "person_key", "child_id", pl.lit("self").alias("basis"), pl.lit("I").alias("op"), "known_at"
    )
    merged, children = _merge(conn, selves)
    rows = _query(conn, "crosswalk_versions", _CROSSWALK)
    crossed = (
        crosswalk.link_versions(rows)
        .join(children, left_on="atena_key", right_on="person_key")
        .select("person_key", "child_id", pl.format("crosswalk:{}", "record_key").alias("basis"), "op", "known_at")
    )
    return pl.concat([_first_known(selves, known), merged, crossed]).select(list(LINK))


def _first_known(selves: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """A number keeps the moment it was first named: later loads never make it known earlier or twice."""
    return selves.join(known.filter(pl.col("basis") == "self"), on="person_key", how="anti")


def _merge(conn: Connection[Any], selves: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Apply the sure pairs of the rule: the later number takes the child_id of the earlier one."""
    child = dict(zip(selves["person_key"].to_list(), selves["child_id"].to_list(), strict=True))
    links: list[dict[str, Any]] = []
    for pair in _pairs(conn).filter(pl.col("why") == "sure").sort("known_at").iter_rows(named=True):
        keep, give = child.get(pair["left_key"]), child.get(pair["right_key"])
        if keep is None or give is None or keep == give:
            continue
        moved = [key for key, value in child.items() if value == give]
        for key in moved:
            child[key] = keep
            links.append(
                {"person_key": key, "child_id": give, "basis": "self", "op": "D", "known_at": pair["known_at"]}
            )
            links.append(
                {"person_key": key, "child_id": keep, "basis": "rule", "op": "I", "known_at": pair["known_at"]}
            )
    children = pl.DataFrame(
        {"person_key": list(child), "child_id": list(child.values())},
        schema={"person_key": pl.Int64(), "child_id": pl.String()},
    )
    return pl.DataFrame(links, schema=LINK), children


_CROSSWALK = {
    "record_key": pl.Int64(), "op": pl.String(), "known_at": TIME, "seal": pl.Int64(), "source_batch_id": pl.String(),
    "event_time": TIME, "content_hash": pl.String(), "person_key": pl.Int64(), "pupil_key": pl.Int64(),
    "sourced_key": pl.Int64(), "uuid_key": pl.Int64(),
}  # fmt: skip


def _pairs(conn: Connection[Any]) -> pl.DataFrame:
    """The rule's pairs over children's stays in the resident register."""
    stays = _query(conn, "stays", _STAYS, born_after=REGISTER_BEGINS)
    plain = pl.DataFrame({"raw": pl.concat([stays["name_kana"], stays["addr_joined"]]).drop_nulls().unique()})
    folded = plain.with_columns(plain=pl.col("raw").map_elements(rule.plain, return_dtype=pl.String))
    here = pl.col("status") == "住民"
    people = (
        stays.join(folded, left_on="name_kana", right_on="raw", how="left").rename({"plain": "kana"})
        .join(folded, left_on="addr_joined", right_on="raw", how="left").rename({"plain": "address"})
        .sort("effective_from", "known_at")
        .group_by("person_key", maintain_order=True)
        .agg(
            pl.col("kana").last(), pl.col("birth").last(), pl.col("birth_precision").last().is_null().alias("birth_day"),
            pl.col("kana_confirmed").last().fill_null(False), pl.col("address").drop_nulls().unique().sort().alias("addresses"),
            pl.col("effective_from").filter(here).min().alias("first"),
            pl.when(pl.col("status").last() == "住民").then(pl.col("effective_to").last()).otherwise(pl.col("effective_from").last()).alias("last"),
            pl.col("known_at").max(),
        )
        .drop_nulls("first")
    )  # fmt: skip
    return rule.pairs(people)


_STAYS = {
    "person_key": pl.Int64(), "name_kana": pl.String(), "kana_confirmed": pl.Boolean(), "addr_joined": pl.String(),
    "birth": pl.Date(), "birth_precision": pl.String(), "status": pl.String(), "effective_from": pl.Date(),
    "effective_to": pl.Date(), "known_at": TIME,
}  # fmt: skip


def _report(conn: Connection[Any], versions: pl.DataFrame, review: int) -> LinkReport:
    newest = (
        versions.sort("known_at", "op")
        .group_by("person_key", "basis", maintain_order=True)
        .last()
        .filter(pl.col("op") == "I")
    )
    rows = _query(conn, "school_rows", {"feed": pl.String(), "pupil_key": pl.Int64(), "rows": pl.Int64()})
    without = (
        rows.join(newest, left_on="pupil_key", right_on="person_key", how="anti")
        .group_by("feed")
        .agg(pl.col("rows").sum())
        .sort("feed")
    )
    persons = conn.execute(queries("services.linkage")["persons"]).fetchone()
    assert persons is not None
    return LinkReport(
        persons=persons[0],
        children=newest["child_id"].n_unique(),
        links=newest["person_key"].n_unique(),
        review=review,
        unlinked=dict(without.iter_rows()),
    )
