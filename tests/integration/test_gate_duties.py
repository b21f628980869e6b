"""What a permit obliges to: opened once a quarter, done by a signed word or by the report itself, and in the way once overdue."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from schemas.errors import RefusedError, UsageError
from services.approvals.demo import DOCUMENTS
from services.approvals.main import amend, hear, read_opinion, submit
from services.council.main import report
from services.gate import Request, act, decide
from services.gate.duties import Duty, duties, fulfil
from services.gate.fsck import check_gate
from services.ledger.fsck import check_log
from services.platform.database import Database
from tests.factories_casework import entries, person
from tests.operating import Operator
from tests.stored import log_faults

OpenAt = Callable[[str], Database]
LOOK = Request(act="look", items=("judgement.category",), classes=("children_0_18",), role="analyst", person="auditor")


@pytest.fixture
def demo(city_at_work: Database) -> Database:
    """The demo's persons and approvals; approval-2 obliges to report to the council and names no day for it."""
    return city_at_work


def _look(database: Database, times: int = 1) -> list[list[str]]:
    """Looks, in one transaction; the codes that each failed."""
    with database.connect("analyst") as conn:
        found = decide(conn, [LOOK] * times, today=database.clock.today())
    return [[code for code, _ in each.failed] for each in found]


def _duties(database: Database) -> list[Duty]:
    with database.connect("approvals") as conn:
        return duties(conn)


def _told(database: Database) -> list[tuple[str, str, str, str]]:
    today = database.clock.today()
    return [(each.code, str(each.opened_on), str(each.due), each.state(today)) for each in _duties(database)]


def test_many_acts_of_a_quarter_open_one_duty_and_the_next_quarter_another(demo: Database, open_at: OpenAt) -> None:
    before = len(entries(demo))
    _look(demo, 300)
    _look(open_at("2026-09-30T23:59"))
    assert _told(demo) == [("REPORT_TO_COUNCIL", "2026-09-01", "2027-09-01", "open")]
    assert len(entries(demo)) == before + 301  # a duty is named by the entry of the permit that brought it
    (duty,) = _duties(demo)
    assert (duty.responsible, duty.quarter.isoformat()) == ("見守市 子ども成長見守り室", "2026-07-01")
    _look(open_at("2026-10-01T00:00"))
    assert len(_told(demo)) == 2
    assert log_faults(demo) == []


def test_a_refusal_obliges_to_nothing(demo: Database) -> None:
    with demo.connect("analyst") as conn:
        decide(conn, [Request(act="look", items=("x.y",), role="analyst")], today=demo.clock.today())
    assert _duties(demo) == []


def test_an_overdue_duty_bars_the_next_act_until_it_is_done(demo: Database, open_at: OpenAt) -> None:
    _look(demo)
    last, after = open_at("2027-09-01T23:59"), open_at("2027-09-02T00:00")
    assert _look(last) == [[]]
    assert _look(after, 2) == [["DUTY_OVERDUE"]] * 2
    with pytest.raises(RefusedError, match="gate done"), act(after, role="analyst", request=LOOK):
        pass
    assert _second_opinion(after) == ["DUTY_OVERDUE"]
    assert _second_opinion(last) == []
    duty = _duties(after)[0]
    for what in ("", " "):
        with pytest.raises(UsageError, match="--what"):
            fulfil(after, duty.duty, person(after, "drafter"), what=what)
    fulfil(after, duty.duty, person(after, "drafter"), what="審議会の会長に文書で報告した")
    with pytest.raises(UsageError, match="果たされていない"):
        fulfil(after, duty.duty, person(after, "drafter"), what="二度目")
    assert _look(after) == [[]]
    assert log_faults(after) == []
    assert "審議会の会長" not in "".join(entries(after))


def _second_opinion(database: Database) -> list[str]:
    payload: dict[str, Any] = {
        "act": "look", "outcome": "permit", "failed": [], "clause": "appi/61-1", "approval": "approval-2", "version": 1,
        "items": ["judgement.category"], "acting": "analyst", "person": "auditor", "classes": ["children_0_18"], "emergency": False,
    }  # fmt: skip
    with database.connect("analyst") as conn:
        return list(conn.execute("SELECT failed FROM gate.decide(%s)", (Jsonb([payload]),)).fetchall()[0][0])


def test_the_report_of_a_quarter_does_the_duty_to_report_its_acts(
    demo: Database, open_at: OpenAt, tmp_path: Path
) -> None:
    _look(demo)
    _look(open_at("2026-10-01T09:00"))
    after = open_at("2027-10-02T09:00")  # both are overdue, and the report that is owed may be made
    report(after, quarter="FY2026Q2", out=tmp_path / "q2")
    assert [(each.quarter.isoformat(), each.done_by, each.state(after.clock.today())) for each in _duties(after)] == [
        ("2026-10-01", None, "overdue"),
        ("2026-07-01", None, "done"),
    ]
    assert _look(after) == [["DUTY_OVERDUE"]]
    report(after, quarter="FY2026Q3", out=tmp_path / "q3")
    assert _look(after) == [[]]
    assert log_faults(after) == []


def test_the_approval_names_who_and_shortens_the_time_and_an_older_versions_duty_still_bars(
    demo: Database, open_at: OpenAt, tmp_path: Path
) -> None:
    _look(demo)
    text = (DOCUMENTS / "approval-2.toml").read_text("utf-8").replace("version = 1", "version = 2", 1)
    holder = '[[duties]]\ncode = "REPORT_TO_COUNCIL"\nresponsible = "情報公開課"\ndue_days = 30\n\n'
    text = text.replace("[[classes]]", f"{holder}[[classes]]", 1).replace("522bf652", "622bf652")
    (tmp_path / "v2.toml").write_text(text, "utf-8")
    amend(demo, tmp_path / "v2.toml", person(demo, "drafter"))
    submit(demo, "approval-2", person(demo, "drafter"))
    hear(demo, "approval-2", read_opinion(tmp_path / "v2.toml"), person(demo, "hearer"))
    _look(demo)
    found = _duties(demo)
    assert [(each.version, each.responsible, str(each.due)) for each in found] == [
        (2, "情報公開課", "2026-10-01"),
        (1, "見守市 子ども成長見守り室", "2027-09-01"),
    ]
    later = open_at("2027-09-02T00:00")
    fulfil(later, found[0].duty, person(later, "drafter"), what="報告した")
    assert _look(later) == [["DUTY_OVERDUE"]]


def test_only_the_gate_writes_duties_and_what_the_powerful_do_is_named(demo: Database) -> None:
    _look(demo)
    for role in ("analyst", "approvals", "council", "auditor", "casework"):
        with pytest.raises(errors.InsufficientPrivilege), demo.connect(role) as conn:
            conn.execute("UPDATE gate.duty SET due = '2099-01-01'")
    assert [each.code for each in _duties(demo)] == ["REPORT_TO_COUNCIL"]
    assert _faults(demo, "UPDATE gate.duty SET due = '2099-01-01'") == {"DUTY_DIFFERS"}
    assert _faults(demo, "UPDATE gate.duty SET responsible = '別の課'") == {"DUTY_DIFFERS"}
    assert _faults(demo, "DELETE FROM gate.duty") == {"PERMIT_WITHOUT_DUTY"}
    fulfil(demo, _duties(demo)[0].duty, person(demo, "drafter"), what="報告した")
    assert _faults(demo, "UPDATE gate.duty SET signature = sha512('')") == {"DUTY_NOT_SIGNED"}
    assert _faults(demo, "UPDATE gate.duty SET done_entry = 0") >= {"DUTY_DONE_WITHOUT_ENTRY"}
    reopened = "done_on = NULL, done_at = NULL, done_entry = NULL, done_by = NULL, statement = NULL, signature = NULL"
    assert _faults(demo, f"UPDATE gate.duty SET {reopened}") == {"ENTRY_WITHOUT_CHANGE"}
    assert log_faults(demo) == []


def _faults(database: Database, done: str) -> set[str]:
    """What fsck names once a superuser did that; it is taken back."""
    with database.admin() as conn:
        conn.execute("SET LOCAL session_replication_role = replica")
        conn.execute(done.encode())
        kinds = _kinds(conn)
        conn.rollback()
    return kinds


def _kinds(conn: psycopg.Connection[Any]) -> set[str]:
    log = check_log(conn)
    return {fault.kind for fault in [*log.faults, *check_gate(conn, log)]} - {"CATALOGUE_NOT_LOGGED"}


def test_the_commands(demo: Database, operator: Operator) -> None:
    assert operator.json("gate", "duties") == {"duties": []}
    _look(demo)
    (duty,) = operator.json("gate", "duties")["duties"]
    assert (duty["code"], duty["state"], duty["due"]) == ("REPORT_TO_COUNCIL", "open", "2027-09-01")
    number = str(duty["duty"])
    operator.run("gate", "done", number, "--what", "報告した", "--as", "drafter.pem")
    (done,) = operator.json("gate", "duties")["duties"]
    assert (done["state"], done["done_by"], done["done_on"]) == ("done", "drafter", "2026-09-01")
    operator.run("gate", "done", number, "--what", "報告した", "--as", "drafter.pem", code=2)
    operator.run("gate", "done", "999", "--what", "報告した", "--as", "drafter.pem", code=2)
