"""速報: what the rules say today of the households that new facts touch, between two official runs.

It stands on the norm set of the last official run and looks at the chain of official runs like a run of its day would; it enters
no chain itself, and only an official run or a person changes a rank. The capacity guard is a run's alone.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl
from psycopg import Connection

from models.judgement.facts import Facts
from models.judgement.kernel import judge
from models.judgement.line import leaf_hashes, lines
from services.gate import Decision
from services.judgement.chain import Official
from services.judgement.ground import Ground
from services.judgement.nearby import frames_of
from services.judgement.reach import ALWAYS, Reach
from services.judgement.snapshot import Snapshot, missing
from services.judgement.store import Said, keep_said
from services.judgement.suspended import leave_out
from services.platform.bulk import fetch_frame
from services.platform.queries import queries

_SAID = {"run": pl.String(), "child_id": pl.String(), "raw_category": pl.String()}
_BATCH = {"batch": pl.Int64(), "feed": pl.String(), "digest": pl.String()}


def judge_reach(conn: Connection[Any], ground: Ground, reach: Reach) -> Said:
    """Judge the children of the households in reach; reads only. What touches everybody is a run's to judge, on norms of its own.

    For the seal, norm set and chain of a run of the same day, each child's line is the one in that run.
    """
    facts = Facts({**frames_of(conn, reach), **ground.references}, missing(conn, seal=reach.seal, known_at=ALWAYS))
    snapshot = leave_out(conn, Snapshot(facts, reach.children, links_digest=""), seal=reach.seal)
    judged = judge(
        snapshot.facts,
        as_of=ground.as_of,
        rules=ground.rules,
        history=_history(conn, ground.chain, snapshot.children),
        norms=ground.norms,
        within=reach.households,
    )
    written = lines(
        judged.judgements, judged.reasons, children=snapshot.children, sources=_sources(conn, judged.reasons)
    )
    return Said(judged, snapshot.children, written, leaf_hashes(written["line"]))


def store_provisional(
    conn: Connection[Any], ground: Ground, said: Said, *, read: int, seal: int, decision: Decision
) -> None:
    """Keep what was said under an event's seal, in the transaction of its decision. read: the seal that was judged at."""
    keep_said(conn, said)
    row = {
        "seal": seal, "as_of": ground.as_of, "run": ground.run, "rules": ground.rules.version, "read_seal": read,
        "decision": decision.id,
    }  # fmt: skip
    conn.execute(queries("services.judgement")["add_provisional"], row)
    conn.execute(queries("services.judgement")["add_provisional_lines"], {"seal": seal, "leaves": said.leaves})


def _history(conn: Connection[Any], chain: Sequence[Official], children: pl.DataFrame) -> list[pl.DataFrame]:
    """What each run of the chain said of these children before hysteresis: person, raw_category."""
    asked = {"runs": [each.run for each in chain], "children": children["child_id"].to_list()}
    said = fetch_frame(conn, queries("services.judgement")["raw_categories_of"], asked, _SAID)
    persons = said.join(children, on="child_id")
    return [persons.filter(pl.col("run") == each.run).select("person", "raw_category") for each in chain]


def _sources(conn: Connection[Any], reasons: pl.DataFrame) -> pl.DataFrame:
    """Every source of a reason by feed, digest of the file and line."""
    used = reasons.select("source").drop_nulls().unique()
    split = used.with_columns(batch=pl.col("source") // (1 << 32), line=pl.col("source") % (1 << 32))
    asked = {"batches": split["batch"].unique().to_list()}
    batches = fetch_frame(conn, queries("services.judgement")["batches_of"], asked, _BATCH)
    return split.join(batches, on="batch").select("source", "feed", pl.col("digest").alias("file"), "line")
