"""What the recorded steps of 利用停止 come to, replayed in order; whatever would open something again needs a signature that holds.

It fails closed: a decided step bars whoever wrote it, a lifting one that nobody who may lift has signed lifts nothing.
`log fsck` names both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg import Connection

from schemas.records.person import Role
from services.gate.registered import Registration
from services.gate.words import Word, holds, people_now

RECORDERS = (Role.DRAFTER, Role.HEARER, Role.ADMIN)


class Suspension(StrEnum):
    """Where a child's suspension stands."""

    REQUESTED = "requested"
    DECIDED = "decided"
    LIFTED = "lifted"


@dataclass(frozen=True)
class Step:
    """One recorded step. seal, entry: its order among runs, and in the log."""

    child: UUID
    state: Suspension
    seal: int
    entry: int
    word: Word

    def signed(self, people: Mapping[str, Registration]) -> bool:
        """Whether the person it names signed just this step, and could."""
        said = step_said(self.child, self.state, self.seal, self.word.person)
        return holds(self.word, said, people, RECORDERS)


@dataclass(frozen=True)
class Standing:
    """Where one child's suspension stands. deciders: who has decided it since it was last lifted."""

    state: Suspension
    deciders: frozenset[str] = frozenset()


def step_said(child: UUID, state: Suspension, seal: int, person: str) -> dict[str, Any]:
    """What the statement of a step has to say. The seal makes it this one step: no other row can bear the signature."""
    return {"what": "person.suspension", "child": str(child), "state": str(state), "seal": seal, "person": person}


def replay(steps: Iterable[Step], people: Mapping[str, Registration]) -> tuple[dict[UUID, Standing], list[Step]]:
    """Where the steps, in the log's order, leave each child; and those steps that come to nothing."""
    stands: dict[UUID, Standing] = {}
    void = []
    for step in steps:
        after = _after(stands.get(step.child), step, people)
        if after is None:
            void.append(step)
        else:
            stands[step.child] = after
    return stands, void


def steps_of(conn: Connection[Any], children: Sequence[UUID] | None = None, *, seal: int | None = None) -> list[Step]:
    """Steps in the log's order. children: None = of everybody; seal: None = all, else those sealed up to it."""
    rows = conn.execute(
        "SELECT child_id, state, seal, entry, person, statement, signature, at FROM gate.suspension"
        " WHERE (%(children)s::uuid[] IS NULL OR child_id = ANY (%(children)s))"
        " AND (%(seal)s::bigint IS NULL OR seal <= %(seal)s) ORDER BY entry",
        {"children": None if children is None else list(children), "seal": seal},
    ).fetchall()
    return [Step(row[0], Suspension(row[1]), row[2], row[3], Word(*row[4:])) for row in rows]


def standing_of(
    conn: Connection[Any], children: Sequence[UUID] | None = None, *, seal: int | None = None
) -> dict[UUID, Standing]:
    """Where the children's suspensions stand, or stood at a seal; those without any step are not in it."""
    steps = steps_of(conn, children, seal=seal)
    return replay(steps, people_now(conn))[0] if steps else {}


def barred(
    conn: Connection[Any], children: Sequence[UUID] | None = None, *, seal: int | None = None
) -> frozenset[UUID]:
    """Those whose data may not be used, now or as of a seal: a suspension is decided. children: None = of everybody."""
    stands = standing_of(conn, children, seal=seal)
    return frozenset(child for child, each in stands.items() if each.state is Suspension.DECIDED)


def _after(now: Standing | None, step: Step, people: Mapping[str, Registration]) -> Standing | None:
    """None where the step comes to nothing."""
    decided = now is not None and now.state is Suspension.DECIDED
    deciders = now.deciders if now is not None else frozenset()
    if step.state is Suspension.DECIDED:
        return Standing(Suspension.DECIDED, deciders | {step.word.person})
    if step.state is Suspension.REQUESTED:
        return None if decided else Standing(Suspension.REQUESTED)
    lifts = now is not None and step.word.person not in deciders and step.signed(people)
    return Standing(Suspension.LIFTED) if lifts else None
