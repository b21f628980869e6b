"""Where a child under 支援措置 is: shown to two persons, for an office of the record, for an hour, and to nobody else."""

from collections.abc import Callable

import pytest
from psycopg.types.json import Jsonb

from schemas.errors import HeldError, RefusedError
from schemas.rules import load_default
from services.approvals.main import revoke
from services.casework.look import Shown, show
from services.casework.unmask import ITEMS, unmask
from services.platform.database import Database
from tests.factories_casework import (
    CASEWORKER,
    Child,
    Judged,
    alert_of,
    judge,
    person,
    protect,
    publish,
    reason,
    settle,
)
from tests.operating import Operator
from tests.stored import log_faults

OFFICE = "子ども家庭課"  # as the demo's approval names it
FORGED = """
INSERT INTO gate.unmasking (child_id, office, person, statement, signature, entry)
SELECT child_id, office, 'hearer', statement, signature,
       ledger.append('case.unmask', '{}', jsonb_build_object('child', child_id, 'office', office, 'person', 'hearer',
                                                             'statement', encode(sha256(statement), 'hex')))
FROM gate.unmasking RETURNING entry
"""


def _candidate(database: Database, *, protection: bool = True) -> Child:
    child = Child()
    settle(database, [child], protection=protection)
    judge(database, [Judged(child, reasons=[reason("E3_HOGO", day="2024-05-01")])])
    publish(database)
    return child


@pytest.fixture
def child(database: Database) -> Child:
    """One candidate under 支援措置."""
    found = _candidate(database)
    protect(database, found.key, start=None)
    return found


def _faults(database: Database) -> list[str]:
    """What fsck names; the factory's run has no true root."""
    return [fault for fault in log_faults(database) if not fault.startswith("RUN_ALTERED")]


def _show(database: Database, child: Child) -> Shown:
    return show(database, alert_of(database, child), CASEWORKER, load_default())


def _unmask(database: Database, child: Child, *people: str, office: str = OFFICE) -> int:
    found = [person(database, name) for name in people]
    return unmask(database, alert_of(database, child), found, office=office, reason="転居先の確認").entry


def test_two_persons_see_it_for_an_hour(
    database: Database, child: Child, operator: Operator, open_at: Callable[[str], Database]
) -> None:
    asked = ("queue", "unmask", alert_of(database, child), "--office", OFFICE, "--reason", "転居先の確認")
    operator.run(*asked, "--as", "caseworker.pem", code=4)
    operator.run(*asked, "--as", "caseworker.pem", code=4)  # the same person is no second one
    assert _show(database, child).masked
    done = operator.json(*asked, "--as", "hearer.pem")
    assert done["people"] == ["caseworker", "hearer"]

    shown = _show(database, child)
    assert (shown.masked, shown.protection, shown.person["address"]) == (False, "in_force", child.address)
    told = operator.run("queue", "show", alert_of(database, child), "--as", "caseworker.pem")
    assert told.document["masked"] == []
    assert _show(open_at("2026-09-01T09:59"), child).person["school"] == child.school
    assert _show(open_at("2026-09-01T10:00"), child).masked
    with pytest.raises(HeldError):  # the other's word was for one permit
        _unmask(database, child, "caseworker")
    assert _faults(database) == []


def test_a_word_is_for_its_office_child_and_day(
    database: Database, child: Child, open_at: Callable[[str], Database]
) -> None:
    with pytest.raises(HeldError):
        _unmask(database, child, "caseworker")
    with pytest.raises(HeldError):
        _unmask(open_at("2026-09-02T09:00"), child, "hearer")
    with pytest.raises(RefusedError) as refused:
        _unmask(database, child, "caseworker", "hearer", office="学務課")
    assert [code for code, _ in refused.value.conditions] == ["RECIPIENT_NOT_COVERED"]
    with pytest.raises(RefusedError):
        _unmask(database, child, "drafter", "hearer")
    assert _show(database, child).masked


def test_neither_a_third_person_nor_a_revoked_approval_shows_it(database: Database, child: Child) -> None:
    _unmask(database, child, "admin", "hearer")
    assert _show(database, child).masked  # the caseworker is neither of the two
    _unmask(database, child, "caseworker", "hearer")
    assert not _show(database, child).masked
    revoke(database, "approval-2", reason="試験", by=person(database, "hearer"))
    with database.connect("casework") as conn:
        row = conn.execute("SELECT decision FROM gate.decision WHERE act = 'look' AND child_id IS NOT NULL").fetchone()
    assert row is not None
    with database.admin() as conn:  # as a look that was permitted just before would find it
        still = conn.execute("SELECT gate.unmasked_now(%s, 'caseworker', %s)", (child.child_id, list(ITEMS))).fetchone()
    assert still == (False,)


def test_a_forged_word_is_none_and_is_named(database: Database, child: Child) -> None:
    with pytest.raises(HeldError):
        _unmask(database, child, "caseworker")
    by_hand = {
        "act": "unmask", "outcome": "permit", "failed": [], "clause": "appi/61-1", "approval": "approval-2", "version": 1,
        "items": list(ITEMS), "acting": "caseworker", "classes": ["children_0_18"], "child": str(child.child_id),
        "recipient": OFFICE, "person": "caseworker",
    }  # fmt: skip
    with database.connect("casework") as conn:  # with the password of the role that reads names
        alone = conn.execute(
            "SELECT entry, outcome, decision::text FROM gate.decide(%s)", (Jsonb([by_hand]),)
        ).fetchone()
    assert alone is not None and alone[1] == "permit"
    assert _show(database, child).masked  # one word behind it
    with database.connect("casework") as conn:
        forged = conn.execute(FORGED).fetchone()
    assert forged is not None
    with pytest.raises(HeldError):  # the permit by hand used up the first word; the forged one is none
        _unmask(database, child, "caseworker")
    assert _show(database, child).masked
    assert _faults(database) == [f"UNMASKED_BY_ONE {alone[0]} {alone[2]}", f"UNMASKING_NOT_SIGNED {forged[0]} None"]


def test_where_the_feed_never_came_everybody_is_masked(database: Database) -> None:
    child = _candidate(database, protection=False)
    shown = _show(database, child)
    assert (shown.masked, shown.protection) == (True, "not_loaded")
    assert "address" not in shown.person and shown.person["name"] == child.name
