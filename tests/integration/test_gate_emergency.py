"""An act in an emergency: at once, for one named child, for a written reason; reviewed by somebody else within three days."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from schemas.errors import RefusedError, UsageError
from schemas.rules import load_default
from services.approvals.demo import DOCUMENTS
from services.approvals.main import draft, hear, read_opinion, revoke, submit
from services.casework.look import show
from services.gate.emergencies import Emergency, emergencies, read_reason, review
from services.gate.fsck import check_gate
from services.judgement.look import look_at_run
from services.ledger.fsck import check_log
from services.platform.database import Database
from tests.factories_casework import Child, Judged, alert_of, entries, judge, person, publish, revealed, settle
from tests.operating import Operator

OpenAt = Callable[[str], Database]
FILE = DOCUMENTS / "approval-emergency.toml"
REASON = "自宅で重いけがをしているとの通報"
RULES = load_default()


@pytest.fixture
def child(database: Database) -> Child:
    """One candidate in the queue; the approval for ordinary looks is revoked, one for emergencies is in force."""
    found = Child()
    settle(database, [found])
    judge(database, [Judged(found)])
    publish(database)
    with_emergency_approval(database)
    revoke(database, "approval-2", person(database, "hearer"), reason="試験")
    return found


def with_emergency_approval(database: Database) -> None:
    draft(database, FILE, person(database, "drafter"))
    submit(database, "approval-emergency", person(database, "drafter"))
    hear(database, "approval-emergency", read_opinion(FILE), person(database, "hearer"))


def _look(database: Database, child: Child) -> str:
    """A caseworker's look by name in an emergency; the decision's id."""
    shown = show(database, alert_of(database, child), person(database), RULES, emergency=REASON)
    assert shown.person["name"] == child.name
    (newest,) = [each for each in _all(database) if each.entry == shown.detail.look]
    return str(newest.decision)


def _all(database: Database) -> list[Emergency]:
    with database.connect("approvals") as conn:
        return emergencies(conn)


def _codes(error: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    return {code for code, _ in error.value.conditions}


def test_the_life_of_a_look_that_could_not_wait(database: Database, child: Child, open_at: OpenAt) -> None:
    with pytest.raises(RefusedError) as refused:
        show(database, alert_of(database, child), person(database), RULES)
    assert "EMERGENCY_ONLY" not in _codes(refused) and "APPROVAL_NOT_IN_FORCE" in _codes(refused)
    first = UUID(_look(database, child))
    entry = json.loads(entries(database)[_all(database)[0].entry])
    assert (entry["emergency"], entry["clause"], entry["decision"]) == (True, "appi/69-2-2", "permit")
    assert REASON not in "".join(entries(database))

    with pytest.raises(RefusedError, match="自ら確認できません"):
        review(database, first, person(database), "justified", reason="自分で確認")
    assert read_reason(database, first, person(database, "auditor")) == {"reason": REASON, "child": str(child.child_id)}
    in_time = open_at("2026-09-04T23:59")
    assert review(in_time, first, person(in_time, "auditor"), "justified", reason="通報の記録と合う").late is False
    with pytest.raises(UsageError, match="既に確認"):
        review(in_time, first, person(in_time, "auditor"), "unjustified", reason="二度目")

    second = UUID(_look(in_time, child))
    waiting, closed = open_at("2026-09-07T23:59"), open_at("2026-09-08T00:00")
    assert [each.state(waiting.clock.today()) for each in _all(waiting)] == ["waiting", "justified"]
    third = _look(waiting, child)  # the last day of the second's review
    assert [each.state(closed.clock.today()) for each in _all(closed)] == ["closed", "waiting", "justified"]
    with pytest.raises(RefusedError, match="mimamori gate review") as barred:  # as the first opinion says it
        _look(closed, child)
    assert _codes(barred) == {"REVIEW_OVERDUE"}
    assert _faults(closed) == {"EMERGENCY_NOT_REVIEWED"}
    assert review(closed, second, person(closed, "auditor"), "unjustified", reason="危険はなかった").late is True
    _look(closed, child)
    review(closed, UUID(third), person(closed, "hearer"), "justified", reason="妥当")
    assert _faults(closed) == set()


def test_an_analyst_looks_at_one_child_and_never_at_all_of_them(database: Database, child: Child) -> None:
    auditor = person(database, "auditor")
    found = look_at_run(database, "R1", auditor, child=child.child_id, emergency=REASON)["judgements"]
    assert [each["child_id"] for each in found] == [str(child.child_id)]
    with pytest.raises(RefusedError) as all_of_them:
        look_at_run(database, "R1", auditor, emergency=REASON)
    assert _codes(all_of_them) == {"EMERGENCY_NO_CHILD"}
    with pytest.raises(RefusedError) as without:
        look_at_run(database, "R1", auditor, child=child.child_id, emergency=" ")
    assert _codes(without) == {"EMERGENCY_NO_REASON"}


def _payload(looked_at: Child, **changes: object) -> dict[str, object]:
    """A look in an emergency as a service would put it to gate.decide, the first opinion said to permit."""
    return {
        "act": "look", "outcome": "permit", "failed": [], "clause": "appi/69-2-2", "approval": "approval-emergency",
        "version": 1, "items": ["judgement.category"], "recipient": None, "acting": "caseworker",
        "classes": ["children_0_18"], "rules": None, "root": None, "code": "", "child": str(looked_at.child_id),
        "judgement": None, "person": "caseworker", "emergency": True, "detail": {"emergency": REASON},
    } | changes  # fmt: skip


AGAINST: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"child": None}, ["EMERGENCY_NO_CHILD"]),
    ({"person": None}, ["EMERGENCY_NO_PERSON"]),
    ({"detail": {"emergency": "\u3000 \n"}}, ["EMERGENCY_NO_REASON"]),
    ({"detail": {}}, ["EMERGENCY_NO_REASON"]),
    ({"emergency": False}, ["EMERGENCY_ONLY"]),
    ({"approval": "approval-2", "clause": "appi/61-1"}, ["APPROVAL_NOT_IN_FORCE", "EMERGENCY_NOT_COVERED"]),
]


def test_the_second_opinion_finds_the_same_by_itself(database: Database, child: Child, open_at: OpenAt) -> None:
    def second_opinion(at: Database, **changes: object) -> list[str]:
        with at.connect("casework") as conn:
            payload = Jsonb([_payload(child, **changes)])
            return list(conn.execute("SELECT failed FROM gate.decide(%s)", (payload,)).fetchall()[0][0])

    assert [second_opinion(database, **changes) for changes, _ in AGAINST] == [codes for _, codes in AGAINST]
    assert second_opinion(open_at("2026-09-04T23:59")) == []
    assert second_opinion(open_at("2026-09-05T00:00")) == ["REVIEW_OVERDUE"]


def test_a_closed_permit_opens_no_name_and_only_the_gate_writes_reviews(
    database: Database, child: Child, open_at: OpenAt
) -> None:
    with database.connect("casework") as conn:
        unused = conn.execute("SELECT decision FROM gate.decide(%s)", (Jsonb([_payload(child)]),)).fetchall()[0][0]
    late = open_at("2026-09-05T00:00")
    with pytest.raises(errors.RaiseException, match="closed"), late.connect("casework") as conn:
        conn.execute("SELECT gate.reveal(%s)", (unused,))
    assert revealed(database) == 0
    for role in ("casework", "analyst", "approvals", "council", "auditor"):
        with pytest.raises(errors.InsufficientPrivilege), database.connect(role) as conn:
            conn.execute(
                "INSERT INTO gate.emergency_review (decision, finding, late, person, statement, signature, entry)"
                " SELECT %s, 'justified', false, 'auditor', '', sha512(''), max(index) FROM ledger.entry",
                (unused,),
            )
    with pytest.raises(errors.RaiseException, match="somebody else"), database.connect("approvals") as conn:
        conn.execute("SELECT gate.review(%s, 'caseworker', 'justified', '自分で', '', sha512(''))", (unused,))
    with pytest.raises(errors.InsufficientPrivilege), database.connect("casework") as conn:
        conn.execute("SELECT gate.review(%s, 'auditor', 'justified', '', '', sha512(''))", (unused,))


def test_what_the_powerful_do_to_a_review_is_named(database: Database, child: Child) -> None:
    decision = UUID(_look(database, child))
    review(database, decision, person(database, "auditor"), "justified", reason="妥当")
    assert _faults(database) == set()
    entry = _all(database)[0].entry
    for done, kind in {
        "UPDATE gate.emergency_review SET person = 'caseworker'": "REVIEW_BY_SAME",
        "UPDATE gate.emergency_review SET finding = 'unjustified'": "REVIEW_DIFFERS",
        "UPDATE gate.emergency_review SET signature = sha512('')": "REVIEW_NOT_SIGNED",
        "DELETE FROM gate.emergency_review": "ENTRY_WITHOUT_CHANGE",
        f"UPDATE gate.decision SET emergency = false WHERE entry = {entry}": "DECISION_DIFFERS",
    }.items():
        with database.admin() as conn:
            conn.execute("SET LOCAL session_replication_role = replica")
            conn.execute(done.encode())
            assert kind in _kinds(conn), done
            conn.rollback()


def _kinds(conn: psycopg.Connection[Any]) -> set[str]:
    log = check_log(conn)
    return {fault.kind for fault in [*log.faults, *check_gate(conn, log)]} - {"CATALOGUE_NOT_LOGGED"}


def _faults(database: Database) -> set[str]:
    with database.connect("auditor") as conn:
        return _kinds(conn)


def test_the_commands(database: Database, child: Child, operator: Operator) -> None:
    alert = alert_of(database, child)
    shown = operator.json("queue", "show", alert, "--emergency", REASON, "--as", "caseworker.pem")
    assert shown["person"]["name"] == child.name
    assert operator.json("queue", "show", alert, "--emergency", "", "--as", "caseworker.pem", code=3)["conditions"]
    child_id = str(child.child_id)
    operator.json("judgement", "show", "R1", child_id, "--emergency", REASON, "--as", "auditor.pem")
    waiting = operator.json("gate", "reviews")["reviews"]
    assert [(each["person"], each["due"], each["state"]) for each in waiting] == [
        ("caseworker", "2026-09-04", "waiting"),
        ("auditor", "2026-09-04", "waiting"),
    ]
    first = waiting[0]["decision"]
    command = ("gate", "review", first, "--finding", "justified", "--reason", "妥当")
    assert operator.json(*command, "--as", "caseworker.pem", code=3)["conditions"][0]["code"] == "REVIEWED_BY_SAME"
    assert operator.json("gate", "review", first, "--as", "auditor.pem")["reason"] == REASON
    assert operator.json(*command, "--as", "auditor.pem")["state"] == "justified"
    operator.run(*command, "--as", "auditor.pem", code=2)
