"""Checks decisions, acts, approvals and the database's own rules against the log and against what persons signed."""

from typing import Any

from psycopg import Connection

from services.gate.fsck.approvals import check_approvals
from services.gate.fsck.catalogue import check_catalogue
from services.gate.fsck.decisions import check_decisions, read_entries
from services.gate.fsck.obligations import check_obligations
from services.gate.fsck.words import check_words
from services.ledger.fault import Fault
from services.ledger.fsck import LogCheck


def check_gate(conn: Connection[Any], log: LogCheck) -> list[Fault]:
    """Every contradiction, in the transaction in which `log` was read, which should see one state of the database throughout.

    conn:  of a role that may make temporary tables; nothing else is written
    """
    read_entries(conn, log)
    return [
        *check_decisions(conn, log),
        *check_obligations(conn, log),
        *check_approvals(conn),
        *check_words(conn),
        *check_catalogue(conn),
    ]


__all__ = ["check_gate"]
