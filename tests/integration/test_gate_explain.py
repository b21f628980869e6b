"""`gate explain` with an approval named by its id: the one case in which it reads the database; it writes nothing."""

import json
from pathlib import Path

import pytest

from schemas.records.approval import read_approval
from services.approvals.demo import DOCUMENTS, set_up_demo
from services.platform.database import Database
from tests.examples.table import examples
from tests.operating import Operator


def _entries(database: Database) -> int:
    with database.connect("auditor") as conn:
        row = conn.execute("SELECT count(*) FROM ledger.entry").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(("day", "held", "code"), [("2026-09-01", True, None), ("2031-09-01", True, "OUTSIDE_PERIOD"),
                                                   ("2026-09-01", False, "NO_APPROVAL")])  # fmt: skip
def test_the_approval_named_is_looked_up_and_nothing_is_written(
    day: str, held: bool, code: str | None, database: Database, operator: Operator, tmp_path: Path
) -> None:
    set_up_demo(database)
    approval = (
        read_approval((DOCUMENTS / "approval-2.toml").read_text("utf-8")).approval.id if held else "nobody-holds-this"
    )
    request = next(each.request for each in examples() if each.clause == "appi/61-1" and each.outcome == "permit")
    request |= {"approval": approval, "act": "look", "date": day}
    request["data"]["items"], request["parties"]["user_office"] = ["judgement.category"], "子ども成長見守り室"
    del request["extra"]["clause_claimed"]
    file = tmp_path / "request.json"
    file.write_text(json.dumps(request), "utf-8")
    before = _entries(database)
    answer = operator.run("gate", "explain", file, code=0 if code is None else 3).document
    assert [each["code"] for each in answer["failed"]] == ([] if code is None else [code])
    assert _entries(database) == before
