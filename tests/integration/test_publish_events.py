"""速報 that the gate does not let be published: kept all the same, refused in the log, and before nobody."""

from pathlib import Path
from uuid import UUID

import pytest

from services.approvals.demo import DOCUMENTS
from services.approvals.main import narrow
from services.gate.suspended import Suspension
from services.gate.suspension import suspend
from services.platform.database import Database
from services.publication.main import publish_run
from tests.events import arrive, judged_town, once, report, rows
from tests.factories_casework import person
from tests.stored import log_faults

SOKUHO = (DOCUMENTS / "approval-sokuho.toml").read_text("utf-8")
PUBLISHER = """[[recipients]]
office = "子ども成長見守り室"
role = "publisher"
acts = ["publish_event"]
items = ["judgement.*", "alert.*"]
"""
REFUSED = "SELECT act, failed FROM gate.decision WHERE outcome = 'refuse' ORDER BY entry"


@pytest.fixture
def town(city_at_work: Database, tmp_path: Path) -> Database:
    """A town whose official run is published."""
    judged_town(city_at_work, tmp_path / "town")
    publish_run(city_at_work)
    return city_at_work


def _of_events(database: Database) -> list[int]:
    """How many 速報, their alerts, reports and events there are, and events that wait to be judged."""
    return rows(
        database,
        "SELECT count(*) FROM judgement.provisional UNION ALL"
        " SELECT count(*) FROM publication.alert WHERE provisional IS NOT NULL UNION ALL"
        " SELECT count(*) FROM publication.unlinked_report UNION ALL SELECT count(*) FROM casework.inbox UNION ALL"
        " SELECT count(*) FROM bus.inbox WHERE done_at IS NULL",
    )


def test_an_approval_that_lets_events_be_judged_alone_lets_nothing_be_published(town: Database, tmp_path: Path) -> None:
    path = tmp_path / "narrower.toml"
    acts = '"judge_event", "publish_event"'
    assert PUBLISHER in SOKUHO and acts in SOKUHO
    text = SOKUHO.replace(PUBLISHER, "").replace(acts, '"judge_event"').replace("version = 1", "version = 2")
    path.write_text(text.partition("# 答申\n")[0], "utf-8")
    narrow(town, path, person(town, "drafter"), reason="試験")
    arrive(town, "soudan", [report(2), report(3), report(99)])
    done = once(town)
    assert (done.children, done.published, done.refused) == (2, 0, 3)
    assert _of_events(town) == [1, 0, 0, 0, 0]
    refused = rows(town, REFUSED)  # one for the report, one for both 速報
    assert [act for act, _ in refused] == ["publish_event"] * 2
    assert all("ACT_NOT_COVERED" in failed for _, failed in refused)
    assert log_faults(town) == []


def test_a_child_whose_suspension_is_asked_for_is_held_back_alone(town: Database) -> None:
    (child,) = rows(
        town,
        "SELECT DISTINCT child_id FROM linkage.link JOIN identity.person USING (person_key) WHERE number = '0000000002'",
    )
    assert isinstance(child, UUID)
    suspend(town, child, Suspension.REQUESTED, person(town, "hearer"), reason="請求")
    arrive(town, "soudan", [report(2), report(3)])
    done = once(town)
    assert (done.children, done.published, done.refused) == (2, 1, 1)
    assert _of_events(town) == [1, 1, 0, 1, 0]
    assert rows(town, REFUSED) == [("publish_event", ["PERSON_HELD"])]
    assert log_faults(town) == []


def test_a_provisional_that_was_changed_by_hand_is_named(town: Database) -> None:
    for number in (2, 3, 4):
        arrive(town, "soudan", [report(number)])
        once(town)
    assert log_faults(town) == []
    first, second, third = rows(town, "SELECT seal FROM judgement.provisional ORDER BY seal")
    with town.admin() as conn:
        said = "SELECT judgement FROM judgement.provisional_line WHERE seal = %s"
        conn.execute(f"UPDATE judgement.said SET t = 999 WHERE judgement = ({said})".encode(), [first])
        conn.execute(f"INSERT INTO judgement.provisional_line SELECT %s, ({said})".encode(), [second, third])
    altered = [fault for fault in log_faults(town) if fault.startswith("PROVISIONAL_ALTERED")]
    assert altered == [f"PROVISIONAL_ALTERED None provisional {seal}" for seal in (first, second)]
