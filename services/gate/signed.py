"""What the signed events alone say of an approval's versions: replayed in order, each step asked for signature and right.

The rows of `gate.approval` are only compared with this. A row that says more than persons signed lets nothing happen.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models.legality.compare import compare
from schemas.records.approval import ApprovalFile, Opinion, State
from schemas.records.person import Role
from services.gate.registered import Registration
from services.platform.keyfiles import signature_holds


@dataclass(frozen=True)
class Event:
    """One kept event.

    statement:  RFC 8785 bytes, which is what was signed
    at:         when the database took it; what a signer says of the time proves nothing
    """

    version: int
    what: str
    person: str
    statement: bytes
    signature: bytes
    at: datetime


@dataclass(frozen=True)
class Signed:
    """What persons signed of one version.

    council:  the council's part as the hearer signed it; None where it has not come to that
    """

    state: State
    drafted_by: str
    submitted_by: str | None = None
    heard_by: str | None = None
    council: dict[str, Any] | None = None


@dataclass(frozen=True)
class _Step:
    """One event whose signature holds, beside what was signed before it."""

    file: ApprovalFile
    files: Mapping[int, ApprovalFile]
    before: Mapping[int, Signed]
    person: str
    said: Mapping[str, Any]

    @property
    def standing(self) -> Signed | None:
        """The version's own standing so far."""
        return self.before.get(self.file.approval.version)


def replay(
    files: Mapping[int, ApprovalFile], events: Iterable[Event], people: Mapping[str, Registration]
) -> dict[int, Signed]:
    """Where the signed events leave each version of one approval; a version with an event that does not hold is left out.

    files:   version → document; events: in order; people: those whose registration holds
    """
    stands: dict[int, Signed] = {}
    broken: set[int] = set()
    for event in events:
        after = _after(files, stands, event, people)
        if after is None:
            broken.add(event.version)
            continue
        if after.state is State.IN_FORCE:
            stands = {version: _superseded(other) for version, other in stands.items()}
        stands[event.version] = after
    return {version: signed for version, signed in stands.items() if version not in broken}


def _superseded(other: Signed) -> Signed:
    return replace(other, state=State.AMENDED) if other.state is State.IN_FORCE else other


def _after(
    files: Mapping[int, ApprovalFile], stands: Mapping[int, Signed], event: Event, people: Mapping[str, Registration]
) -> Signed | None:
    """The version's standing after the event; None where signature, right or order do not hold."""
    file, person = files.get(event.version), people.get(event.person)
    if file is None or person is None or event.what not in STEPS:
        return None
    roles, step = STEPS[event.what]
    if not (roles & person.roles and person.acts_at(event.at)):
        return None
    if not signature_holds(person.public_key, event.statement, event.signature):
        return None
    said = json.loads(event.statement)  # JSON, for a registered person's signature over it holds
    if _names(event, file).items() <= said.items():
        return step(_Step(file, files, stands, event.person, said))
    return None


def _names(event: Event, file: ApprovalFile) -> dict[str, Any]:
    """What the statement has to say: this change of this document by this person, and nothing it could be mistaken for."""
    return {
        "what": event.what,
        "approval": file.approval.id,
        "version": event.version,
        "hash": file.digest.hex(),
        "person": event.person,
    }


def _drafted(step: _Step) -> Signed | None:
    return Signed(State.DRAFTED, drafted_by=step.person) if step.standing is None else None


def _submitted(step: _Step) -> Signed | None:
    if step.standing is None or step.standing.state is not State.DRAFTED:
        return None
    return replace(step.standing, state=State.SUBMITTED, submitted_by=step.person)


def _heard(step: _Step) -> Signed | None:
    """The second person's step; the council's part is what the second person signed."""
    standing, council = step.standing, step.said.get("council")
    if standing is None or standing.state is not State.SUBMITTED or not isinstance(council, dict):
        return None
    if step.person in (standing.drafted_by, standing.submitted_by):
        return None
    state = State.HEARD if council.get("opinion") == Opinion.ADVERSE else State.IN_FORCE
    return replace(standing, state=state, heard_by=step.person, council=council)


def _narrowed(step: _Step) -> Signed | None:
    """One person's step: on the hearing of the version in force that it names, and narrower than that."""
    for version, before in step.before.items():
        file = step.files[version]
        if before.state is State.IN_FORCE and file.digest.hex() == step.said.get("before") and step.standing is None:
            narrower = all(each.narrows for each in compare(file.approval, step.file.approval))
            return before if narrower else None
    return None


def _revoked(step: _Step) -> Signed | None:
    if step.standing is None or step.standing.state not in (State.DRAFTED, State.SUBMITTED, State.IN_FORCE):
        return None
    return replace(step.standing, state=State.REVOKED)


_ANYONE = frozenset[str]({Role.DRAFTER, Role.HEARER, Role.ADMIN})
STEPS: Mapping[str, tuple[frozenset[str], Callable[[_Step], Signed | None]]] = {
    "draft": (frozenset({Role.DRAFTER}), _drafted),
    "amend": (frozenset({Role.DRAFTER}), _drafted),
    "submit": (frozenset({Role.DRAFTER}), _submitted),
    "hear": (frozenset({Role.HEARER}), _heard),
    "narrow": (_ANYONE, _narrowed),
    "revoke": (_ANYONE, _revoked),
}
