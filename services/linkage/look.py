"""A logged look at the links: which number is which child. For persons with the role linkage."""

from typing import Any

from schemas.records.person import Role
from services.gate import Request, act
from services.gate.people import Person, require_role
from services.platform.database import Database
from services.platform.queries import queries


def look_at_links(database: Database, by: Person) -> list[dict[str, Any]]:
    """Every number in force with its system (the column that bears it) and its child; one entry of the log a call."""
    require_role(by, Role.LINKAGE)
    request = Request(
        act="look", items=("link.child_id",), classes=("children_0_18", "pupils"), person=by.person, role="linkage"
    )
    with act(database, role="linkage", request=request) as permit:
        rows = permit.conn.execute(queries("services.linkage")["crosswalk"]).fetchall()
        permit.record(count=len(rows))
    return [{"system": system, "number": number, "child_id": str(child)} for system, number, child in rows]
