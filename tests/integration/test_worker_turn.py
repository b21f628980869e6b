"""What events come to: judged as a run of the day would, published where it calls for that, and once."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import RefusedError
from services.approvals.main import revoke
from services.gate.people import authenticate
from services.gate.suspended import Suspension
from services.gate.suspension import suspend
from services.judgement import by_event
from services.judgement.main import judge_city
from services.judgement.provisional import judge_reach
from services.judgement.store import Said
from services.linkage.main import link_city
from services.platform.database import Database
from services.platform.lock import BusyError, exclusive
from services.publication.main import publish_run
from services.rights.erase import EVENTS
from services.worker.figures import Figures
from services.worker.shift import ChangedCatalogueError, Shift
from services.worker.turn import NoRunYetError
from tests.events import DAY, arrive, differences, judged_town, linked_town, moved, nursery, once, report, rows
from tests.stored import log_faults

ALERTS = "SELECT category FROM publication.alert WHERE provisional IS NOT NULL ORDER BY entry"
WAITING = "SELECT count(*) FROM bus.inbox WHERE done_at IS NULL"


def test_late_corrected_and_deleted_events_are_judged_as_a_run_would(city_at_work: Database, tmp_path: Path) -> None:
    database = city_at_work
    judged_town(database, tmp_path / "town")
    publish_run(database)
    arrive(database, "hoiku", [nursery(8)])
    arrive(database, "soudan", [report(2)])
    done = once(database)
    assert (done.events, done.children, done.published, done.refused, done.failed) == (2, 2, 1, 0, 0)
    assert rows(database, "SELECT urgent FROM bus.inbox ORDER BY done_seal") == [True, False]  # it waits for no other
    assert rows(database, ALERTS) == ["重点支援Ⅱ"]
    assert rows(database, "SELECT count(*) FROM casework.inbox i JOIN publication.alert a ON a.alert = i.event_id") == [
        1
    ]
    assert once(database).events == 0  # nothing is judged twice

    late = {"received": "2026-03-01", "event_time": "2026-03-01T10:00:00+09:00", "source_record_id": "late"}
    arrive(database, "soudan", [report(2, **late), report(3, op="U", kind="養育相談", source_record_id="report-2")])
    assert once(database).children == 1 + 2  # the report was another child's: then both are judged again
    assert (
        rows(database, ALERTS) == ["重点支援Ⅱ"] * 2
    )  # the late one is another report; of the other child nothing calls for an alert
    arrive(database, "soudan", [report(2, **late, op="D")])
    arrive(database, "resident", [moved(2, setai_no="900000003"), moved(3, rireki_no="3", setai_no="900000004")])
    arrive(database, "hoiku", [nursery(9)])
    done = once(database)
    assert (done.events, done.children) == (4, 4)
    assert differences(database) == []
    assert rows(database, WAITING) == [0]
    assert log_faults(database) == []


def test_a_record_that_becomes_a_report_of_a_child_is_one_of_that_child(city_at_work: Database, tmp_path: Path) -> None:
    judged_town(city_at_work, tmp_path / "town")
    arrive(city_at_work, "soudan", [report(2), report(3, kind="養育相談")])
    assert once(city_at_work).published == 1
    arrive(city_at_work, "soudan", [report(2, op="U", status="調査中"), report(3, op="U")])
    assert once(city_at_work).published == 1  # a correction tells nothing; what was advice is a report now
    arrive(city_at_work, "soudan", [report(2, op="U", child_atena_no=report(4)["child_atena_no"])])
    assert (
        once(city_at_work).published == 2
    )  # it was another child's: of the one it is new, and of the other what is left is
    assert log_faults(city_at_work) == []


def test_who_is_suspended_while_judged_is_judged_no_more_and_who_erases_waits(
    city_at_work: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = city_at_work
    judged_town(database, tmp_path / "town")
    arrive(database, "soudan", [report(2), report(3)])
    (child,) = rows(
        database,
        "SELECT DISTINCT child_id FROM linkage.link JOIN identity.person USING (person_key) WHERE number = '0000000002'",
    )

    def judge_and_suspend(*args: Any, **named: Any) -> Said:
        said = judge_reach(*args, **named)
        with pytest.raises(BusyError), exclusive(database, EVENTS):
            pass
        suspend(database, child, Suspension.DECIDED, authenticate(database, _key(database, "drafter")), reason="請求")
        return said

    monkeypatch.setattr(by_event, "judge_reach", judge_and_suspend)
    done = once(database)
    assert (done.events, done.children, done.published) == (2, 1, 1)
    said = "SELECT child_id FROM judgement.provisional_line JOIN judgement.said USING (judgement)"
    assert child not in rows(database, said)
    assert rows(database, "SELECT act, outcome FROM gate.decision WHERE act LIKE '%_event'") == [
        ("judge_event", "permit"), ("publish_event", "permit"),
    ]  # fmt: skip
    assert differences(database) == [] and log_faults(database) == []


def _key(database: Database, name: str) -> Path:
    return database.settings.home / "people" / f"{name}.pem"


def test_a_report_about_nobodys_number_is_told_and_judged_once_it_is_a_childs(
    city_at_work: Database, tmp_path: Path
) -> None:
    database = city_at_work
    judged_town(database, tmp_path / "town")
    arrive(database, "soudan", [report(99), report(99, kind="養育相談", source_record_id="C1")])
    done = once(database)
    assert (done.events, done.children, done.published) == (2, 0, 1)
    assert rows(database, "SELECT act FROM publication.unlinked_report") == ["publish_event"]
    assert once(database).events == 0  # told once, and it does not wait
    arrive(database, "resident", [moved(99)])
    assert once(database).published == 0  # as long as no link says whose number it is
    link_city(database)
    done = once(database)
    assert (done.events, done.published) == (1, 1)
    assert rows(database, ALERTS) == ["重点支援Ⅱ"]
    assert differences(database) == [] and log_faults(database) == []
    assert once(database).events == 0


def test_a_report_about_a_child_who_is_no_resident_is_told_without_a_judgement(
    city_at_work: Database, tmp_path: Path
) -> None:
    """Left, or fled here without a registration: no run says anything of the child either."""
    database = city_at_work
    judged_town(database, tmp_path / "town")
    left = {"status": "転出", "ido_jiyu": "転出"}
    arrive(database, "resident", [moved(5, **left), moved(6, **left)])
    (held,) = rows(
        database,
        "SELECT DISTINCT child_id FROM linkage.link JOIN identity.person USING (person_key) WHERE number = '0000000006'",
    )
    suspend(database, held, Suspension.DECIDED, authenticate(database, _key(database, "drafter")), reason="請求")
    arrive(database, "soudan", [report(5), report(6)])
    assert once(database).published == 1
    open_now = "SELECT count(*) FROM gate.unlinked_reports()"
    assert rows(database, open_now) == [1]  # although the last run judged the child
    assert judge_city(database, as_of=DAY, known_at=database.clock.now() - timedelta(seconds=1)).status == "trial"
    back = {"status": "住民", "rireki_no": "3", "effective_from": "2026-08-26"}
    arrive(database, "resident", [moved(5, source_record_id="back-5", **back)])
    assert rows(database, open_now) == [1]
    assert once(database).published == 1
    assert rows(database, ALERTS) == ["重点支援Ⅱ"] and rows(database, open_now) == [0]
    assert differences(database) == [] and log_faults(database) == []


def test_without_a_run_a_permit_or_its_own_checks_events_wait_and_the_refusal_is_logged(
    city_at_work: Database, tmp_path: Path
) -> None:
    database = city_at_work
    linked_town(database, tmp_path / "town", children=60)
    arrive(database, "soudan", [report(2)])
    with pytest.raises(NoRunYetError):
        once(database)
    judge_city(database, as_of=DAY)
    admin = authenticate(database, _key(database, "admin"))
    revoke(database, "approval-sokuho", admin, reason="見直し")
    with database.connect("worker") as conn:
        shift = Shift(database, conn, None, Figures())
        for _ in range(2):
            with pytest.raises(RefusedError):
                shift.turn()
    assert rows(database, "SELECT act FROM gate.decision WHERE outcome = 'refuse'") == ["judge_event"]  # once
    assert rows(database, WAITING) == [1]
    assert rows(database, "SELECT count(*) FROM judgement.provisional") == [0]
    assert log_faults(database) == []
    with database.admin() as conn:
        conn.execute("GRANT SELECT ON identity.person TO worker")
    with pytest.raises(ChangedCatalogueError):
        once(database)
