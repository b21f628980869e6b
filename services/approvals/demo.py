"""The fictional city's persons and approvals; only where the environment is demo or test, and never twice."""

from pathlib import Path

from schemas.errors import UsageError
from schemas.records.approval import State, read_approval
from schemas.records.person import Role
from services.approvals.main import draft, hear, read_opinion, read_text, submit
from services.approvals.register import list_approvals
from services.gate.people import Person, add_person, authenticate
from services.platform.database import Database
from services.platform.keyfiles import create_key, public_bytes

DOCUMENTS = Path(__file__).resolve().parents[2] / "infra" / "demo"  # the demo runs from a source tree
FILES = ("approval-1.toml", "approval-2.toml", "approval-sokuho.toml")
PEOPLE = {
    "admin": (Role.ADMIN,),
    "drafter": (Role.DRAFTER,),
    "hearer": (Role.HEARER,),
    "caseworker": (Role.CASEWORKER,),
    "auditor": (Role.AUDITOR, Role.ANALYST, Role.LINKAGE),
}


def set_up_demo(database: Database, documents: Path = DOCUMENTS) -> None:
    """Make and register the demo's persons and bring its approvals into force; what is done already is left alone.

    An approval that was revoked, narrowed or amended since stays as it is.
    """
    if database.settings.env not in ("demo", "test"):
        raise UsageError("見本の職員と承認は MIMAMORI_ENV が demo または test のときだけ作れます。")
    people = _people(database)
    for name in FILES:
        _into_force(database, documents / name, drafter=people["drafter"], hearer=people["hearer"])


def _people(database: Database) -> dict[str, Person]:
    """Every demo person, registered; the first, the admin, registers the others."""
    people: dict[str, Person] = {}
    for name, roles in PEOPLE.items():
        keyfile = database.settings.home / "people" / f"{name}.pem"
        add_person(database, name, public_bytes(create_key(keyfile)), roles, people.get("admin"))
        people[name] = authenticate(database, keyfile)
    return people


def _into_force(database: Database, path: Path, *, drafter: Person, hearer: Person) -> None:
    """Take one approval through its remaining steps, each of which may have been the last before a kill."""
    document = read_approval(read_text(path)).approval
    states = {(each.approval, each.version): each.state for each in list_approvals(database)}
    state = states.get((document.id, document.version))
    if state is None:
        draft(database, path, drafter)
    if state in (None, State.DRAFTED):
        submit(database, document.id, drafter)
    if state in (None, State.DRAFTED, State.SUBMITTED):
        hear(database, document.id, read_opinion(path), hearer)
