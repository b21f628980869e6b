"""Names: read once, after the look was logged, masked by what is in force at that moment."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg
import pytest

from schemas.errors import RefusedError
from schemas.rules import load_default
from services.approvals.main import revoke
from services.casework.access import DETAIL_ITEMS, NAME_ITEMS, look_request
from services.casework.look import Shown, show
from services.casework.queue import list_queue
from services.gate import act
from services.platform.database import Database
from tests.factories_casework import (
    AUDITOR,
    CASEWORKER,
    Child,
    Judged,
    alert_of,
    entries,
    judge,
    person,
    protect,
    publish,
    reason,
    revealed,
    settle,
)

RULES = load_default()
ROOT = Path(__file__).parents[2]
TODAY = date(2026, 9, 1)  # by the test's clock
HIDDEN = {"address", "school", "guardian"}


@pytest.fixture
def child(database: Database) -> Child:
    """One candidate in the queue."""
    found = Child()
    settle(database, [found])
    judge(database, [Judged(found, reasons=[reason("E3_HOGO", day="2024-05-01")])])
    publish(database)
    return found


def _show(database: Database, child: Child) -> Shown:
    return show(database, alert_of(database, child), CASEWORKER, RULES)


def _decision(database: Database, child: Child) -> str:
    """A permit to look at the child by name, committed, its name not yet read."""
    request = look_request(CASEWORKER, (*DETAIL_ITEMS, *NAME_ITEMS), child=child.child_id)
    with act(database, role="casework", request=request) as permit:
        return str(permit.record().id)


def test_a_look_by_name_brings_what_the_registers_say(database: Database, child: Child) -> None:
    shown = _show(database, child)
    assert shown.person == {
        "name": child.name, "common_name": None, "kana": child.kana, "birth": "2016-05-04", "sex": "2", "grade": "P5",
        "address": child.address, "school": child.school, "guardian": child.guardian,
    }  # fmt: skip
    assert not shown.masked
    assert (shown.detail.ranks.poverty, shown.detail.ranks.learning) == ("A", "4")


def test_every_look_by_name_is_one_entry_and_no_name_is_in_it(database: Database, child: Child) -> None:
    before = len(entries(database))
    first, second = _show(database, child), _show(database, child)
    assert (first.detail.look, second.detail.look) == (before, before + 1)
    assert revealed(database) == 2
    assert all(child.name not in entry and str(child.child_id) not in entry for entry in entries(database))


def test_the_list_and_the_look_without_name_read_no_name(database: Database, child: Child) -> None:
    list_queue(database, CASEWORKER, RULES)
    assert revealed(database) == 0


def test_who_is_no_caseworker_reads_no_name(database: Database, child: Child) -> None:
    with pytest.raises(RefusedError):
        show(database, alert_of(database, child), AUDITOR, RULES)
    assert revealed(database) == 0


def test_without_an_approval_no_name_is_read(database: Database, child: Child) -> None:
    alert = alert_of(database, child)
    revoke(database, "approval-2", person(database, "hearer"), reason="試験")
    with pytest.raises(RefusedError):
        show(database, alert, CASEWORKER, RULES)
    assert revealed(database) == 0


# == 支援措置 ==========================================================================================================


@pytest.mark.parametrize(
    ("start", "end", "masked"),
    [
        (TODAY, None, True),
        (TODAY, TODAY, True),
        (date(2026, 9, 2), None, False),
        (date(2025, 9, 1), date(2026, 8, 31), False),
        (None, None, True),
    ],
)
def test_a_measure_that_began_after_the_judgement_masks(
    database: Database, child: Child, start: date | None, end: date | None, masked: bool
) -> None:
    protect(database, child.key, start=start, end=end)
    shown = _show(database, child)
    assert shown.masked == masked
    assert (HIDDEN & set(shown.person)) == (set() if masked else HIDDEN)
    assert shown.person["name"] == child.name


def test_a_measure_for_anybody_of_the_household_masks(database: Database, child: Child) -> None:
    protect(database, child.guardian_key, start=TODAY)
    assert _show(database, child).masked


def test_a_child_beside_the_applicant_is_masked(database: Database, child: Child) -> None:
    protect(database, 999_999, start=TODAY, co_applicants=[child.key])
    assert _show(database, child).masked


def test_a_strangers_measure_masks_nobody_else(database: Database, child: Child) -> None:
    protect(database, 999_999, start=TODAY)
    assert not _show(database, child).masked


def test_a_measure_that_never_was_masks_no_longer(
    database: Database, child: Child, open_at: Callable[[str], Database]
) -> None:
    protect(database, child.key, start=TODAY, record=42)
    protect(open_at("2026-09-01T10:00"), child.key, start=TODAY, record=42, op="D")
    assert not _show(database, child).masked


# == one decision, one name ============================================================================================


def test_a_decision_reveals_once(database: Database, child: Child) -> None:
    decision = _decision(database, child)
    with database.connect("casework") as conn:
        conn.execute("SELECT gate.reveal(%s)", (decision,))
    with pytest.raises(psycopg.errors.UniqueViolation), database.connect("casework") as conn:
        conn.execute("SELECT gate.reveal(%s)", (decision,))
    assert revealed(database) == 1


def test_a_decision_reveals_nothing_before_it_is_committed(database: Database, child: Child) -> None:
    request = look_request(CASEWORKER, NAME_ITEMS, child=child.child_id)
    with (
        pytest.raises(psycopg.errors.RaiseException, match="committed"),
        act(database, role="casework", request=request) as permit,
    ):
        permit.conn.execute("SELECT gate.reveal(%s)", (permit.record().id,))
    assert revealed(database) == 0


@pytest.mark.parametrize("role", ["analyst", "intake", "publisher", "auditor", "council", "approvals", "linkage"])
def test_another_role_reveals_nothing(database: Database, child: Child, role: str) -> None:
    decision = _decision(database, child)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.connect(role) as conn:
        conn.execute("SELECT gate.reveal(%s)", (decision,))


def test_the_permit_of_a_list_reveals_nobody(database: Database, child: Child) -> None:
    with act(database, role="casework", request=look_request(CASEWORKER, NAME_ITEMS)) as permit:
        decision = permit.record().id
    with pytest.raises(psycopg.errors.RaiseException), database.connect("casework") as conn:
        conn.execute("SELECT gate.reveal(%s)", (decision,))


def test_a_permit_covers_the_items_that_were_asked_for(database: Database, child: Child) -> None:
    with act(database, role="casework", request=look_request(CASEWORKER, ("person.grade",), child.child_id)) as permit:
        decision = permit.record().id
    with database.connect("casework") as conn:
        row = conn.execute("SELECT gate.reveal(%s)", (decision,)).fetchone()
    assert row == ({"grade": "P5", "masked": False, "protection": "none"},)


# == killed ============================================================================================================

LOOKING = """
import os, signal, sys
from pathlib import Path
import services.casework.look as look
from schemas.rules import load_default
from services.gate.decide import Permit
from services.gate.people import authenticate
from services.platform.database import Database
from services.platform.settings import Settings

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def record_and_die(permit, *args, _record=Permit.record, **kwargs):
    _record(permit, *args, **kwargs)
    die()

if sys.argv[1] == "before the commit":
    Permit.record = record_and_die
else:
    look._detail = die
database = Database.open(Settings.from_environment())
look.show(database, sys.argv[2], authenticate(database, Path(sys.argv[3])), load_default())
"""


@pytest.mark.parametrize(("killed", "logged"), [("before the commit", 0), ("after the commit", 1)])
def test_killed_on_the_way_to_a_name_it_is_not_read_without_an_entry(
    database: Database, child: Child, environ: dict[str, str], killed: str, logged: int
) -> None:
    before = len(entries(database))
    key = database.settings.home / "people" / "caseworker.pem"
    arguments = [sys.executable, "-c", LOOKING, killed, alert_of(database, child), str(key)]
    done = subprocess.run(arguments, env=os.environ | environ, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert revealed(database) == 0
    assert len(entries(database)) == before + logged


@pytest.mark.parametrize(
    ("precision", "day", "masked"),
    [
        ("month", "2026-09-30", True),
        ("month", "2026-10-01", False),
        ("year", "2026-12-31", True),
        ("unknown", "2027-08-31", True),
    ],
)
def test_an_imprecise_end_masks_to_the_last_day_it_may_be(
    database: Database, open_at: Callable[[str], Database], child: Child, precision: str, day: str, masked: bool
) -> None:
    protect(database, child.key, start=TODAY, end=date(2026, 9, 1), precision=precision)
    later = open_at(f"{day}T12:00")
    assert show(later, alert_of(later, child), person(later), RULES).masked is masked
