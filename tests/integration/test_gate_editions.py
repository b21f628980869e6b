"""The day of the act decides which edition an act rests on; what is revoked or narrowed is refused from then on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import errors

from schemas.errors import RefusedError
from services.approvals.demo import DOCUMENTS
from services.approvals.main import narrow, revoke
from services.gate import Request, act
from services.gate.people import authenticate
from services.platform.database import Database
from services.platform.seal import give_seal

COLLECT = Request(act="collect", items=("resident.birth", "resident.sex"), classes=("children_0_18",))


def _collect(database: Database, request: Request = COLLECT) -> str | None:
    """Do the act with no work in it; returns the approval that it was decided on."""
    with act(database, role="intake", request=request) as permit:
        decision = permit.record()
    with database.connect("auditor") as conn:
        row = conn.execute("SELECT approval FROM gate.decision WHERE decision = %s", (decision.id,)).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("time", "approval"),
    [
        ("2015-12-31T00:00", "approval-1"),
        ("2023-03-31T23:59:59", "approval-1"),
        ("2023-04-01T00:00", "approval-2"),
        ("2031-03-31T23:59:59", "approval-2"),
    ],
)
def test_the_day_of_the_act_decides_which_edition_holds(
    city_at_work: Database, open_at: Callable[[str], Database], time: str, approval: str
) -> None:
    assert _collect(open_at(time)) == approval


@pytest.mark.parametrize("time", ["2015-12-30T23:59:59", "2031-04-01T00:00"])
def test_before_the_first_and_after_the_last_edition_nothing_is_done(
    city_at_work: Database, open_at: Callable[[str], Database], time: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        _collect(open_at(time))
    assert "OUTSIDE_PERIOD" in {code for code, _ in refused.value.conditions}


def test_a_revoked_approval_is_refused_from_then_on_and_the_log_tells(city_at_work: Database) -> None:
    assert _collect(city_at_work) == "approval-2"
    hearer = authenticate(city_at_work, city_at_work.settings.home / "people" / "hearer.pem")
    revoke(city_at_work, "approval-2", hearer, reason="審議会の申入れによる")
    with pytest.raises(RefusedError) as refused:
        _collect(city_at_work)
    assert "APPROVAL_NOT_IN_FORCE" in {code for code, _ in refused.value.conditions}
    with city_at_work.connect("auditor") as conn:
        rows = conn.execute(
            "SELECT convert_from(leaf, 'UTF8')::jsonb ->> 'kind', convert_from(leaf, 'UTF8')::jsonb ->> 'decision'"
            " FROM ledger.entry ORDER BY index DESC LIMIT 3"
        ).fetchall()
    assert rows == [("decision", "refuse"), ("approval.revoke", None), ("decision", "permit")]


def test_a_revocation_under_a_permit_waits_for_it(city_at_work: Database) -> None:
    """The permit holds the approval's row until it commits, so it never stands behind its own revocation in the log."""
    with act(city_at_work, role="intake", request=COLLECT) as permit:
        permit.record()
        with pytest.raises(errors.LockNotAvailable), city_at_work.connect("approvals") as conn:
            conn.execute("SET lock_timeout = '200ms'")
            conn.execute("UPDATE gate.approval SET state = 'revoked', revoked_at = now() WHERE approval = 'approval-2'")


def test_a_revocation_waits_for_no_run_and_the_run_is_refused(city_at_work: Database) -> None:
    """A run holds its seal from its beginning; the approval only when it records."""
    hearer = authenticate(city_at_work, city_at_work.settings.home / "people" / "hearer.pem")
    with pytest.raises(RefusedError) as refused, act(city_at_work, role="intake", request=COLLECT) as permit:
        give_seal(permit.conn, "batch")
        revoke(city_at_work, "approval-2", hearer, reason="審議会の申入れによる")
        permit.record()
    assert "APPROVAL_NOT_IN_FORCE" in {code for code, _ in refused.value.conditions}


def test_a_narrowed_item_is_refused_at_once(city_at_work: Database, tmp_path: Path) -> None:
    text = (DOCUMENTS / "approval-2.toml").read_text("utf-8")
    narrower = tmp_path / "narrower.toml"
    narrower.write_text(text.replace("version = 1", "version = 2").replace(' "resident.sex",', ""), "utf-8")
    drafter = authenticate(city_at_work, city_at_work.settings.home / "people" / "drafter.pem")
    narrow(city_at_work, narrower, drafter, reason="性別は要らない")
    with pytest.raises(RefusedError) as refused:
        _collect(city_at_work)
    assert "ITEMS_NOT_COVERED" in {code for code, _ in refused.value.conditions}
    assert _collect(city_at_work, replace(COLLECT, items=("resident.birth",))) == "approval-2"
