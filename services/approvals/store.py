"""Writes versions of approvals and their signed events; each call stands in the transaction of one change."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import rfc8785
from psycopg import Connection

from models.legality.verdict import Code
from models.legality.view import ApprovalView
from schemas.errors import RefusedError, UsageError
from schemas.records.approval import Approval, ApprovalFile, State
from schemas.records.person import Role
from services.gate.people import Person, require_role
from services.gate.standing import approvals_now
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.queries import queries

SQL = queries("services.approvals")
PENDING = frozenset({State.DRAFTED, State.SUBMITTED})


@dataclass(frozen=True)
class Change:
    """One change under way: the transaction it stands in and the person who makes it."""

    database: Database
    conn: Connection[Any]
    by: Person

    def run(self, query: str, /, **values: Any) -> None:
        """Run one of the queries beside this module."""
        self.conn.execute(SQL[query], values)

    def versions(self, approval: str) -> tuple[ApprovalView, ...]:
        """Every version of one approval, oldest first, locked against other changes and against permits until the end."""
        self.conn.execute(SQL["versions"], {"approval": approval})
        return tuple(view for view in approvals_now(self.conn) if view.document.id == approval)

    def version(self, approval: str, *states: State) -> ApprovalView:
        """The one version in one of these states; there is never more than one in force, nor more than one pending."""
        found = [view for view in self.versions(approval) if view.state in states]
        if not found:
            wanted = "・".join(STATE_LABELS[state] for state in states)
            raise UsageError(f"{wanted}の版がありません。approval list で状態を確かめてください。")
        if not found[-1].signed:
            raise RefusedError(
                [(Code.APPROVAL_SIGNATURE, "承認の記録が署名と一致しません。取り消す（revoke）ほかできません。")]
            )
        return found[-1]

    def insert(self, file: ApprovalFile, *, drafted_by: str) -> None:
        """Write a version as a draft, with what each recipient may do."""
        document = file.approval
        self.run("insert_approval", **row_of(file), drafted_by=drafted_by)
        for (office, role, act), items in document.received.items():
            self.run(
                "insert_recipient",
                approval=document.id,
                version=document.version,
                office=office,
                role=role,
                act=act,
                items=sorted(items),
            )

    def text(self, document: Approval) -> str:
        """The text of one version as it was drafted."""
        key = {"approval": document.id, "version": document.version}
        (text,) = self.conn.execute(SQL["document"], key).fetchall()[0]
        return str(text)

    def sign(self, what: str, document: Approval, digest: bytes, *, opinion: str | None = None, **more: Any) -> int:
        """Sign the change, log it, keep both; returns the entry's index. Last in the transaction: the log is locked.

        opinion:  the council's answer, the only thing of a change that the log shows beside clause and hash
        more:     what else the signed statement says
        """
        at = self.database.clock.now()
        said: dict[str, Any] = {
            "what": what,
            "approval": document.id,
            "version": document.version,
            "hash": digest.hex(),
        }
        statement = rfc8785.dumps(said | {"person": self.by.person, "at": at.isoformat()} | more)
        signature = self.by.sign(statement)
        clear = {"approval": digest.hex(), "clause": document.clause, "decision": opinion}
        detail = said | {"person": self.by.person, "signature": signature.hex()} | more
        entry = append(self.conn, Entry(kind=f"approval.{what}", clear=clear, detail=detail))
        self.run(
            "insert_event",
            approval=document.id,
            version=document.version,
            what=what,
            person=self.by.person,
            statement=statement,
            signature=signature,
            entry=entry,
        )
        return entry


STATE_LABELS = {
    State.DRAFTED: "起案中",
    State.SUBMITTED: "諮問中",
    State.HEARD: "答申（反対）",
    State.IN_FORCE: "効力あり",
    State.AMENDED: "変更済み",
    State.REVOKED: "取消し",
}


@contextmanager
def change(database: Database, by: Person, *roles: Role) -> Iterator[Change]:
    """One change by a person who holds one of `roles` and is registered until it commits."""
    require_role(by, *roles)
    with database.connect("approvals") as conn:
        if conn.execute(SQL["registered"], {"person": by.person}).fetchone() is None:
            raise RefusedError([("PERSON_REVOKED", "この鍵の登録は取り消されています。")])
        yield Change(database, conn, by)


def row_of(file: ApprovalFile) -> dict[str, Any]:
    """The columns of a version: its text, and what the second opinion asks about."""
    document = file.approval
    return {
        "approval": document.id,
        "version": document.version,
        "hash": file.digest,
        "document": file.text,
        "profile": document.profile,
        "clause": document.clause,
        "acts": sorted(document.acts),
        "items": sorted(document.item_codes),
        "classes": sorted(group.code for group in document.classes),
        "rule_sets": sorted(document.rule_sets),
        "emergency": document.emergency,
        "recurrence": document.recurrence,
        "max_runs": document.max_runs,
        "period_from": document.period_from,
        "period_to": document.period_to,
    }
