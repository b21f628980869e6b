"""The canonical line of each child: what a run's digest is over, and what a proof of one judgement shows.

A line is RFC 8785 JSON (keys sorted, no spaces, UTF-8) of codes and whole numbers, without sentences: scores in tenths,
days as ISO text. Sources are named by feed, digest of the file, and line in it, so that the same files give the same
line in every installation.
"""

from collections.abc import Iterable

import polars as pl

from models import tlog
from models.judgement.kernel import SCALE_COLUMNS
from models.judgement.reasons import PARAMETERS

RESULTS = (
    "absence", "category", "change", "d1", "d2", "data_check", "economic", "learning", "noncognitive", "nurturing",
    "poverty", "raw_category", "t", "w",
)  # fmt: skip


def lines(
    judgements: pl.DataFrame, reasons: pl.DataFrame, *, children: pl.DataFrame, sources: pl.DataFrame
) -> pl.DataFrame:
    """child_id, line (String) of every child, by child_id.

    judgements, reasons: of one run, as the kernel gives them
    children:            person, child_id (String): every judged person, once
    sources:             source, feed (String), file (String: its digest), line (Int64): every source of a reason, once
    """
    by_child = _reasons_of_children(reasons, sources)
    scales = pl.struct(pl.col(column).alias(column.removeprefix("t_")) for column in sorted(SCALE_COLUMNS))
    columns = {**{name: pl.col(name) for name in RESULTS}, "child_id": pl.col("child_id"), "scales": scales}
    columns["reasons"] = pl.col("reasons").fill_null([])
    rows = judgements.join(children, on="person").join(by_child, on="person", how="left").sort("child_id")
    body = pl.struct(columns[name].alias(name) for name in sorted(columns))
    return rows.select("child_id", line=body.struct.json_encode())


def run_root(lines: Iterable[str]) -> bytes:
    """The Merkle root over a run's lines in order of child_id, 32 bytes."""
    return tlog.root(leaf_hashes(lines))


def leaf_hashes(lines: Iterable[str]) -> list[bytes]:
    """The hash of each line as a leaf, 32 bytes: what is left of a line that was erased."""
    return [tlog.leaf_hash(line.encode()) for line in lines]


def _reasons_of_children(reasons: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """person, reasons: sorted by code, each with its sources sorted by feed, file and line."""
    named = reasons.join(sources, on="source", how="left").sort("person", "code", "feed", "file", "line")
    source = pl.struct("feed", "file", "line")
    codes = named.group_by("person", "code", maintain_order=True).agg(
        *(pl.col(name).first() for name in PARAMETERS),
        sources=source.filter(pl.col("feed").is_not_null()),
    )
    reason = pl.struct("code", "count", pl.col("day").cast(pl.String), "sources", "tenths", "text")
    return codes.group_by("person", maintain_order=True).agg(reasons=reason)
