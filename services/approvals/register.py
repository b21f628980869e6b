"""Looks into the register of approvals: lists, shows and compares versions; changes nothing."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from models.legality.compare import compare
from models.legality.view import ApprovalView
from schemas.errors import UsageError
from schemas.records.approval import Council, State
from services.approvals.store import SQL, STATE_LABELS
from services.gate.standing import approvals_now
from services.platform.database import Database


@dataclass(frozen=True)
class Standing:
    """Where one version stands today.

    hash:   hexadecimal; names the version in every entry made under it
    state:  as recorded, or `expired` where it is in force but its period is over
    label:  the state in Japanese
    """

    approval: str
    version: int
    name: str
    hash: str
    state: str
    label: str
    clause: str
    period_from: date
    period_to: date
    opinion: str | None
    opinion_on: date | None


@dataclass(frozen=True)
class Event:
    """One signed change of a version, and the index of its entry."""

    what: str
    person: str
    at: datetime
    entry: int


@dataclass(frozen=True)
class Shown:
    """One version with its document as signed, the council's part, and everything done to it."""

    standing: Standing
    document: str
    council: Council | None
    events: tuple[Event, ...]

    def plain(self) -> dict[str, Any]:
        """For JSON: days and times still as such."""
        council = None if self.council is None else self.council.model_dump(mode="json")
        return asdict(self.standing) | {
            "document": self.document,
            "council": council,
            "events": [asdict(event) for event in self.events],
        }


def list_approvals(database: Database) -> list[Standing]:
    """Every version of every approval, by id and version."""
    with database.connect("approvals") as conn:
        views = approvals_now(conn)
    return [standing_of(view, database.clock.today()) for view in views]


def show(database: Database, approval: str, version: int | None = None) -> Shown:
    """One version; None = the latest."""
    with database.connect("approvals") as conn:
        view = _find(conn, approval, version)
        key = {"approval": approval, "version": view.document.version}
        events = tuple(Event(*row) for row in conn.execute(SQL["events"], key).fetchall())
        (text,) = conn.execute(SQL["document"], key).fetchall()[0]
    return Shown(standing_of(view, database.clock.today()), text, view.council, events)


def diff(database: Database, approval: str, old: int, new: int) -> list[str]:
    """What differs between two versions, in plain Japanese; each line says whether it only narrows."""
    with database.connect("approvals") as conn:
        before, after = _find(conn, approval, old).document, _find(conn, approval, new).document
    return [f"［{'縮小' if each.narrows else '変更'}］{each.text}" for each in compare(before, after)]


def one_version(conn: Connection[Any], approval: str, version: int, today: date) -> Standing:
    """Where one version stands, inside a transaction."""
    return standing_of(_find(conn, approval, version), today)


def standing_of(view: ApprovalView, today: date) -> Standing:
    """Where a version stands on a day."""
    document, council = view.document, view.council
    expired = view.state is State.IN_FORCE and document.period_to < today
    return Standing(
        approval=document.id,
        version=document.version,
        name=document.name,
        hash=view.digest.hex(),
        state="expired" if expired else view.state.value,
        label=_label(view, expired=expired),
        clause=document.clause,
        period_from=document.period_from,
        period_to=document.period_to,
        opinion=None if council is None else council.opinion.value,
        opinion_on=None if council is None else council.opinion_on,
    )


def _label(view: ApprovalView, *, expired: bool) -> str:
    if not view.signed:
        return "署名不一致（効力なし）"
    return "期間満了" if expired else STATE_LABELS[view.state]


def _find(conn: Connection[Any], approval: str, version: int | None) -> ApprovalView:
    found = [view for view in approvals_now(conn) if view.document.id == approval]
    wanted = [view for view in found if version in (None, view.document.version)]
    if not wanted:
        raise UsageError("その承認（版）はありません。approval list で確かめてください。")
    return wanted[-1]
