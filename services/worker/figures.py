"""What a worker counts for whoever watches it: how many and how fast, never whose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from services.worker.turn import Turn

SECONDS = (
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    60,
    600,
    3600,
)  # an alert is to stand in the queue within a quarter of a second


@dataclass
class Totals:
    """What one worker did since it began."""

    events: int = 0
    children: int = 0
    published: int = 0
    refused: int = 0
    failed: int = 0


class Figures:
    """One worker's figures, in a registry of their own."""

    def __init__(self) -> None:
        self.totals = Totals()
        self._registry = CollectorRegistry()
        self._counters = {
            name: Counter(f"mimamori_worker_{name}", text, registry=self._registry) for name, text in _TOTALS.items()
        }
        self._turn = Histogram(
            "mimamori_worker_turn_seconds", "One turn, to its commit", buckets=SECONDS, registry=self._registry
        )
        self._waited = Histogram(
            "mimamori_worker_event_seconds",
            "From an event's intake to its 速報",
            buckets=SECONDS,
            registry=self._registry,
        )
        self._waiting = Gauge("mimamori_inbox_waiting", "Events that wait, by age", ["age"], registry=self._registry)

    def count_turn(self, turn: Turn, *, seconds: float, now: datetime) -> None:
        """Count what one turn committed. now: by the service's clock, as events' times of intake are."""
        self._turn.observe(seconds)
        for event in turn.events:
            self._waited.observe(max((now - event.taken_at).total_seconds(), 0))
        self._add(events=len(turn.events), children=turn.children, published=turn.published, refused=turn.refused)

    def count_failed(self) -> None:
        """Count an event that could not be judged."""
        self._add(failed=1)

    def set_waiting(self, by_age: Mapping[str, int]) -> None:
        """Say how many events wait. by_age: their age at most → how many"""
        for age, count in by_age.items():
            self._waiting.labels(age).set(count)

    def written(self) -> bytes:
        """All of it as Prometheus reads it."""
        return generate_latest(self._registry)

    def _add(self, **counts: int) -> None:
        for name, count in counts.items():
            self._counters[name].inc(count)
            setattr(self.totals, name, getattr(self.totals, name) + count)


_TOTALS = {
    "events": "Events judged, or of which there was nothing to judge",
    "children": "Children judged in 速報",
    "published": "Alerts and reports about unlinked numbers that were published",
    "refused": "Alerts and reports that the gate refused",
    "failed": "Events that could not be judged even alone",
}
