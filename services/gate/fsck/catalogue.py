"""The database enforces what its newest migration logged: constraints, triggers, functions, grants, owners, memberships."""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from services.ledger.fault import Fault
from services.platform.catalogue import catalogue_digest
from services.platform.queries import queries


def check_catalogue(conn: Connection[Any]) -> Iterator[Fault]:
    """What differs from the log; asks the entries that were read into pg_temp.shown."""
    logged = conn.execute(queries("services.gate.fsck")["migrations"]).fetchall()
    if not logged:
        yield Fault(
            "CATALOGUE_NOT_LOGGED",
            "データベースの制約と権限が記録されていません。mimamori migrate を実行してください。",
        )
        return
    index, digest, version = logged[-1]
    if digest != catalogue_digest(conn):
        text = "データベースの制約・関数・権限・所属が、移行時の記録から変えられています。"
        yield Fault("CATALOGUE_CHANGED", text, index=index)
    if any(other != digest for _, other, of in logged if of == version):
        yield Fault("CATALOGUE_LOGGED_TWICE", "同じ版の移行が、異なる制約と権限で二度記録されています。", index=index)
