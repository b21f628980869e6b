"""How long it takes from an event's sending until its candidate is in the queue, gate and log included."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from kafka import KafkaProducer

from infra.bench.bus_city import REPORTS, BenchCity, await_true, report_of
from infra.bench.log_watch import quantile
from schemas.events.topics import inbound_topics
from services.intake.events import Received, take_in
from services.platform.database import Database

LOOK_SECONDS = 0.005  # between two looks at the queue: so much too late a candidate may be seen
WARM_UP = 20  # events sent beforehand, one after another, until all processes are at work
WORKER, PUMP_IN = ("worker",), ("bus", "pump", "in")

HOW_MANY = "SELECT count(*) FROM casework.inbox"
# Candidates that the queue has and had not when last looked at; their entries are written, and committed, one after another.
NEW = """
SELECT a.entry, p.number FROM publication.alert a
JOIN casework.inbox i ON i.event #>> '{data,alert}' = a.alert
JOIN linkage.link l USING (child_id) JOIN identity.person p USING (person_key)
WHERE a.entry > %s AND p.system = 'atena_no'
"""

Send = Callable[[Sequence[str]], None]  # reports about these children; returns once they are on their way


def latency(city: BenchCity, children: Sequence[str], *, rate: float) -> dict[str, object]:
    """Milliseconds at so many events a second, each about a child of its own, sent when it is due whatever became of others."""
    commands = (WORKER,) if city.kafka is None else (WORKER, PUMP_IN)
    with city.running(*commands), _Queue(city.database) as queue, _sender(city) as send:
        for child in children[:WARM_UP]:
            send([child])
            await_true(lambda child=child: child in queue.seen)  # type: ignore[misc]  # of this very child
        due = _sent(send, children[WARM_UP:], rate)
        await_true(lambda: queue.seen.keys() >= due.keys())
    waited = [queue.seen[child] - when for child, when in due.items()]
    told = {"p50_ms": quantile(waited, 0.5), "p99_ms": quantile(waited, 0.99), "max_ms": max(waited)}
    return {"events": len(waited), "per_second": rate, **{name: round(each * 1000) for name, each in told.items()}}


def _sent(send: Send, children: Sequence[str], rate: float) -> dict[str, float]:
    """Send each when it is due; when that was. Who sends late sends all that is due at once."""
    began = time.monotonic()
    due = {child: began + place / rate for place, child in enumerate(children)}
    waiting = list(children)
    while waiting:
        ready = [child for child in waiting if due[child] <= time.monotonic()]
        if ready:
            send(ready)
            waiting = waiting[len(ready) :]
        else:
            time.sleep(max(0.0, due[waiting[0]] - time.monotonic()))
    return due


@contextmanager
def _sender(city: BenchCity) -> Iterator[Send]:
    """As a department sends: by Kafka, or straight into the tables."""
    if city.kafka is None:
        with city.database.connect("intake") as conn:
            conn.commit()

            def store(children: Sequence[str]) -> None:
                reports = [(child, *report_of(child)) for child in children]
                records = [Received(REPORTS, 0, int(child), body, key) for child, key, body in reports]
                take_in(city.database, records, topics=inbound_topics(), conn=conn)

            yield store
        return
    producer = KafkaProducer(bootstrap_servers=city.kafka.bootstrap, acks="all", enable_idempotence=True)

    def produce(children: Sequence[str]) -> None:
        for key, body in map(report_of, children):
            producer.send(REPORTS, key=key, value=body)

    try:
        yield produce
    finally:
        producer.close()


class _Queue:
    """Looks at the queue all the time. seen: when each child was first seen in it, by the machine's steady clock"""

    def __init__(self, database: Database) -> None:
        self.seen: dict[str, float] = {}
        self._database, self._ended = database, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        newest, before = -1, 0
        with self._database.admin() as conn:
            conn.autocommit = True
            while not self._ended.wait(LOOK_SECONDS):
                count, now = conn.execute(HOW_MANY).fetchall()[0][0], time.monotonic()
                if count == before:  # a look costs the processes that are timed next to nothing
                    continue
                before = count
                for entry, child in conn.execute(NEW, [newest]).fetchall():
                    self.seen.setdefault(child, now)
                    newest = max(newest, entry)
