"""One run computed: what it saw, what the kernel said, its canonical lines, root and manifest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
import rfc8785
from psycopg import Connection

from models import tlog
from models.judgement.kernel import Judged, judge
from models.judgement.line import leaf_hashes, lines
from models.judgement.norms import written as norms_written
from schemas.rules import RuleSet
from services.judgement.chain import Official, history_of, official_runs
from services.judgement.manifest import make_manifest
from services.judgement.snapshot import Snapshot, take_snapshot
from services.judgement.suspended import leave_out, suspended_digest
from services.platform.bulk import query_frame
from services.platform.queries import queries

BATCH = {
    "batch": pl.Int64(),
    "feed": pl.String(),
    "file": pl.String(),
    "digest": pl.String(),
    "by_events": pl.Boolean(),
}


@dataclass(frozen=True)
class Asked:
    """What a run is asked. known_at: None = all that is known at the run's own seal."""

    as_of: date
    known_at: datetime | None
    rules: RuleSet
    trial: bool


@dataclass(frozen=True)
class Computed:
    """A run before it is stored.

    lines:     child_id, line; in the order of the root's leaves
    leaves:    the hash of each line
    root:      over them
    norms:     the norm set in its canonical form
    manifest:  RFC 8785 JSON that names by digest everything the run depended on
    """

    asked: Asked
    seal: int
    known_at: datetime
    snapshot: Snapshot
    judged: Judged
    lines: pl.DataFrame
    leaves: list[bytes]
    root: bytes
    norms: bytes
    manifest: bytes

    @property
    def name(self) -> str:
        """As-of date and the beginning of the manifest's digest."""
        return f"{self.asked.as_of}-{hashlib.sha256(self.manifest).hexdigest()[:10]}"

    @property
    def status(self) -> str:
        """Trial, held by the guard, or official."""
        return "trial" if self.asked.trial else "held" if self.judged.held else "official"


def compute(
    conn: Connection[Any],
    asked: Asked,
    *,
    seal: int,
    chain: Sequence[Official] | None = None,
    norms: pl.DataFrame | None = None,
    partitions: int = 1,
    beside: Connection[Any] | None = None,
) -> Computed:
    """Compute a run under its seal; reads only.

    chain:      the official runs that hysteresis looks at; None = those that a run of this seal finds
    norms:      the norm set to judge against; None = the one of the rows that the run sees
    partitions: households are judged in so many parts; changes nothing of the answer
    beside:     a second connection that sees the same, to read over both at once
    """
    row = conn.execute("SELECT sealed_at FROM platform.seal WHERE seal = %s", (seal,)).fetchone()
    assert row is not None
    known_at: datetime = asked.known_at or row[0]
    snapshot = take_snapshot(conn, as_of=asked.as_of, seal=seal, known_at=known_at, rules=asked.rules, beside=beside)
    snapshot = leave_out(conn, snapshot, seal=seal)
    if chain is None:
        chain = official_runs(conn, as_of=asked.as_of, seal=seal, released_by=asked.known_at if asked.trial else None)
    history = history_of(conn, chain, snapshot.children)
    judged = judge(
        snapshot.facts, as_of=asked.as_of, rules=asked.rules, history=history, norms=norms, partitions=partitions
    )
    batches = query_frame(conn, queries("services.judgement")["batches"], {"seal": seal}, BATCH)
    written = lines(judged.judgements, judged.reasons, children=snapshot.children, sources=_sources(judged, batches))
    norm_set = norms_written(judged.norms)
    manifest = make_manifest(
        conn, rules=asked.rules, chain=chain, batches=batches, links=snapshot.links_digest, norms=norm_set
    )
    manifest["suspended"] = suspended_digest(snapshot.suspended)
    manifest |= {"as_of": asked.as_of.isoformat(), "known_at": known_at.isoformat(), "seal": seal}
    leaves = leaf_hashes(written["line"])
    body = rfc8785.dumps(manifest)
    return Computed(asked, seal, known_at, snapshot, judged, written, leaves, tlog.root(leaves), norm_set, body)


def _sources(judged: Judged, batches: pl.DataFrame) -> pl.DataFrame:
    """Every source of a reason by feed, digest of the file and line: the same in every installation."""
    used = judged.reasons.select("source").drop_nulls().unique()
    split = used.with_columns(batch=pl.col("source") // (1 << 32), line=pl.col("source") % (1 << 32))
    return split.join(batches, on="batch").select("source", "feed", pl.col("digest").alias("file"), "line")
