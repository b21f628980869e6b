"""What a home holds, told by the sources' numbers and files: comparable between homes whose keys were drawn apart."""

import json
from collections.abc import Callable
from typing import Any

from psycopg import Connection, sql

from services.cli.fsck import check_all
from services.platform.database import Database

Rows = list[str]
DRAWN = {
    "record_key",
    "content_hash",
    "written_by",
    "judgement",
    "leaf_hash",
    "position",
    "run",
    "child_id",
    "alert",
    "decision",
    "entry",
    "xact",
}


def stored(database: Database) -> dict[str, Rows]:
    """Everything that intake, linkage, judgement, publication and the queue keep, by kind, sorted."""
    with database.admin() as conn:
        tell = _Teller(conn)
        found = {name: tell.rows(f"SELECT * FROM facts.{name}") for name in _fact_tables(conn)}
        return found | {name: tell.rows(query) for name, query in QUERIES.items()}


QUERIES = {
    "batches": "SELECT batch, feed, digest, initial, kept, dropped, rows, loaded, unchanged, quarantined, tombstones, seal,"
    " sealed_at FROM facts.batch",
    "quarantine": "SELECT feed, file, line, column_name, rule, mended_at FROM intake.quarantine",
    "links": "SELECT person_key, split_part(basis, ':', 1) AS basis, op, known_at, child_id AS child FROM linkage.link",
    "households": "SELECT setai_key, person_key, from_date, to_date, op FROM linkage.household",
    "judgements": "SELECT j.*, j.child_id AS child, r.as_of, r.status, r.rules FROM judgement.judgement j"
    " JOIN judgement.run r USING (run)",
    "alerts": "SELECT a.child_id AS child, a.category, a.data_check, a.codes, a.as_of, a.recipient,"
    " o.handed_on_at IS NOT NULL AS handed_on, i.alert IS NOT NULL AS taken_up FROM publication.alert a"
    " LEFT JOIN publication.outbox o USING (alert) LEFT JOIN casework.item i USING (alert)",
    "inbox": "SELECT count(*) FROM casework.inbox",
}


class _Teller:
    """Puts numbers and files in the place of what was drawn at random."""

    def __init__(self, conn: Connection[Any]) -> None:
        self.conn = conn
        persons = conn.execute("SELECT person_key, system || ' ' || number FROM identity.person").fetchall()
        self.keys: dict[int, str] = dict(persons)
        self.keys |= dict(conn.execute("SELECT setai_key, 'setai ' || number FROM identity.household").fetchall())
        self.keys |= dict(conn.execute("SELECT case_key, 'case ' || number FROM identity.case").fetchall())
        self.files: dict[int, str] = dict(
            conn.execute(
                "SELECT batch, file || ' ' || row_number() OVER (PARTITION BY file ORDER BY batch) FROM facts.batch"
            ).fetchall()
        )
        numbers: dict[str, list[str]] = {}
        for key, child in conn.execute("SELECT person_key, child_id::text FROM linkage.link"):
            numbers.setdefault(child, []).append(self.keys[key])
        self.children = {child: sorted(set(found)) for child, found in numbers.items()}

    def rows(self, query: str) -> Rows:
        whole = sql.SQL("SELECT row_to_json(whole)::text FROM ({}) AS whole").format(sql.SQL(query))
        return sorted(
            json.dumps(self._told(json.loads(text)), ensure_ascii=False, sort_keys=True)
            for (text,) in self.conn.execute(whole)
        )

    def _told(self, row: dict[str, Any]) -> dict[str, Any]:
        tellers: dict[str, Callable[[Any], Any]] = {
            "batch": self.files.__getitem__,
            "child": self.children.__getitem__,
            "reasons": self._reasons,
        }
        told: dict[str, Any] = {}
        for name, value in row.items():
            if name.endswith("_key") and value is not None and name not in DRAWN:
                told[name] = self.keys[value]
            elif name.endswith("_keys") and value is not None:
                told[name] = [self.keys[key] for key in value]
            elif name not in DRAWN:
                told[name] = tellers[name](value) if name in tellers else value
        return told

    def _reasons(self, reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            reason | {"sources": sorted([self.files[batch], line] for batch, line in reason["sources"])}
            for reason in reasons
        ]


def _fact_tables(conn: Connection[Any]) -> list[str]:
    rows = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'facts'").fetchall()
    return [name for (name,) in rows if name != "batch"]


def log_entries(database: Database) -> list[dict[str, Any]]:
    """What every entry shows in clear, in order of index."""
    with database.admin() as conn:
        rows = conn.execute("SELECT leaf FROM ledger.entry ORDER BY index").fetchall()
    return [json.loads(leaf) for (leaf,) in rows]


def log_faults(database: Database) -> list[str]:
    """What contradicts the log's promises, as `mimamori log fsck` finds it; a cloned database logged no migration of its own."""
    faults = [fault for fault in check_all(database)[1] if fault.kind != "CATALOGUE_NOT_LOGGED"]
    return [f"{fault.kind} {fault.index} {fault.id}" for fault in faults]
