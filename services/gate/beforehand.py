"""Asks whether an act would be permitted, before people are troubled to agree to it."""

from schemas.errors import RefusedError
from services.gate.decide import check, record_refusal
from services.gate.request import Request
from services.platform.database import Database


def would_be_permitted(database: Database, role: str, request: Request) -> None:
    """Raise RefusedError, the refusal logged, where the act would be refused today. role: of the database."""
    with database.connect(role) as conn:
        failed = check(conn, request, today=database.clock.today())
    if failed:
        record_refusal(database, role, request, failed)
        raise RefusedError(failed)
