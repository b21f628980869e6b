"""fsck finds nothing after everything that the service does in good order, repeated, refused, revoked and erased."""

from pathlib import Path

import pytest

from tests.operating import Operator


@pytest.mark.e2e
def test_a_city_that_did_everything_is_without_fault(operator: Operator, synthetic_city: Path, tmp_path: Path) -> None:
    operator.run("up", "--demo")
    for _ in range(2):  # the second time brings nothing new, and names what stands
        operator.run("feed", "load", synthetic_city / "feeds", "--profile", "demo", "--initial")
        operator.run("link")
        operator.run("judge", "--as-of", "2026-08-31")
        operator.run("publish")
    item = operator.json("queue", "list", "--as", "caseworker.pem")["items"][0]
    operator.run("queue", "show", item["alert"], "--as", "caseworker.pem")
    operator.run("queue", "act", item["alert"], "watch", "--reason", "AWAITING_DATA", "--as", "caseworker.pem")
    operator.run("report", "council", "--quarter", "FY2026Q2", "--out", tmp_path / "report")
    operator.run("log", "checkpoint")
    operator.run(
        "erase", "--child", item["child_id"], "--reason", "request", "--as", "caseworker.pem", "--as", "admin.pem"
    )
    operator.run("log", "checkpoint")
    operator.run("approval", "revoke", "approval-2", "--reason", "試験", "--as", "hearer.pem")
    operator.run("link", code=3)
    operator.run("person", "revoke", "hearer", "--as", "admin.pem")
    found = operator.json("log", "fsck")
    assert found["errors"] == []
    assert (found["ok"], found["checked"]["persons"]) == (True, 5)
    assert found["checked"]["checkpoints"] >= 2  # `up` lets a follower sign beside these
