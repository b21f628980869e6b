"""What a run says that the official run before it did not: counted once, when it is judged, and kept beside it."""

from typing import Any

import polars as pl
from psycopg import Connection
from psycopg.types.json import Jsonb

from models import calendar
from models.judgement.change import CHANGES, FELL, FLAGGED, ROSE, SAID, changes, flagged, on_lists, through, unmarked
from models.judgement.scope import scope_at
from services.judgement.chain import Official, official_runs
from services.judgement.compute import Computed
from services.platform.bulk import query_frame
from services.platform.queries import queries

TREND_MONTHS = 36
CHILD = {"child_id": pl.String()}


def record_changes(conn: Connection[Any], run: Computed) -> None:
    """Count and keep the changes of a run that was just stored, in its transaction."""
    chain = official_runs(conn, as_of=run.asked.as_of, seal=run.seal, released_by=None)
    previous = chain[-1] if chain else None
    row = {
        "run": run.name,
        "previous": None if previous is None else previous.run,
        "counts": Jsonb(_counts(conn, run, chain)),
    }
    conn.execute(queries("services.judgement")["add_change"], row)


def changes_of(conn: Connection[Any], run: str) -> dict[str, Any]:
    """The changes of a run, and the three years of official runs up to it, oldest first; exact counts, nobody named.

    `previous` is None for the first run, which has nothing to compare with; a share stands with both its numbers.
    """
    found = conn.execute(queries("services.judgement")["change"], {"run": run}).fetchone()
    if found is None:
        return {"run": run, "previous": None, "changes": None, "trend": []}
    as_of, previous, counts = found
    since = calendar.plus_months(as_of, -TREND_MONTHS)
    rows = conn.execute(queries("services.judgement")["trend"], {"run": run, "since": since, "as_of": as_of})
    return {
        "run": run,
        "previous": previous,
        "changes": counts,
        "trend": [
            {"run": name, "as_of": day.isoformat(), "children": children, **_trend(told)} for name, day, children, told in rows
        ],
    }  # fmt: skip


def _trend(counts: dict[str, Any]) -> dict[str, Any]:
    return {name: counts[name] for name in ("flagged", "first_flagged", "unmarked", "grades")}


def _counts(conn: Connection[Any], run: Computed, chain: list[Official]) -> dict[str, Any]:
    now = _said(run)
    named = flagged(now)
    runs = [each.run for each in chain]
    ever = query_frame(conn, queries("services.judgement")["ever"], {"runs": runs, "flagged": list(FLAGGED)}, CHILD)
    nobody = unmarked(named, _known(conn, run))
    return {
        **(_compared(now, said_by(conn, runs[-1]), run) if runs else {}),
        "flagged": named.height,
        "first_flagged": named.join(ever, on="child_id", how="anti").height,
        "unmarked": {"unmarked": nobody.part, "flagged": nobody.whole},
        "grades": _grades(run, named),
    }


def _compared(now: pl.DataFrame, before: pl.DataFrame, run: Computed) -> dict[str, Any]:
    seen = before.filter(~pl.col("child_id").is_in(run.snapshot.suspended))  # left out of this run, not gone
    changed = changes(now, seen, run.asked.rules.heights)
    counted = dict(changed.group_by("change").len().iter_rows())
    return {
        **{change: counted.get(change, 0) for change in CHANGES},
        "rose_through": through(changed, ROSE, "added"),
        "fell_through": through(changed, FELL, "removed"),
    }


def _said(run: Computed) -> pl.DataFrame:
    codes = run.judged.reasons.group_by("person").agg(codes=pl.col("code").unique())
    return (
        run.judged.judgements.select("person", "category")
        .join(codes, on="person", how="left")
        .join(run.snapshot.children, on="person")
        .select("child_id", "category", pl.col("codes").fill_null([]))
    )


def said_by(conn: Connection[Any], run: str) -> pl.DataFrame:
    """What a run that is kept said: models.judgement.change.SAID."""
    said = query_frame(conn, queries("services.judgement")["said"], {"run": run}, dict.fromkeys(SAID, pl.String()))
    return said.with_columns(pl.col("codes").str.json_decode(SAID["codes"]))


def _known(conn: Connection[Any], run: Computed) -> pl.DataFrame:
    """child_id of whom some office, or a caseworker, has as a case on the day judged."""
    offices = on_lists(run.snapshot.facts, run.asked.as_of).join(run.snapshot.children, on="person").select("child_id")
    asked = {"as_of": run.asked.as_of}
    return pl.concat([offices, query_frame(conn, queries("services.judgement")["open_cases"], asked, CHILD)])


def _grades(run: Computed, named: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Grade → children and candidates; children without a grade stand under 記載なし."""
    children = scope_at(run.snapshot.facts, run.asked.as_of).children.join(run.snapshot.children, on="person")
    counted = (
        children.join(named.with_columns(flagged=True), on="child_id", how="left")
        .group_by(pl.col("grade").fill_null("記載なし"))
        .agg(children=pl.len(), flagged=pl.col("flagged").sum())
        .sort("grade")
    )
    return {grade: {"children": children, "flagged": count} for grade, children, count in counted.iter_rows()}
