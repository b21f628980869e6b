"""Runs as they are kept: written once, found again, shown to those who may look."""

import hashlib
from dataclasses import dataclass
from typing import Any

import polars as pl
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from models.judgement.kernel import SCALE_COLUMNS, Judged
from models.judgement.reasons import PARAMETERS
from schemas.errors import UsageError
from services.gate import Decision
from services.judgement.compute import Computed
from services.judgement.report import JudgeReport
from services.platform.bulk import copy_in
from services.platform.queries import queries

STORED = (
    "child_id", "economic", "nurturing", "poverty", "t", "d1", "d2", "change", "learning", "scales", "absence",
    "noncognitive", "w", "raw_category", "category", "data_check", "reasons", "leaf_hash",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What is to be kept of children.

    children: person, child_id of at least the judged
    lines:    child_id, line of each of them, in order of child_id
    leaves:   the hash of each line
    """

    judged: Judged
    children: pl.DataFrame
    lines: pl.DataFrame
    leaves: list[bytes]


def store_run(conn: Connection[Any], run: Computed, *, decision: Decision) -> JudgeReport:
    """Keep a run, its judgements and its norm set, in the transaction of its decision.

    Of the judgements only those that no earlier run made of the child just so: a run's lines refer to the rest.
    """
    judged = run.judged
    digest = hashlib.sha256(run.norms).digest()
    conn.execute(queries("services.judgement")["add_norms"], {"digest": digest, "norms": run.norms})
    row = {
        "run": run.name, "as_of": run.asked.as_of, "known_at": run.known_at, "seal": run.seal,
        "rules": run.asked.rules.version, "status": run.status, "manifest": run.manifest, "root": run.root,
        "children": judged.judgements.height, "categories": Jsonb(_categories(judged)), "summary": Jsonb(_summary(run)),
        "decision": decision.id,
    }  # fmt: skip
    conn.execute(queries("services.judgement")["add_run"], row)
    keep_said(conn, Said(judged, run.snapshot.children, run.lines, run.leaves))
    conn.execute(queries("services.judgement")["add_lines"], {"seal": run.seal, "leaves": run.leaves})
    return find_run(conn, run.name)


def same_again(conn: Connection[Any], run: Computed) -> JudgeReport | None:
    """The last run of this day by this rule set, if it says the same of everybody; None for a trial."""
    asked = {"as_of": run.asked.as_of, "rules": run.asked.rules.version}
    last = conn.execute(queries("services.judgement")["same_again"], asked).fetchone()
    if last is None or run.asked.trial or last[1] != run.root.hex():
        return None
    return find_run(conn, last[0])


def find_run(conn: Connection[Any], run: str) -> JudgeReport:
    """One run by its name; raises UsageError where there is none."""
    found = list_runs(conn, run)
    if not found:
        raise UsageError(f"判定 {run} は見つかりません。`mimamori run list` で確かめてください。")
    return found[0]


def list_runs(conn: Connection[Any], run: str | None = None) -> list[JudgeReport]:
    """All runs, or the one of this name; the newest first."""
    return [_report(*row) for row in conn.execute(queries("services.judgement")["runs"], {"run": run})]


def _report(
    run: str, as_of: Any, known_at: Any, seal: int, rules: str, status: str, root: str, children: int,
    categories: dict[str, int], summary: dict[str, Any], releases: int,
) -> JudgeReport:  # fmt: skip
    return JudgeReport(
        run=run, as_of=as_of, known_at=known_at, seal=seal, rules=rules,
        status="official" if status == "held" and releases >= 2 else status,
        children=children, categories=categories, missing_feeds=summary["missing_feeds"], root=root,
        warnings=summary["warnings"], guard=tuple(summary["guard"]), calibration=tuple(summary["calibration"]), releases=releases,
        suspended=summary.get("suspended", 0),
    )  # fmt: skip


def _categories(judged: Judged) -> dict[str, int]:
    return dict(judged.judgements.group_by("category").len().sort("category").iter_rows())


def _summary(run: Computed) -> dict[str, Any]:
    judged = run.judged
    warnings = judged.warnings | ({"uncalibrated": 1} if judged.uncalibrated else {})
    return {
        "missing_feeds": sorted(run.snapshot.facts.missing),
        "warnings": warnings,
        "suspended": len(run.snapshot.suspended),
        "guard": [judged.guard.part, judged.guard.whole],
        "calibration": [judged.calibration.part, judged.calibration.whole],
    }


def keep_said(conn: Connection[Any], said: Said) -> None:
    """Keep each judgement that nobody made of the child just so before."""
    known = conn.execute(queries("services.judgement")["known_leaves"], {"leaves": said.leaves})
    old = {bytes(leaf) for (leaf,) in known}
    # as PostgreSQL reads bytes; a leaf that is known has none
    new = [None if leaf in old else f"\\x{leaf.hex()}" for leaf in said.leaves]
    hashes = said.lines.select("child_id", leaf_hash=pl.Series(new, dtype=pl.String)).drop_nulls("leaf_hash")
    if hashes.height:
        copy_in(conn, _rows(said, hashes), sql.Identifier("judgement", "said"), STORED)


def _rows(said: Said, hashes: pl.DataFrame) -> pl.DataFrame:
    """One row a child of `hashes` (child_id, leaf_hash), its reasons as JSON: code, parameters, and the source rows as [batch, line]."""
    source = pl.concat_list(pl.col("source") // (1 << 32), pl.col("source") % (1 << 32))
    persons = said.children.join(hashes, on="child_id")
    reasons = said.judged.reasons.join(persons, on="person", how="semi", maintain_order="left")
    codes = reasons.group_by("person", "code", maintain_order=True).agg(
        *(pl.col(name).first() for name in PARAMETERS), sources=source.filter(pl.col("source").is_not_null())
    )
    reason = pl.struct("code", pl.col("day").cast(pl.String), "tenths", "count", "text", "sources")
    by_child = codes.group_by("person", maintain_order=True).agg(reasons=reason)
    scales = pl.struct(pl.col(column).alias(column.removeprefix("t_")) for column in SCALE_COLUMNS)
    return (
        said.judged.judgements.join(persons, on="person")
        .join(by_child, on="person", how="left")
        .with_columns(scales=scales.struct.json_encode(), reasons=_json_list(pl.col("reasons")))
    )


def _json_list(column: pl.Expr) -> pl.Expr:
    """A list of structs as JSON text; no reasons are an empty list."""
    wrapped = pl.struct(column.fill_null([]).alias("list")).struct.json_encode()
    return wrapped.str.strip_prefix('{"list":').str.strip_suffix("}")
