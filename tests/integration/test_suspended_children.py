"""Children whose 利用停止 is decided: not judged, not listed, not looked at, in no norm; a forged lifting opens nothing."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.cli.fsck import check_all
from services.platform.database import Database
from tests.operating import Operator

FORGED = """
INSERT INTO gate.suspension (child_id, state, person, seal, statement, signature, entry)
SELECT child_id, 'lifted', 'hearer', platform.give_seal('suspension'), statement, signature,
       ledger.append('person.suspension', '{}', jsonb_build_object('child', child_id, 'state', 'lifted', 'person', 'hearer',
                                                                  'statement', encode(sha256(statement), 'hex')))
FROM gate.suspension WHERE state = 'decided'
"""


def _one(database: Database, query: str) -> Any:
    with database.admin() as conn:
        row = conn.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _judge(operator: Operator) -> dict[str, Any]:
    answer: dict[str, Any] = operator.json("judge", "--as-of", "2026-08-31")
    return answer


def _suspend(operator: Operator, child: UUID, state: str, by: str, code: int = 0) -> Any:
    return operator.json("suspend", str(child), "--state", state, "--reason", "請求", "--as", f"{by}.pem", code=code)


def _listed(operator: Operator) -> set[str]:
    return {item["child_id"] for item in operator.json("queue", "list", "--as", "caseworker.pem")["items"]}


@pytest.mark.e2e
def test_a_suspended_child_is_left_out_until_a_signed_step_lifts_it(
    operator: Operator, database: Database, synthetic_city: Path
) -> None:
    operator.run("up", "--demo")
    operator.run("feed", "load", synthetic_city / "feeds", "--profile", "demo", "--initial")
    operator.run("link")
    before = _judge(operator)
    operator.run("publish")
    item = operator.json("queue", "list", "--as", "caseworker.pem")["items"][0]
    child, alert = UUID(item["child_id"]), item["alert"]
    _suspend(operator, child, "decided", "drafter")
    _suspend(operator, child, "requested", "hearer", code=3)  # asking again opens nothing

    judged = _judge(operator)
    assert (before["suspended"], judged["suspended"]) == (0, 1)
    assert (judged["children"], judged["unchanged"]) == (before["children"] - 1, False)
    assert operator.json("run", "show", judged["run"])["suspended"] == 1
    assert (
        _one(
            database, f"SELECT count(*) FROM judgement.judgement WHERE run = '{judged['run']}' AND child_id = '{child}'"
        )
        == 0
    )
    manifests = [json.loads(_one(database, f"SELECT convert_from(manifest, 'UTF8') FROM judgement.run WHERE run = '{run['run']}'"))
                 for run in (before, judged)]  # fmt: skip
    assert manifests[0]["suspended"] != manifests[1]["suspended"]
    assert manifests[0]["norms"] != manifests[1]["norms"]
    assert str(child) not in _listed(operator)
    operator.run("queue", "act", alert, "watch", "--reason", "AWAITING_DATA", "--as", "caseworker.pem", code=2)
    operator.run("judgement", "show", before["run"], str(child), "--as", "auditor.pem", code=3)
    shown = operator.json("run", "show", before["run"], "--judgements", "--as", "auditor.pem")["judgements"]
    assert len(shown) == before["children"] - 1

    with database.connect("approvals") as conn:  # by hand, with the password of the role that records suspensions
        conn.execute(FORGED)
    assert _judge(operator) == judged | {"unchanged": True}
    assert str(child) not in _listed(operator)
    named = {(fault.kind, fault.index) for fault in check_all(database)[1]}
    forged = _one(database, "SELECT max(entry) FROM gate.suspension")
    assert named - {("CATALOGUE_NOT_LOGGED", None)} == {("SUSPENSION_NOT_SIGNED", forged), ("SUSPENSION_VOID", forged)}

    _suspend(operator, child, "lifted", "drafter", code=3)  # who decided does not lift
    _suspend(operator, child, "lifted", "hearer")
    assert _judge(operator)["children"] == before["children"]
    assert str(child) in _listed(operator)
