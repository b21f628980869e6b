"""Erasing somebody of whom an event told: 速報, reports and what was done with them go as well, and the log stays whole."""

from pathlib import Path

from schemas.records.erasure import Reason
from schemas.rules import load_default
from services.casework.queue import act_on, list_queue
from services.casework.unlinked import show_report
from services.linkage.main import link_city
from services.platform.database import Database
from services.publication.main import publish_run
from services.rights.erase import Erasure, erase
from services.rights.subject import Number
from tests.events import arrive, judged_town, moved, once, report, rows
from tests.factories_casework import CASEWORKER, person
from tests.stored import log_faults

RULES = load_default()
KEPT = """
SELECT count(*), 'reports' FROM publication.unlinked_report UNION ALL
SELECT count(*), '速報' FROM publication.alert WHERE provisional IS NOT NULL UNION ALL
SELECT count(*), 'events' FROM publication.outbox o LEFT JOIN publication.alert a USING (alert) WHERE a.run IS NULL UNION ALL
SELECT count(*), 'actions' FROM casework.action UNION ALL
SELECT count(*), 'lines' FROM judgement.provisional_line UNION ALL
SELECT count(*), 'looks' FROM gate.decision WHERE person_key IS NOT NULL
"""


def test_whom_an_event_named_is_erased_with_all_that_came_of_it(city_at_work: Database, tmp_path: Path) -> None:
    database = city_at_work
    judged_town(database, tmp_path / "town")
    publish_run(database)
    arrive(database, "soudan", [report(98), report(99)])
    once(database)
    for unlinked in list_queue(database, CASEWORKER, RULES).unlinked:
        show_report(database, unlinked.report, CASEWORKER)
        act_on(database, unlinked.report, "watch", "AWAITING_DATA", CASEWORKER, RULES)
    arrive(database, "resident", [moved(99)])
    link_city(database)
    once(database)
    kept = {what: count for count, what in rows(database, KEPT)}
    assert kept.pop("lines")  # as many as turns judged the child
    assert kept == {"reports": 2, "速報": 1, "events": 3, "actions": 2, "looks": 4}

    assert _erase(database, 98).alerts == 1  # a number that was never anybody's
    child = rows(database, "SELECT child_id FROM publication.alert WHERE provisional IS NOT NULL")[0]
    gone = erase(database, child, reason=Reason.REQUEST, people=[person(database), person(database, "admin")])
    assert gone.alerts == 2  # the report and the 速報 that took over
    assert {count for count, _ in rows(database, KEPT)} == {0}
    assert log_faults(database) == []


def _erase(database: Database, number: int) -> Erasure:
    people = [person(database), person(database, "admin")]
    return erase(database, Number("atena_no", f"{number:010d}"), reason=Reason.REQUEST, people=people)
