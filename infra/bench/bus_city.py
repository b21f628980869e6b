"""What the event path's bench works on: a judged city, brokers where they are wanted, and the service's own processes."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from infra.bench.measure import StageFailedError
from infra.city.home import CLOCK, UNTIL, own_home, settle
from infra.kafka.cluster import Cluster
from infra.kafka.java import LASTING
from schemas.events.kinds import type_of
from schemas.events.topics import inbound_topics
from services.bus.setup import set_up
from services.platform.database import Database
from services.platform.kafka import KafkaSettings
from services.synth.city import make_city

MIMAMORI = Path(sys.executable).parent / "mimamori"
SEED = 1
MOST_WAIT_SECONDS = 600
REPORTS = next(topic for topic, feeds in inbound_topics().items() if "soudan" in feeds)


@dataclass(frozen=True)
class BenchCity:
    """One city.

    kafka:   how the brokers are reached; None = without
    unknown: numbers of children of different households of whom no office has spoken: a report of violence about one of them
             makes a candidate of that child and of no other
    """

    database: Database
    kafka: KafkaSettings | None
    unknown: Sequence[str]

    @contextmanager
    def running(self, *commands: Sequence[str]) -> Iterator[None]:
        """These commands of mimamori run while the block lasts; raises StageFailedError where one did not end as told."""
        with ExitStack() as stack:
            processes = [stack.enter_context(self._started(command)) for command in commands]
            try:
                yield
            finally:
                for process in processes:
                    process.terminate()
        for command, process in zip(commands, processes, strict=True):
            if process.returncode != 0:
                raise StageFailedError(f"mimamori {' '.join(command)}: exit {process.returncode}")

    def count(self, query: str) -> int:
        """The number that a query answers."""
        with self.database.admin() as conn:
            row = conn.execute(query.encode()).fetchone()
        assert row is not None
        return int(row[0])

    def _started(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        environ = {"PATH": "/usr/bin:/bin", "MIMAMORI_HOME": str(self.database.settings.home)}
        environ |= {"MIMAMORI_ENV": self.database.settings.env, "MIMAMORI_CLOCK": CLOCK}
        if self.kafka is not None:
            environ["MIMAMORI_KAFKA_BOOTSTRAP"] = self.kafka.bootstrap
        return subprocess.Popen(
            [MIMAMORI, *command], env=environ, stdout=subprocess.DEVNULL, stderr=sys.stderr, start_new_session=True
        )


@contextmanager
def bench_city(*, children: int, brokers: bool) -> Iterator[BenchCity]:
    """A judged city of which nothing is published; thrown away afterwards."""
    with own_home() as database, ExitStack() as stack:
        kafka = stack.enter_context(_broker(database.settings.home.parent / "kafka")) if brokers else None
        settle(database, children=children, seed=SEED)
        opened = Database.open(replace(database.settings, kafka=kafka))
        yield BenchCity(opened, kafka, _unknown(children))


@contextmanager
def _broker(folder: Path) -> Iterator[KafkaSettings]:
    cluster = Cluster.create(folder)
    try:
        cluster.start(tuning=LASTING)
        kafka = KafkaSettings(bootstrap=cluster.plain)
        set_up(kafka, env="demo")
        yield kafka
    finally:
        cluster.kill()


def _unknown(children: int) -> list[str]:
    city = make_city(children=children, until=UNTIL, seed=SEED, progress=lambda step: None)
    spoken_of = set(city.facts["soudan", ""]["child_atena_no"])
    homes = city.children.filter("present").group_by("setai_no", maintain_order=True).first()
    return [number for number in homes["atena_no"] if number not in spoken_of]


def report_of(number: str) -> tuple[bytes, bytes]:
    """Key and body of a report of violence about a child."""
    row = {
        "source_system": "bench", "source_record_id": f"report-{number}", "op": "I", "effective_from": "2026-08-30",
        "event_time": "2026-08-30T10:00:00+09:00", "legal_basis_id": "LB-10", "batch_id": "bench", "case_no": f"B{number}",
        "child_atena_no": number, "kind": "虐待通告", "received": "2026-08-30", "status": "継続", "office": "子ども家庭課",
    }  # fmt: skip
    event: dict[str, Any] = {
        "specversion": "1.0", "id": f"report-{number}", "source": "urn:mimamori:bench", "type": type_of("soudan"),
        "time": "2026-09-01T00:00:00Z", "datacontenttype": "application/json", "data": row,
    }  # fmt: skip
    return row["source_record_id"].encode(), json.dumps(event, ensure_ascii=False).encode()


def await_true(true: Callable[[], bool], *, every: float = 0.05) -> None:
    """Wait until it is true; raises StageFailedError after ten minutes."""
    deadline = time.monotonic() + MOST_WAIT_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise StageFailedError("what was waited for did not come")
        time.sleep(every)
