"""Every approval is the document that was signed, its row says what the document says, and its steps were signed by two persons."""

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg import Connection

from schemas.errors import UsageError
from schemas.records.approval import Approval, ApprovalFile, read_approval
from services.gate.standing import approvals_now, clause_dates
from services.ledger.fault import Fault
from services.platform.queries import queries

# Kind of fault → what it means.
TEXTS: Mapping[str, str] = {
    "APPROVAL_ALTERED": "承認の文書が、署名されたものと異なります。",
    "APPROVAL_DIFFERS": "承認の記載が、署名された文書と異なります。",
    "APPROVAL_CLAUSE_DATES": "承認に記された条文の効力の期間が、収録した法令プロファイルと異なります。",
    "APPROVAL_NOT_SIGNED": "承認の状態に、登録された者二人の有効な署名がありません。",
}


def check_approvals(conn: Connection[Any]) -> list[Fault]:
    """What contradicts the signed documents. Signatures are asked of only where every document is the signed one."""
    rows = conn.execute(queries("services.gate.fsck")["approvals"]).fetchall()
    found = [(kind, f"{row[0]} v{row[1]}") for row in rows for kind in _contradictions(row)]
    if "APPROVAL_ALTERED" not in (kind for kind, _ in found):
        found += [("APPROVAL_NOT_SIGNED", name) for name in _unsigned(conn)]
    return [Fault(kind, TEXTS[kind], id=name) for kind, name in found]


def _contradictions(row: tuple[Any, ...]) -> Iterator[str]:
    """Kinds of fault of one version; an altered document tells nothing of the rest."""
    approval, version, text, digest, *columns, dates, recipients = row
    file = _signed_file(text, digest)
    if file is None:
        yield "APPROVAL_ALTERED"
        return
    document = file.approval
    if (approval, version, *columns) != _columns(document) or _recipients(recipients) != _named(document):
        yield "APPROVAL_DIFFERS"
    if dates is not None and tuple(dates) != clause_dates(document):
        yield "APPROVAL_CLAUSE_DATES"


def _unsigned(conn: Connection[Any]) -> Iterator[str]:
    """Versions that stand otherwise than registered persons' signatures leave them."""
    return (f"{view.document.id} v{view.document.version}" for view in approvals_now(conn) if not view.signed)


def _signed_file(text: str, digest: bytes) -> ApprovalFile | None:
    """The document, if it is the one of this digest."""
    try:
        file = read_approval(text)
    except UsageError:
        return None
    return file if file.digest == digest else None


def _columns(document: Approval) -> tuple[Any, ...]:
    """What the second opinion reads in the place of the document, in the order of the query."""
    return (
        document.id, document.version, document.profile, document.clause, sorted(document.acts), sorted(document.item_codes),
        sorted(group.code for group in document.classes), sorted(document.rule_sets), document.emergency,
        document.recurrence, document.max_runs, document.period_from, document.period_to,
    )  # fmt: skip


def _named(document: Approval) -> set[tuple[Any, ...]]:
    return {(*key, tuple(sorted(items))) for key, items in document.received.items()}


def _recipients(rows: list[list[Any]]) -> set[tuple[Any, ...]]:
    return {(*key, tuple(sorted(items))) for *key, items in rows}
