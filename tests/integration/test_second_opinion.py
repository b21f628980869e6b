"""The second opinion: from a request that it permits each of its conditions is broken alone, then each pair."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pytest
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from services.platform.database import Database

CHILD = "00000000-0000-0000-0000-000000000001"
PUBLISH: dict[str, Any] = {  # one child's alert, as the first opinion hands it on with its permit
    "act": "publish", "outcome": "permit", "failed": [], "approval": "approval-2", "version": 1, "clause": "appi/61-1",
    "items": ["judgement.category"], "recipient": "子ども成長見守り室", "acting": "publisher", "classes": ["children_0_18"],
    "rules": "mimamori-default-1.0.0", "root": None, "code": "test", "child": CHILD, "judgement": None, "person": None,
    "emergency": False, "detail": {},
}  # fmt: skip
JUDGE = PUBLISH | {"act": "judge", "acting": "analyst", "recipient": None, "child": None}


@dataclass(frozen=True)
class Break:
    """What makes one condition fail.

    done:     what somebody powerful did to the database beforehand
    request:  what is asked otherwise
    login:    the role that asks
    """

    done: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    login: str = ""


def _approval(assignments: str) -> Break:
    return Break(f"UPDATE gate.approval SET {assignments} WHERE approval = 'approval-2'")


def _suspended(state: str) -> Break:
    return Break(
        "INSERT INTO gate.suspension (child_id, state, person, seal, statement, signature, entry)"
        f" VALUES ('{CHILD}', '{state}', 'admin', 0, '', sha512(''), 0)"
    )


BREAKS = {
    "ROLE_NOT_ALLOWED": Break(login="intake"),
    "APPROVAL_NOT_IN_FORCE": _approval("state = 'amended'"),
    "OUTSIDE_PERIOD": _approval("period_from = '2020-01-01', period_to = '2026-08-31'"),
    "ACT_NOT_COVERED": _approval("acts = '{collect}'"),
    "ITEMS_NOT_COVERED": Break(request={"items": ["judgement.category", "resident.income"]}),
    "RECIPIENT_NOT_COVERED": Break(request={"recipient": "広報課"}),
    "CLASS_NOT_COVERED": Break(request={"classes": ["all_citizens"]}),
    "CLAUSE_UNKNOWN": Break(request={"clause": "appi/69-2-2"}),
    "CLAUSE_EXPIRED": _approval("clause_to = '2026-08-31'"),
    "RULE_SET_NOT_COVERED": Break(request={"rules": "other-2.0.0"}),
    "RUNS_USED_UP": _approval("recurrence = '臨時', max_runs = 1"),
    "DUTY_OVERDUE": Break(
        "INSERT INTO gate.duty (approval, version, code, quarter, responsible, decision, opened_on, due)"
        " VALUES ('approval-2', 1, 'NOTIFY_PERSON', '2026-04-01', 'x', gen_random_uuid(), '2026-04-01', '2026-04-30')"
    ),
    "EMERGENCY_NOT_COVERED": Break(request={"emergency": True, "person": "hearer", "detail": {"emergency": "理由"}}),
    "EMERGENCY_ONLY": _approval("emergency = true"),
    "RUN_NOT_OFFICIAL": Break(request={"judgement": 1}),
    "RULE_SET_OF_OTHER_RUN": Break(  # of a judgement that runs by other rules alone say
        "INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)"
        " VALUES ('R', '2026-08-31', now(), 9, 'other', 'official', '', sha256(''), 1, '{}', '{}', gen_random_uuid());"
        " INSERT INTO judgement.said (judgement, child_id, economic, nurturing, poverty, learning, scales, noncognitive, w, raw_category,"
        f" category, data_check, reasons, leaf_hash) OVERRIDING SYSTEM VALUE VALUES (7, '{CHILD}', '', '', '', '', '{{}}', '', '', '', '',"
        " false, '[]', sha256('')); INSERT INTO judgement.line VALUES (9, 0, 7)",
        {"judgement": 7},
    ),
    "PERSON_NOT_ALLOWED": Break(request={"person": "nobody"}),
    "PERSON_SUSPENDED": _suspended("decided"),
    "PERSON_HELD": _suspended("requested"),
}
NOT_TOGETHER = {  # the one is asked only where the other holds, or fails only where it does not
    ("ACT_NOT_COVERED", "RECIPIENT_NOT_COVERED"),
    ("EMERGENCY_NOT_COVERED", "EMERGENCY_ONLY"),
    ("RUN_NOT_OFFICIAL", "RULE_SET_OF_OTHER_RUN"),  # of a judgement that there is
    ("EMERGENCY_NOT_COVERED", "PERSON_NOT_ALLOWED"),  # each by another person
    ("PERSON_SUSPENDED", "PERSON_HELD"),
}


@pytest.fixture
def conn(city_at_work: Database) -> Iterator[Connection[Any]]:
    """The administrator's connection, after two runs were judged."""
    with city_at_work.admin() as conn:
        conn.execute("SELECT set_config('mimamori.clock', %s, false)", (city_at_work.clock.sql_setting,))
        for _ in range(2):
            assert _asked(conn, JUDGE, "analyst") == set()
        yield conn


def _asked(conn: Connection[Any], request: dict[str, Any], login: str) -> set[str]:
    """Codes of the decision on what a first opinion permitted, asked as that role."""
    conn.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(login)))
    row = conn.execute("SELECT failed FROM gate.decide(%s)", (Jsonb([request]),)).fetchone()
    conn.execute("RESET SESSION AUTHORIZATION")
    assert row is not None
    return set(row[0])


def _codes(conn: Connection[Any], *breaks: Break) -> set[str]:
    request, login = dict(PUBLISH), "publisher"
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL session_replication_role = replica")
        for each in breaks:
            request |= each.request
            login = each.login or login
            if each.done:
                conn.execute(each.done.encode())
        conn.execute("SET LOCAL session_replication_role = origin")
        return _asked(conn, request, login)


def test_each_condition_of_the_second_opinion_and_each_pair_is_listed_and_no_other(conn: Connection[Any]) -> None:
    assert _codes(conn) == set()
    for code, broken in BREAKS.items():
        assert _codes(conn, broken) == {code}
    for one, other in combinations(BREAKS, 2):
        if (one, other) not in NOT_TOGETHER:
            assert _codes(conn, BREAKS[one], BREAKS[other]) == {one, other}, (one, other)
    nobody = Break(request={"approval": "nobody-holds-this"})  # of which nothing else can be asked
    assert _codes(conn, nobody) == {"NO_APPROVAL"}
    assert _codes(conn, nobody, BREAKS["ROLE_NOT_ALLOWED"]) == {"NO_APPROVAL", "ROLE_NOT_ALLOWED"}


def test_what_is_typed_into_a_refused_request_is_not_shown(conn: Connection[Any]) -> None:
    """A name in any field of a request would stand in the log for ever."""
    name = "見守 花子"
    typed = (
        PUBLISH
        | dict.fromkeys(("act", "clause", "recipient", "rules", "root", "code"), name)
        | {"items": [name, "x.y"]}
    )
    assert "RECIPIENT_NOT_COVERED" in _asked(conn, PUBLISH | {"recipient": name}, "publisher")
    assert _asked(conn, typed | {"person": name}, "publisher")
    leaves = conn.execute("SELECT convert_from(leaf, 'UTF8') FROM ledger.entry ORDER BY index DESC LIMIT 2").fetchall()
    shown = [json.loads(leaf) for (leaf,) in leaves]
    assert not any(name in leaf for (leaf,) in leaves)
    assert (shown[0]["act"], shown[0]["items"], shown[1]["act"]) == ("unknown", ["x.y"], "publish")
    rows = conn.execute("SELECT d::text FROM gate.decision d ORDER BY entry DESC LIMIT 2").fetchall()
    assert not any(name in row for (row,) in rows)


LOOK = PUBLISH | {
    "act": "look",
    "acting": "caseworker",
    "recipient": None,
    "rules": None,
    "items": ["judgement.category"],
}


LOOKS = [
    (LOOK | {"person": "caseworker"}, "casework", True),
    (LOOK | {"person": "drafter"}, "casework", False),
    (LOOK, "casework", False),
    (LOOK | {"by_service": True, "child": None}, "casework", False),
    (LOOK | {"acting": "analyst", "person": "auditor"}, "analyst", True),
    (LOOK | {"acting": "analyst", "by_service": True, "child": None}, "analyst", True),
    (LOOK | {"acting": "analyst", "by_service": True}, "analyst", False),
]


def test_who_looks_is_registered_and_holds_the_role(conn: Connection[Any]) -> None:
    for look, login, allowed in LOOKS:
        assert ("PERSON_NOT_ALLOWED" not in _asked(conn, look, login)) is allowed, look
    conn.execute("UPDATE gate.person SET revoked_by = 'admin' WHERE person = 'caseworker'")
    assert "PERSON_NOT_ALLOWED" in _asked(conn, LOOKS[0][0], "casework")
