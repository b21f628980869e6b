"""Which rule sets were tried on the city's own data; the trial itself is `services.simulation`'s."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection

from services.platform.queries import queries


def record_simulation(
    conn: Connection[Any], *, before: bytes, after: bytes, runs: Sequence[str], files: bytes, decision: UUID
) -> None:
    """Keep what was compared, in the transaction of its permit.

    before, after:  digests of rule sets that are kept; files: SHA-256 of the list of what was written
    """
    row = {"before": before, "after": after, "runs": list(runs), "files": files, "decision": decision}
    conn.execute(queries("services.rulesets")["add_simulation"], row)


def last_simulation(conn: Connection[Any], digest: bytes) -> int | None:
    """The newest simulation that a rule set was part of; None where it was never tried here."""
    row = conn.execute(queries("services.rulesets")["last_simulation"], {"digest": digest}).fetchone()
    return None if row is None or row[0] is None else int(row[0])
