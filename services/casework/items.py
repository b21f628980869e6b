"""Children in the queue, by linkage ID and without names, each with reasons that lead to rows of feed files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from models.judgement.sentences import sentence
from schemas.errors import UsageError
from schemas.rules import RuleSet
from services.casework.states import STATE_AFTER, Provisional, State
from services.gate.suspended import barred
from services.platform.queries import queries


class UnknownAlertError(UsageError):
    """その候補は一覧にありません。番号が違うか、新しい候補に替わっています。一覧で確かめてください。"""


@dataclass(frozen=True)
class Source:
    """A row of a feed file that a reason rests on; `line` is where it begins, header = 1."""

    feed: str
    file: str
    line: int


@dataclass(frozen=True)
class Reason:
    """Why: code, the Japanese sentence of the rule set, and the rows it rests on (none where something is absent)."""

    code: str
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Item:
    """One candidate.

    alert, decision, entry:  None for a child that is watched without an alert
    since:       as-of of the first alert of this category for this child; of the run, for a child without an alert
    as_of, run:  the judgement that the reasons are from; run: None for a 速報
    provisional: where an alert out of a 速報 stands; None for any other
    checked:     as-of of the run that confirmed it, or last did not; None before one looked
    """

    alert: str | None
    child_id: UUID
    category: str
    data_check: bool
    since: date
    state: State
    reasons: tuple[Reason, ...]
    as_of: date
    run: str | None
    decision: UUID | None
    entry: int | None
    provisional: Provisional | None = None
    checked: date | None = None

    @property
    def unanswered(self) -> bool:
        """It is a 速報 that no run has looked at and nobody has decided on."""
        return self.provisional == "waiting" and self.state == "new"


def alerts(conn: Connection[Any], rules: RuleSet, alert: str | None = None) -> list[Item]:
    """The last alert of each child, unanswered 速報 first, then the gravest and oldest; or the one of this handle, if it is among them."""
    return _items(conn, "queue", {"alert": alert}, rules)


def one_alert(conn: Connection[Any], rules: RuleSet, alert: str) -> Item:
    """The alert of this handle; raises UnknownAlertError where the queue has none."""
    found = alerts(conn, rules, alert)
    if not found:
        raise UnknownAlertError
    return found[0]


def watched(conn: Connection[Any], rules: RuleSet) -> list[Item]:
    """Children whom the newest official run keeps under 見守り without an alert."""
    return _items(conn, "watched", {}, rules)


def _items(conn: Connection[Any], query: str, asked: dict[str, Any], rules: RuleSet) -> list[Item]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(queries("services.casework")[query], asked).fetchall()
    suspended = barred(conn, [row["child_id"] for row in rows])  # the decision bars a look at them in a list as well
    rows = [row for row in rows if row["child_id"] not in suspended]
    files = _files(conn, (row["reasons"] for row in rows))
    return [
        Item(**row | {"state": STATE_AFTER.get(row["state"], "new"), "reasons": _reasons(row["reasons"], files, rules)})
        for row in rows
    ]


def _files(conn: Connection[Any], reasons: Iterable[list[dict[str, Any]]]) -> dict[int, tuple[str, str]]:
    batches = {batch for listed in reasons for reason in listed for batch, _ in reason["sources"]}
    rows = conn.execute(queries("services.casework")["files"], {"batches": list(batches)}).fetchall()
    return {batch: (feed, file) for batch, feed, file in rows}


def _reasons(listed: list[dict[str, Any]], files: dict[int, tuple[str, str]], rules: RuleSet) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            reason["code"],
            sentence(reason, rules),
            tuple(Source(*files[batch], line) for batch, line in reason["sources"]),
        )
        for reason in listed
    )
