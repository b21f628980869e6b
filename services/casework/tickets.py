"""One-time links to the page and the sessions they open. Only hashes are kept; times are the service's clock's."""

import hashlib
import secrets
from datetime import timedelta

from schemas.errors import RefusedError
from schemas.records.person import Role
from services.gate.people import Member, require_role
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.queries import queries

TICKET_LASTS = timedelta(hours=1)
SESSION_LASTS = timedelta(hours=8)  # a working day


class TicketError(RefusedError):
    """This link opens nothing (any more)."""

    def __init__(self) -> None:
        text = "このリンクは使えません。すでに使われたか、期限が切れたか、正しくありません。新しいリンクを受け取ってください。"
        super().__init__([("TICKET_NOT_VALID", text)], text)


def issue_ticket(database: Database, by: Member) -> str:
    """A secret for a link that opens the page once, for this caseworker, within TICKET_LASTS."""
    require_role(by, Role.CASEWORKER)
    ticket = secrets.token_urlsafe(32)
    row = {"hash": _hash(ticket), "person": by.person, "lasts": TICKET_LASTS}
    with database.connect("casework") as conn:
        conn.execute(queries("services.casework")["issue_ticket"], row)
    return ticket


def redeem(database: Database, ticket: str) -> str:
    """Use a ticket up and return the secret of the session it opens; the entry in the log commits with it.

    Raises TicketError for one that is used, expired or unknown, or whose person is no caseworker any more.
    """
    session = secrets.token_urlsafe(32)
    row = {"hash": _hash(ticket), "session_hash": _hash(session), "lasts": SESSION_LASTS}
    with database.connect("casework") as conn:
        found = conn.execute(queries("services.casework")["redeem"], row).fetchone()
        if found is None:
            raise TicketError
        append(conn, Entry("case.enter", detail={"person": found[0]}))
    return session


def visitor(database: Database, session: str) -> Member | None:
    """Whose session this is, as registered at this moment; None for one that ended or a person revoked since."""
    with database.connect("casework") as conn:
        row = conn.execute(queries("services.casework")["visitor"], {"session_hash": _hash(session)}).fetchone()
    return None if row is None else Member(row[0], frozenset(Role(role) for role in row[1]))


def end_session(database: Database, session: str) -> None:
    """End a session at once; nothing happens where it had ended."""
    with database.connect("casework") as conn:
        conn.execute(queries("services.casework")["end_session"], {"session_hash": _hash(session)})


def _hash(secret: str) -> bytes:
    """SHA-256: the secrets are random, so nothing slower is needed."""
    return hashlib.sha256(secret.encode()).digest()
