"""What steps of 利用停止 come to: whatever is recorded in whichever order, only a signed step of somebody else lifts a decision."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from services.gate.registered import Registration
from services.gate.suspended import Standing, Step, Suspension, replay, step_said
from services.gate.words import Word
from services.platform.keyfiles import public_bytes

CHILD = UUID(int=1)
AT = datetime(2026, 9, 1, tzinfo=UTC)
KEYS = {name: Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n, name in enumerate(("ann", "ben", "cat"))}
PEOPLE = {
    name: Registration(name, public_bytes(key), frozenset({"caseworker" if name == "cat" else "hearer"}), AT, None, None, None)
    for name, key in KEYS.items()
}  # fmt: skip
REQUESTED, DECIDED, LIFTED = Suspension.REQUESTED, Suspension.DECIDED, Suspension.LIFTED
Told = tuple[Suspension, str, bool]  # state, person, whether it is signed


def _steps(told: Sequence[Told]) -> list[Step]:
    return [_step(seal, *each) for seal, each in enumerate(told, start=1)]


def _step(seal: int, state: Suspension, person: str, signed: bool) -> Step:
    statement = rfc8785.dumps(step_said(CHILD, state, seal, person) | {"reason": "試験"})
    word = Word(person, statement, KEYS[person].sign(statement) if signed else bytes(64), AT)
    return Step(CHILD, state, seal, seal, word)


def _state(steps: Sequence[Step]) -> Suspension | None:
    standing: Standing | None = replay(steps, PEOPLE)[0].get(CHILD)
    return None if standing is None else standing.state


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ([(REQUESTED, "ann", True)], REQUESTED),
        ([(REQUESTED, "ann", False)], REQUESTED),  # holding back needs no signature
        ([(DECIDED, "ann", False)], DECIDED),
        ([(DECIDED, "ann", True), (REQUESTED, "ben", True)], DECIDED),
        ([(DECIDED, "ann", True), (LIFTED, "ben", True)], LIFTED),
        ([(DECIDED, "ann", True), (LIFTED, "ben", False)], DECIDED),
        ([(DECIDED, "ann", True), (LIFTED, "ann", True)], DECIDED),  # who decided does not lift
        ([(DECIDED, "ann", True), (LIFTED, "cat", True)], DECIDED),  # a caseworker neither
        ([(DECIDED, "ann", True), (DECIDED, "ben", False), (LIFTED, "ann", True)], DECIDED),
        ([(DECIDED, "ann", True), (LIFTED, "ben", True), (DECIDED, "ben", True), (LIFTED, "ann", True)], LIFTED),
        ([(LIFTED, "ann", True)], None),
    ],
)
def test_what_stands_after_the_steps(told: Sequence[Told], state: Suspension | None) -> None:
    assert _state(_steps(told)) == state


def test_a_lifting_step_that_was_signed_before_lifts_no_later_decision() -> None:
    steps = _steps([(DECIDED, "ann", True), (LIFTED, "ben", True), (DECIDED, "ann", True)])
    again = Step(CHILD, LIFTED, seal=4, entry=4, word=steps[1].word)
    assert _state([*steps, again]) == DECIDED


@given(st.lists(st.tuples(st.sampled_from(Suspension), st.sampled_from(sorted(KEYS)), st.booleans()), max_size=8))
def test_a_decision_stands_until_somebody_else_who_may_signs_that_it_is_lifted(told: list[Told]) -> None:
    decided = False
    deciders: set[str] = set()
    for state, person, signed in told:
        if state is DECIDED:
            decided, deciders = True, deciders | {person}
        elif state is LIFTED and signed and person != "cat" and person not in deciders:
            decided, deciders = False, set()
    assert (_state(_steps(told)) is DECIDED) == decided
