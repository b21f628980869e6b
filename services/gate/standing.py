"""Approvals as they stand at this moment, read for the first opinion from signed documents and signed events themselves."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from psycopg import Connection

from models.legality.profile import Profile, shipped_profiles
from models.legality.view import ApprovalView
from schemas.errors import MimamoriError
from schemas.records.approval import Approval, ApprovalFile, Council, State, read_approval
from services.gate.registered import Registration, register_now, registered
from services.gate.signed import Event, Signed, replay


class AlteredApprovalError(MimamoriError):
    """An approval's text is not the one that was signed: its hash differs."""

    def __init__(self, approval: str, version: int) -> None:
        super().__init__(
            f"承認 {approval} 第{version}版の文書が署名されたものと異なります。監査担当に知らせてください。"
        )


class _Row(NamedTuple):
    """One version as the database has it; `council` and `events` as JSON text."""

    approval: str
    version: int
    text: str
    digest: bytes
    state: str
    council: str | None
    revoked: bool
    drafted_by: str
    submitted_by: str | None
    heard_by: str | None
    events: str


# One statement, so that rows and events are of one moment.
_ROWS = """
SELECT a.approval, a.version, a.document, a.hash, a.state, a.council::text, a.revoked_at IS NOT NULL, a.drafted_by,
       a.submitted_by, a.heard_by, coalesce((
           SELECT jsonb_agg(jsonb_build_array(e.event, e.what, e.person, encode(e.statement, 'hex'),
                                              encode(e.signature, 'hex'), e.at) ORDER BY e.event)
           FROM gate.approval_event e WHERE e.approval = a.approval AND e.version = a.version), '[]')::text
FROM gate.approval a ORDER BY a.approval, a.version
"""


def approvals_now(conn: Connection[Any]) -> tuple[ApprovalView, ...]:
    """Every version of every approval. The second opinion reads the row's columns, this one what persons signed.

    Raises AlteredApprovalError where a document is not the one its hash names.
    """
    rows = [_Row(*row) for row in conn.execute(_ROWS).fetchall()]
    return _views(tuple(rows), register_now(conn))


def profile_of(view: ApprovalView) -> Profile | None:
    """The legal profile that an approval names, or None where none of that name is held."""
    return shipped_profiles().get(view.document.profile)


def clause_dates(document: Approval) -> tuple[date, date | None] | None:
    """First and last day on which all clauses that an approval names are in force; None where one's words are not held."""
    profile = shipped_profiles().get(document.profile)
    return None if profile is None else profile.force_of((document.clause, *document.with_clauses))


def runs_done(conn: Connection[Any], view: ApprovalView) -> int:
    """How many runs were judged under this version of the approval."""
    row = conn.execute(
        "SELECT count(*) FROM gate.decision WHERE act = 'judge' AND outcome = 'permit' AND approval = %s AND version = %s",
        (view.document.id, view.document.version),
    ).fetchone()
    assert row is not None
    return int(row[0])


@lru_cache(maxsize=8)
def _views(rows: tuple[_Row, ...], people: tuple[Registration, ...]) -> tuple[ApprovalView, ...]:
    """Nothing but these rows decides, so the same rows are verified once a process."""
    known = registered(people)
    views: list[ApprovalView] = []
    for _, versions in groupby(rows, key=lambda row: row.approval):
        each = list(versions)
        files = {row.version: _checked(row) for row in each}
        signed = replay(files, _events(each), known)
        views += [_view(row, files[row.version], signed.get(row.version)) for row in each]
    return tuple(views)


def _events(rows: Sequence[_Row]) -> list[Event]:
    """Of all versions of one approval, in the order in which they were written."""
    kept = sorted((event, row.version) for row in rows for event in json.loads(row.events))
    return [
        Event(version, what, person, bytes.fromhex(statement), bytes.fromhex(signature), datetime.fromisoformat(at))
        for (_, what, person, statement, signature, at), version in kept
    ]


def _view(row: _Row, file: ApprovalFile, signed: Signed | None) -> ApprovalView:
    council = None if row.council is None else json.loads(row.council)
    said = Signed(State(row.state), row.drafted_by, row.submitted_by, row.heard_by, council)
    return ApprovalView(
        document=file.approval,
        digest=row.digest,
        state=said.state,
        council=None if council is None else Council.model_validate(council),
        revoked=row.revoked,
        drafted_by=row.drafted_by,
        submitted_by=row.submitted_by,
        heard_by=row.heard_by,
        signed=signed == said,
    )


def _checked(row: _Row) -> ApprovalFile:
    file = _file(row.text)
    if file.digest != row.digest or (file.approval.id, file.approval.version) != (row.approval, row.version):
        raise AlteredApprovalError(row.approval, row.version)
    return file


@lru_cache(maxsize=64)
def _file(text: str) -> ApprovalFile:
    """Documents never change, so one is parsed once a process."""
    return read_approval(text)
