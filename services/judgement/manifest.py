"""A run's manifest: by digest, everything it depended on, so that it can be computed again years later."""

import hashlib
import sys
from collections.abc import Sequence
from typing import Any

import polars as pl
from psycopg import Connection

from schemas.rules import RuleSet
from services.judgement.chain import Official
from services.platform.build import code_version


def make_manifest(
    conn: Connection[Any], *, rules: RuleSet, chain: Sequence[Official], batches: pl.DataFrame, links: str, norms: bytes
) -> dict[str, Any]:
    """All but as-of, known-at and seal.

    batches:  batch, feed, file, digest, by_events of every batch the run could see
    links:    digest of the links it saw
    norms:    the norm set in its canonical form
    """
    return {
        "v": 1,
        "rules": {"version": rules.version, "digest": rules.digest()},
        "code": code_version(),
        "engines": {"python": sys.version.split()[0], "polars": pl.__version__, "postgresql": conn.info.server_version},
        "batches": named(batches),
        "links": links,
        "norms": hashlib.sha256(norms).hexdigest(),
        "chain": [{"as_of": each.as_of.isoformat(), "run": each.run, "root": each.root} for each in chain],
    }


def named(batches: pl.DataFrame) -> list[dict[str, Any]]:
    """Each file by its digest; of a feed's events, which are batches without number, all by one. In the order of batches."""
    files = batches.filter(~pl.col("by_events")).select("feed", "digest").to_dicts()
    events = batches.filter("by_events").group_by("feed", maintain_order=True).agg("digest")
    together = [
        {"feed": feed, "events": len(digests), "digest": hashlib.sha256("".join(digests).encode()).hexdigest()}
        for feed, digests in events.iter_rows()
    ]
    return [*files, *together]
