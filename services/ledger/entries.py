"""One entry of the log, appended in the transaction of what it tells of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb


@dataclass(frozen=True)
class Entry:
    """What an entry shows and what it only commits to.

    kind:    dotted name, e.g. `approval.revoke`; which kinds a database role may write is checked in SQL
    clear:   codes and hashes alone; the keys that may stand here are checked in SQL, the index and the day are added there
    detail:  person, reasons, small counts; committed with a fresh salt, kept beside the log, erasable
    """

    kind: str
    clear: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)


def append(conn: Connection[Any], entry: Entry) -> int:
    """Append one entry that is no decision; returns its index, which stands once the transaction commits.

    The head of the log stays locked until then, so call this last.
    """
    row = conn.execute(
        "SELECT ledger.append(%s, %s, %s)", (entry.kind, Jsonb(dict(entry.clear)), Jsonb(dict(entry.detail)))
    ).fetchone()
    assert row is not None
    return int(row[0])
