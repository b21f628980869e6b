"""What a run says of children, written by hand: for tests that need alerts and no facts behind them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

E3_HOGO: dict[str, object] = {"code": "E3_HOGO", "day": None, "sources": []}


def say(conn: Connection[Any], run: str, children: Sequence[UUID], *, category: str = "重点支援Ⅰ") -> None:
    """Let a stored run call for an alert of each child; judgements are numbered in this order. The lines are made up."""
    conn.execute(
        """
        WITH added AS (
            INSERT INTO judgement.said (child_id, economic, nurturing, poverty, learning, scales, noncognitive, w, raw_category,
                                        category, data_check, reasons, leaf_hash)
            SELECT child, 'E3', 'N0', 'A', '4', '{}', '4', '4', %(category)s, %(category)s, false, %(reasons)s,
                   sha256(convert_to(%(run)s || child, 'UTF8'))
            FROM unnest(%(children)s::uuid[]) AS child RETURNING judgement
        )
        INSERT INTO judgement.line (seal, position, judgement)
        SELECT seal, row_number() OVER (ORDER BY judgement) - 1, judgement FROM added, judgement.run WHERE run = %(run)s
        """,
        {"run": run, "children": list(children), "category": category, "reasons": Jsonb([E3_HOGO])},
    )
