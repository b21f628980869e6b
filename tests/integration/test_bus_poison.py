"""A message on which taking in fails holds up no other; what is no message's fault makes no dead letters."""

import json

import psycopg
import pytest

from services.bus.poison import take_in_or_put_aside
from services.intake.events import Received, take_in
from services.platform.database import Database
from tests.canonical import protection
from tests.cloud_events import event
from tests.events import rows
from tests.kafka_city import CHILD_CENTRE
from tests.stored import log_faults

FAILING = """
CREATE FUNCTION public.fails() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.office = '毒' THEN RAISE EXCEPTION 'it fails' USING ERRCODE = '{code}'; END IF; RETURN NEW; END $$;
CREATE TRIGGER fails BEFORE INSERT ON facts.soudan FOR EACH ROW EXECUTE FUNCTION public.fails();
"""
MENDED = "DROP TRIGGER fails ON facts.soudan; DROP FUNCTION public.fails"


def _message(number: int, office: str) -> Received:
    sent = event("soudan", {"source_record_id": f"s{number}", **protection(number), "office": office})
    return Received(CHILD_CENTRE, 0, number, json.dumps(sent).encode(), f"s{number}".encode())


MESSAGES = [_message(number, "毒" if number in (3, 4, 11) else "相談係") for number in range(20)]


def test_the_poison_is_found_by_halving_put_aside_and_taken_in_once_it_is_none(city_at_work: Database) -> None:
    _run(city_at_work, FAILING.format(code="22003"))  # numeric_value_out_of_range
    with city_at_work.connect("intake") as conn:
        conn.commit()
        dead = take_in_or_put_aside(city_at_work, conn, MESSAGES)
        assert [(each.position, each.reason, each.detail) for each in dead] == [
            (number, "FAULT", "NumericValueOutOfRange") for number in (3, 4, 11)
        ]
        assert take_in_or_put_aside(city_at_work, conn, MESSAGES[2:5]) != []
    assert rows(city_at_work, "SELECT count(*) FROM bus.inbox") == [17]
    assert rows(city_at_work, "SELECT count(*) FROM bus.dead_letter WHERE replayed_at IS NULL") == [3]

    _run(city_at_work, MENDED)
    take_in(city_at_work, MESSAGES, topics={CHILD_CENTRE: frozenset({"soudan"})})
    assert rows(city_at_work, "SELECT count(*) FROM bus.inbox") == [20]
    assert rows(city_at_work, "SELECT count(*) FROM bus.dead_letter WHERE replayed_at IS NULL") == [0]
    assert log_faults(city_at_work) == []


def test_a_database_that_lacks_something_is_no_message_s_fault(city_at_work: Database) -> None:
    _run(city_at_work, FAILING.format(code="42P01"))  # undefined_table
    with city_at_work.connect("intake") as conn:
        conn.commit()
        with pytest.raises(psycopg.ProgrammingError):
            take_in_or_put_aside(city_at_work, conn, MESSAGES)
    assert rows(city_at_work, "SELECT count(*) FROM bus.dead_letter") == [0]


def _run(database: Database, statements: str) -> None:
    with database.admin() as conn:
        conn.execute(statements.encode())
