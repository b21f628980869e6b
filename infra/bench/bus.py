"""Times the event path: `python -m infra.bench.bus [--seconds N] [--rate N] [--events N] [--messages N] [--without-kafka]`.

One JSON object a line on standard output, first by the tables alone, then through a real broker: how long from an event's sending
until its candidate is in the queue, events a second through intake alone and through judgement; last, kafka-python beside
confluent-kafka on the same broker. The settings tell the cores and how many processes wanted them when it began: on a busy machine
only ratios say something.
"""

import argparse
import json
import os
import signal
import sys

from infra.bench.bus_city import BenchCity, bench_city
from infra.bench.bus_clients import clients
from infra.bench.bus_latency import WARM_UP, latency
from infra.bench.bus_rate import rates
from infra.bench.log_home import durability

CHILDREN_A_REPORT = 3  # so many the city has for each that is reported: one a household, and some are known already


def main() -> None:
    """Measure every stage once."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended, as by Ctrl-C
    parser = argparse.ArgumentParser(prog="bus", description="Time the event path.")
    parser.add_argument("--seconds", type=int, default=20, help="for which events come at the rate")
    parser.add_argument("--rate", type=float, default=50, help="events a second")
    parser.add_argument("--events", type=int, default=20_000, help="taken in and judged as fast as can be")
    parser.add_argument("--messages", type=int, default=50_000, help="by which clients are compared")
    parser.add_argument("--without-kafka", action="store_true", help="by the tables alone")
    asked = parser.parse_args()
    for brokers in (False,) if asked.without_kafka else (False, True):
        reports = WARM_UP + round(asked.seconds * asked.rate)
        children = max(200, reports * CHILDREN_A_REPORT)
        with bench_city(children=children, brokers=brokers) as city:
            _measure(city, asked, reports=reports, children=children)


def _measure(city: BenchCity, asked: argparse.Namespace, *, reports: int, children: int) -> None:
    by = {"by": "tables" if city.kafka is None else "kafka"}
    load = {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    _print({"stage": "bus settings", **by, **durability(city.database), **load, "children": children})
    _print({"stage": "bus latency", **by, **latency(city, city.unknown[:reports], rate=asked.rate)})
    for line in rates(city, events=asked.events, children=children):
        _print(line | by)
    if city.kafka is not None:
        _print(clients(city.kafka, messages=asked.messages))


def _print(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
