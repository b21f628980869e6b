"""What the log's bench works on: a run that calls for an alert of every child, and a log of any length."""

from datetime import date
from uuid import UUID

from schemas.rules import load_default
from services.gate import Request, decide
from services.platform.database import Database
from services.publication.main import CLASSES

RUN, AS_OF, CATEGORY, CODES = "bench", date(2026, 8, 31), "重点支援Ⅰ", ["E3_HOGO"]
RULES = load_default().version


def durability(database: Database) -> dict[str, str]:
    """The settings that decide whether a commit has reached the disk."""
    with database.connect("auditor") as conn:
        rows = conn.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')"
        ).fetchall()
    return dict(rows)


def add_run(database: Database, children: int) -> list[tuple[UUID, int]]:
    """One official run, every child of which calls for an alert; each child and its judgement, in an order by child."""
    request = Request(act="judge", items=("judgement.category",), classes=CLASSES, rules=RULES, role="analyst")
    with database.connect("analyst") as conn:
        decision = decide(conn, [request], today=database.clock.today())[0]
        conn.execute(
            "INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories,"
            " summary, decision) VALUES (%s, %s, platform.now(), platform.give_seal('run'), %s, 'official', '', sha256(''),"
            " %s, '{}', '{}', %s)",
            (RUN, AS_OF, RULES, children, decision.id),
        )
        conn.execute(
            "WITH added AS (INSERT INTO judgement.said (child_id, economic, nurturing, poverty, learning, scales, noncognitive,"
            " w, raw_category, category, data_check, reasons, leaf_hash)"
            " SELECT gen_random_uuid(), 'E3', 'N0', 'A', '4', '{}', '4', '4', %(category)s, %(category)s, false,"
            """ '[{"code": "E3_HOGO", "day": null, "sources": []}]', sha256(int4send(n))"""
            " FROM generate_series(1, %(children)s) AS n RETURNING judgement)"
            " INSERT INTO judgement.line (seal, position, judgement)"
            " SELECT seal, row_number() OVER () - 1, judgement FROM added, judgement.run WHERE run = %(run)s",
            {"run": RUN, "category": CATEGORY, "children": children},
        )
        return conn.execute("SELECT child_id, judgement FROM judgement.judgement ORDER BY child_id").fetchall()


def fill(database: Database, size: int) -> int:
    """Let the log have at least `size` entries, and say how many: the owner writes them in bulk, as the gate would take minutes."""
    with database.admin() as conn:
        conn.execute(
            "INSERT INTO ledger.entry (index, leaf) SELECT index, convert_to(format("
            """'{"act":"publish","code":"bench","commitment":"%%s","day":"2026-09-01","decision":"permit","index":%%s,"""
            """"items":["judgement.category"],"kind":"decision","role":"publisher","v":1}',"""
            " encode(sha256(convert_to(index::text, 'UTF8')), 'hex'), index), 'UTF8')"
            " FROM generate_series((SELECT size FROM ledger.head), %s - 1) AS index",
            (size,),
        )
        return int(
            conn.execute("UPDATE ledger.head SET size = greatest(size, %s) RETURNING size", (size,)).fetchall()[0][0]
        )
