"""未連結の通告: urgent events about a number that no child has yet, or a child out of scope. They wait for no linkage, and close when one took over or a person acts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from services.casework.access import REPORT_ITEMS, look_request, only_caseworkers
from services.casework.items import UnknownAlertError
from services.gate import act
from services.gate.people import Member
from services.platform.database import Database
from services.platform.queries import queries


@dataclass(frozen=True)
class Report:
    """One report without a child.

    received:  by the department; None: not known to the day
    at:        when it came before the caseworkers
    """

    report: str
    received: date | None
    at: datetime
    decision: UUID
    entry: int


@dataclass(frozen=True)
class ReportShown:
    """One report, with what the registers know of the number's person.

    person:  number, name, common_name, kana, birth, sex, grade, address, school, guardian; None where the registers have none
    masked, protection:  as of a candidate (services.casework.look.Shown)
    look:    index of this look in the log
    """

    report: Report
    person: dict[str, Any]
    masked: bool
    protection: Literal["none", "in_force", "not_loaded"]
    look: int

    @property
    def known(self) -> bool:
        """Whether the register of residents has the person."""
        return self.person["name"] is not None or self.person["birth"] is not None


def reports(conn: Connection[Any]) -> list[Report]:
    """Those that are the caseworkers' still, oldest first."""
    with conn.cursor(row_factory=class_row(Report)) as cursor:
        return cursor.execute(queries("services.casework")["unlinked"]).fetchall()


def person_reported(conn: Connection[Any], report: str) -> int | None:
    """The key of the number that a report on the list is about; None where the list has none of this handle."""
    row = conn.execute(queries("services.casework")["reported"], {"report": report}).fetchone()
    return None if row is None else int(row[0])


def is_report(database: Database, handle: str) -> bool:
    """Whether this handle is a report's on the list; tells nothing of anybody."""
    with database.connect("casework") as conn:
        return person_reported(conn, handle) is not None


def show_report(database: Database, report: str, by: Member, *, emergency: str | None = None) -> ReportShown:
    """Look at whom a report is about, decided and logged first; raises RefusedError where no look may be had, UnknownAlertError."""
    with database.connect("casework") as conn:
        key = person_reported(conn, report)
    if key is None:
        raise UnknownAlertError
    request = look_request(by, REPORT_ITEMS, person_key=key, emergency=emergency)
    only_caseworkers(database, by, request)
    with act(database, role="casework", request=request) as permit:
        decision = permit.record(detail={"alert": report})
    with database.connect("casework") as conn:
        found = next((each for each in reports(conn) if each.report == report), None)
        row = conn.execute("SELECT gate.reveal(%s)", (decision.id,)).fetchone()
    if found is None or row is None:
        raise UnknownAlertError
    person: dict[str, Any] = dict(row[0])
    return ReportShown(found, person, person.pop("masked"), person.pop("protection"), decision.entry)
