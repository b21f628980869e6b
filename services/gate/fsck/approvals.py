"""Every approval is the document that was signed, its row says what the document says, and its steps were signed by two persons."""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from schemas.errors import UsageError
from schemas.records.approval import Approval, ApprovalFile, read_approval
from services.gate.standing import approvals_now
from services.ledger.fault import Fault
from services.platform.queries import queries


def check_approvals(conn: Connection[Any]) -> list[Fault]:
    """What contradicts the signed documents. Signatures are asked of only where every document is the signed one."""
    altered: list[Fault] = []
    differing: list[Fault] = []
    for approval, version, text, digest, *columns, recipients in conn.execute(
        queries("services.gate.fsck")["approvals"]
    ):
        name = f"{approval} v{version}"
        file = _signed_file(text, digest)
        if file is None:
            altered.append(Fault("APPROVAL_ALTERED", "承認の文書が、署名されたものと異なります。", id=name))
        elif (approval, version, *columns) != _columns(file.approval) or _recipients(recipients) != _named(
            file.approval
        ):
            differing.append(Fault("APPROVAL_DIFFERS", "承認の記載が、署名された文書と異なります。", id=name))
    return [*altered, *differing, *(() if altered else _unsigned(conn))]


def _unsigned(conn: Connection[Any]) -> Iterator[Fault]:
    """Versions that stand otherwise than registered persons' signatures leave them."""
    for view in approvals_now(conn):
        if not view.signed:
            name = f"{view.document.id} v{view.document.version}"
            yield Fault("APPROVAL_NOT_SIGNED", "承認の状態に、登録された者二人の有効な署名がありません。", id=name)


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
