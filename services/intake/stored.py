"""Whether each file that was loaded still has as many rows as it brought."""

from typing import Any

from psycopg import Connection, sql

from schemas.feeds import FEEDS

_CHANGED = sql.SQL(
    "SELECT coalesce(b.batch, f.batch) FROM (SELECT batch, sum(n) AS n FROM ({counted}) AS each GROUP BY batch) AS f"
    " FULL JOIN facts.batch b ON b.batch = f.batch"
    # an erasure takes rows away, and adds none
    " WHERE coalesce(f.n, 0) > coalesce(b.loaded + b.tombstones, 0) OR (coalesce(f.n, 0) < b.loaded + b.tombstones AND NOT EXISTS ("
    " SELECT FROM ledger.entry e WHERE convert_from(e.leaf, 'UTF8')::jsonb ->> 'kind' = 'erased')) ORDER BY 1"
)


def changed_batches(conn: Connection[Any]) -> list[int]:
    """Batches with more rows than their own row says, or fewer where nobody was ever erased; rows of no batch by its number."""
    counted = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT batch, count(*) AS n FROM {} GROUP BY batch").format(sql.Identifier("facts", feed))
        for feed in FEEDS
    )
    return [batch for (batch,) in conn.execute(_CHANGED.format(counted=counted)).fetchall()]
