"""How many events a second are taken in, and how many are judged, when more wait than can be done."""

import time
from collections.abc import Iterator, Sequence

from kafka import KafkaProducer

from infra.bench.bus_city import SEED, BenchCity, await_true
from infra.bench.bus_latency import PUMP_IN, WORKER
from infra.city.events import Drawn, draw_events
from schemas.events.topics import inbound_topics
from services.intake.events import Received, take_in
from services.intake.events_file import PORTION

TAKEN = "SELECT count(*) FROM bus.inbox"
DONE = "SELECT count(*) FROM bus.inbox WHERE done_at IS NOT NULL"
WORKERS = 2  # one a core


def rates(city: BenchCity, *, events: int, children: int) -> Iterator[dict[str, object]]:
    """Intake alone, by one process; then judgement of what it brought, by two workers. Events of all kinds, as a city's days bring."""
    drawn = list(draw_events(events, children=children, seed=SEED))
    before = city.count(TAKEN)
    seconds = _taken_in(city, drawn) if city.kafka is None else _pumped(city, drawn)
    yield {"stage": "bus intake", "events": events, "per_second": round(events / seconds)}
    with city.running(*[WORKER] * WORKERS):
        seconds = _seconds(city, DONE, before, before + events)
    yield {"stage": "bus judgement", "workers": WORKERS, "events": events, "per_second": round(events / seconds)}


def _taken_in(city: BenchCity, drawn: Sequence[Drawn]) -> float:
    """Seconds in which one connection puts them into the tables."""
    topics = inbound_topics()
    records = [Received(e.topic, 0, at, e.value.encode(), e.key.encode()) for at, e in enumerate(drawn)]
    with city.database.connect("intake") as conn:
        conn.commit()
        began = time.monotonic()
        for start in range(0, len(records), PORTION):
            take_in(city.database, records[start : start + PORTION], topics=topics, conn=conn)
        return time.monotonic() - began


def _pumped(city: BenchCity, drawn: Sequence[Drawn]) -> float:
    """Seconds in which one pump brings what lies on the topics already."""
    assert city.kafka is not None
    producer = KafkaProducer(bootstrap_servers=city.kafka.bootstrap, acks="all", enable_idempotence=True)
    for event in drawn:
        producer.send(event.topic, key=event.key.encode(), value=event.value.encode())
    producer.flush()
    producer.close()
    before = city.count(TAKEN)
    with city.running(PUMP_IN):
        return _seconds(city, TAKEN, before, before + len(drawn))


def _seconds(city: BenchCity, query: str, first: int, last: int) -> float:
    """From when a count moves from its first value until it has its last: how long a process takes to begin does not count."""
    await_true(lambda: city.count(query) > first, every=0.005)
    began = time.monotonic()
    await_true(lambda: city.count(query) >= last)
    return time.monotonic() - began
