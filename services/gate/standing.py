"""Approvals as they stand at this moment, read for the first opinion from the signed documents themselves."""

from functools import lru_cache
from typing import Any

from psycopg import Connection

from models.legality.profile import Profile, shipped_profiles
from models.legality.view import ApprovalView
from schemas.errors import MimamoriError
from schemas.records.approval import ApprovalFile, Council, State, read_approval


class AlteredApprovalError(MimamoriError):
    """An approval's text is not the one that was signed: its hash differs."""

    def __init__(self, approval: str, version: int) -> None:
        super().__init__(
            f"承認 {approval} 第{version}版の文書が署名されたものと異なります。監査担当に知らせてください。"
        )


def approvals_now(conn: Connection[Any]) -> tuple[ApprovalView, ...]:
    """Every version of every approval. The second opinion reads the row's columns, this one the document."""
    rows = conn.execute(
        "SELECT approval, version, document, hash, state, council, revoked_at IS NOT NULL, drafted_by, submitted_by, heard_by"
        " FROM gate.approval ORDER BY approval, version"
    ).fetchall()
    return tuple(_view(*row) for row in rows)


def profile_of(view: ApprovalView) -> Profile | None:
    """The legal profile that an approval names, or None where none of that name is held."""
    return shipped_profiles().get(view.document.profile)


def _view(
    approval: str,
    version: int,
    text: str,
    digest: bytes,
    state: str,
    council: dict[str, Any] | None,
    revoked: bool,
    drafted_by: str,
    submitted_by: str | None,
    heard_by: str | None,
) -> ApprovalView:
    file = _file(text)
    if file.digest != digest or (file.approval.id, file.approval.version) != (approval, version):
        raise AlteredApprovalError(approval, version)
    return ApprovalView(
        document=file.approval,
        digest=digest,
        state=State(state),
        council=None if council is None else Council.model_validate(council),
        revoked=revoked,
        drafted_by=drafted_by,
        submitted_by=submitted_by,
        heard_by=heard_by,
    )


@lru_cache(maxsize=64)
def _file(text: str) -> ApprovalFile:
    """Documents never change, so one is parsed once a process."""
    return read_approval(text)
