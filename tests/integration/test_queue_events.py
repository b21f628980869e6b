"""速報 and 未連結の通告 before the caseworkers: there at once, marked until a run looked at them, and gone when somebody took over."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from schemas.errors import HeldError, RefusedError
from schemas.rules import load_default
from services.casework.items import Item, UnknownAlertError
from services.casework.look import show
from services.casework.queue import act_on, list_queue
from services.casework.unlinked import show_report
from services.cli.main import main
from services.gate.fsck import check_gate
from services.judgement.look import release_run
from services.judgement.main import judge_city
from services.ledger.fsck import check_log
from services.linkage.main import link_city
from services.platform.database import Database
from services.publication.main import publish_run
from services.publication.relay import relay
from tests.commands import Commands
from tests.conftest import OpenAt
from tests.events import DAY, arrive, judged_town, moved, once, report, rows
from tests.factories_casework import AUDITOR, CASEWORKER, entries, person, revealed
from tests.stored import log_faults

RULES = load_default()


@pytest.fixture
def town(city_at_work: Database, tmp_path: Path) -> Database:
    """A town whose official run of 31 August is published; it is 1 September."""
    judged_town(city_at_work, tmp_path / "town")
    publish_run(city_at_work)
    return city_at_work


def _judged(database: Database, day: date) -> None:
    """An official run: of so few children one may be too many for the guard, and two persons release it."""
    run = judge_city(database, as_of=day)
    for name in ("caseworker", "admin") if run.held else ():
        with suppress(HeldError):  # the first of two
            release_run(database, run.run, person(database, name))


def _early(database: Database) -> list[Item]:
    return [item for item in list_queue(database, CASEWORKER, RULES).items if item.provisional]


def test_a_provisional_stands_in_the_queue_until_a_run_confirms_it_or_does_not(town: Database, open_at: OpenAt) -> None:
    arrive(town, "soudan", [report(2), report(3)])
    once(town)
    first, second = _early(town)
    assert {first.category, second.category} == {"重点支援Ⅱ"}
    assert {(item.provisional, item.run, item.checked) for item in (first, second)} == {("waiting", None, None)}
    assert "N3_ABUSE_12M" in {reason.code for reason in first.reasons}
    assert first.alert is not None
    assert show(town, first.alert, CASEWORKER, RULES).detail.item.provisional == "waiting"

    publish_run(town)  # the run of the day before says nothing of it
    assert len(_early(town)) == 2 and rows(town, "SELECT count(*) FROM publication.confirmation") == [0]

    arrive(town, "resident", [moved(3, ido_jiyu="転出", status="転出")])
    once(town)  # who has left is judged no more, and the 速報 stands as it is
    _judged(town, date(2026, 9, 1))
    for _ in range(2):  # a second time changes nothing
        publish_run(town)
        said = {item.alert: (item.provisional, item.checked) for item in _early(town)}
        assert sorted(said.values()) == [("confirmed", date(2026, 9, 1)), ("not_confirmed", date(2026, 9, 1))]

    arrive(town, "resident", [moved(3, rireki_no="3", effective_from="2026-09-01", source_record_id="back")])
    once(town)  # the same signal again: the alert stands, and brings no second one
    later = open_at("2026-09-02T09:00+09:00")
    _judged(later, date(2026, 9, 2))
    publish_run(later)
    assert {item.provisional for item in _early(later)} == {"confirmed"}
    assert log_faults(later) == []


def test_a_run_that_knows_less_takes_no_provisional_back(city_at_work: Database, tmp_path: Path) -> None:
    judged_town(city_at_work, tmp_path / "town")
    arrive(city_at_work, "soudan", [report(2)])
    once(city_at_work)
    published = publish_run(city_at_work)  # judged before the report came, and published after it
    assert (published.published, published.unchanged, published.refused) == (39, 1, 0)
    assert [item.category for item in _early(city_at_work)] == ["重点支援Ⅱ"]
    again = publish_run(city_at_work)
    assert (again.published, again.unchanged) == (0, 40)


def test_a_run_of_an_earlier_day_stands_beside_a_provisional(town: Database) -> None:
    today = {"received": "2026-09-01", "event_time": "2026-09-01T08:00:00+09:00"}
    arrive(town, "soudan", [report(2), report(3, **today)])
    once(town)
    _judged(town, DAY)  # judged after both reports; of the second it knows that it came after its day
    assert (publish_run(town).published, relay(town), len(_early(town))) == (1, 41, 2)
    items = list_queue(town, CASEWORKER, RULES).items
    (early,) = (item for item in _early(town) if len([each for each in items if each.child_id == item.child_id]) > 1)
    (beside,) = (each for each in items if each.child_id == early.child_id and not each.provisional)
    assert (early.category, early.as_of, beside.category, beside.as_of) == (
        "重点支援Ⅱ",
        date(2026, 9, 1),
        "要データ確認",
        DAY,
    )
    for item in (early, beside):
        assert item.alert is not None
        act_on(town, item.alert, "watch", "AWAITING_DATA", CASEWORKER, RULES)
    arrive(town, "soudan", [report(3, **today, status="調査中", op="U")])
    assert once(town).published == 0  # the same report: the 速報 says it already
    _judged(town, date(2026, 9, 1))
    publish_run(town)
    relay(town)
    assert [item.provisional for item in _early(town)] == ["confirmed"]  # of the one a run of the day said it anew
    assert len(list_queue(town, CASEWORKER, RULES).items) == len(items) - 1
    assert log_faults(town) == []


def test_a_report_about_nobodys_number_closes_when_a_person_acts(town: Database) -> None:
    arrive(town, "soudan", [report(99), report(98)])
    once(town)
    listing = list_queue(town, CASEWORKER, RULES)
    assert [each.received for each in listing.unlinked] == [date(2026, 8, 30)] * 2
    one, other = listing.unlinked
    before, looks = len(entries(town)), revealed(town)
    shown = show_report(town, one.report, CASEWORKER)
    assert (shown.known, shown.person["name"], len(shown.person["number"])) == (False, None, 10)
    assert (shown.masked, shown.protection) == (True, "not_loaded")
    assert (shown.look, revealed(town)) == (before, looks + 1)
    with pytest.raises(RefusedError):
        show_report(town, one.report, AUDITOR)

    done = act_on(town, one.report, "dismiss", next(iter(RULES.queue["dismiss"])), CASEWORKER, RULES)
    assert (done.alert, done.state) == (one.report, "dismissed")
    assert list_queue(town, CASEWORKER, RULES).unlinked == (other,)
    for gone in (one.report, "0" * 24):
        with pytest.raises(UnknownAlertError):
            show_report(town, gone, CASEWORKER)
        with pytest.raises(UnknownAlertError):
            act_on(town, gone, "dismiss", next(iter(RULES.queue["dismiss"])), CASEWORKER, RULES)
    assert log_faults(town) == []


def test_a_report_stays_until_the_child_it_is_about_was_judged(town: Database) -> None:
    arrive(town, "soudan", [report(99)])
    once(town)
    (unlinked,) = list_queue(town, CASEWORKER, RULES).unlinked
    arrive(town, "resident", [moved(99)])
    shown = show_report(town, unlinked.report, CASEWORKER)
    assert shown.known and shown.person["name"]
    link_city(town)
    assert list_queue(town, CASEWORKER, RULES).unlinked == (unlinked,)  # linked, and nobody has looked at the child yet
    once(town)
    listing = list_queue(town, CASEWORKER, RULES)
    assert listing.unlinked == ()
    assert [item.provisional for item in listing.items if item.provisional] == ["waiting"]
    assert log_faults(town) == []


def test_what_the_commands_say_of_them(
    town: Database, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arrive(town, "soudan", [report(2), report(99)])
    once(town)
    mimamori, key = Commands(environ), ("--as", "caseworker.pem")
    listed = mimamori("queue", "list", *key)
    (unlinked,) = listed["unlinked"]
    assert (unlinked["received"], len(unlinked["report"])) == ("2026-08-30", 24)
    (early,) = (item for item in listed["items"] if item["provisional"])
    assert (early["provisional"], early["checked"], early["run"]) == ("waiting", None, None)
    shown = mimamori("queue", "show", unlinked["report"], *key)
    assert (shown["known"], shown["person"]["number"], shown["masked"]) == (
        False,
        "0" * 8 + "99",
        ["address", "school", "guardian"],
    )

    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    capsys.readouterr()
    for asked, said in (
        (
            ["list"],
            [
                f"{unlinked['report']}  未連結の通告（受理 2026-08-30）",
                "重点支援Ⅱの候補（速報、新規、2026-09-01 から）",
            ],
        ),
        (["show", unlinked["report"]], ["番号 0000000099（住民の登録にこの番号の人は見つかっていません）"]),
        (["show", early["alert"]], ["出来事ごとの速報です。次の判定がその内容を確かめます。", "氏名 見守 児童2"]),
    ):
        assert main(["queue", *asked, *key]) == 0
        out = capsys.readouterr().out
        assert [line for line in said if line not in out] == []
    reason = next(iter(RULES.queue["confirm"]))
    done = mimamori("queue", "act", unlinked["report"], "confirm", "--reason", reason, *key)
    assert (done["alert"], done["state"]) == (unlinked["report"], "confirmed")
    assert mimamori("queue", "list", *key)["unlinked"] == []


FORGED = {
    "UPDATE publication.unlinked_report SET person_key = 1": "ACT_WITHOUT_PERMIT",
    "DELETE FROM publication.outbox WHERE report IS NOT NULL": "ALERT_NOT_HANDED_ON",
    "UPDATE publication.alert SET as_of = '2026-01-01' WHERE provisional IS NOT NULL": "ALERT_DIFFERS",
    "UPDATE judgement.provisional SET rules = 'other'": "PROVISIONAL_DIFFERS",
    "UPDATE judgement.provisional SET read_seal = 1": "PROVISIONAL_DIFFERS",
    "INSERT INTO publication.confirmation (alert, run, confirmed) SELECT alert, r.run, true FROM publication.alert,"
    " judgement.run r WHERE provisional IS NOT NULL": "CONFIRMATION_DIFFERS",
    "UPDATE gate.decision SET person_key = 1 WHERE person_key IS NOT NULL": "DECISION_DIFFERS",
}


def test_fsck_names_what_is_altered(town: Database, subtests: pytest.Subtests) -> None:
    arrive(town, "soudan", [report(2), report(99)])
    once(town)
    with town.admin() as conn:
        for statement, kind in FORGED.items():
            with subtests.test(statement), conn.transaction(force_rollback=True):
                conn.execute("SET LOCAL session_replication_role = replica")
                conn.execute(statement.encode())
                log = check_log(conn)
                assert kind in {fault.kind for fault in check_gate(conn, log)}
