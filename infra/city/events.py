"""Events that departments of the synthetic city might send, drawn by a seed: the same again each time."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl

from infra.city.home import UNTIL
from schemas.events.kinds import type_of
from schemas.events.topics import inbound_topics
from services.synth.city import City, make_city

SENT = "2026-09-01T00:00:00Z"
MADE = "2026-08-31T10:{minute:02}:{second:02}+09:00"
FIRST_SURVEY = date(2026, 5, 1)  # later than the city's own of that year
STRANGERS = 0.02  # of reports of violence: about a number that no child has yet
AGAIN = 0.15  # of events: another version of a record that was sent before

Row = dict[str, str]


@dataclass(frozen=True)
class Drawn:
    """One event as it is sent. key: its record's"""

    id: str
    topic: str
    key: str
    value: str

    @property
    def line(self) -> str:
        """As a line of JSON."""
        return json.dumps([self.id, self.topic, self.key, self.value], ensure_ascii=False)


def draw_events(count: int, *, children: int, seed: int) -> Iterator[Drawn]:
    """Events about the children of the city of this seed: reports of violence, moves, marks, places, allowances.

    Some are further versions of a record that was sent before, which have to be taken in as they were sent; across records their
    order does not matter.
    """
    city = make_city(children=children, until=UNTIL, seed=seed, progress=lambda step: None)
    return _Draw(city, Random(seed)).events(count)


class _Draw:
    """Draws rows; each kind of row is a copy of what the city's offices hold, or a report, changed where it says something new."""

    def __init__(self, city: City, rng: Random) -> None:
        self._rng = rng
        here = city.children.filter(pl.col("setai_no").is_not_null())
        self._children: list[str] = here["atena_no"].to_list()
        self._homes: list[str] = here["setai_no"].to_list()
        newest = city.facts["resident", ""].group_by("atena_no", maintain_order=True).last()
        known = set(self._children)
        self._residents = _rows(newest.filter(pl.col("atena_no").is_in(known)))
        self._marks = _rows(city.facts["academic", str(UNTIL.year)])
        self._places = _rows(city.facts["hoiku", ""])
        self._allowances = _rows(city.facts["jido_fuyo_teate", ""])
        self._sent: list[tuple[str, Row]] = []
        self._taken: Counter[tuple[str, str]] = Counter()  # surveys by pupil and subject
        self._kinds: dict[str, tuple[int, Callable[[int], Row]]] = {
            "soudan": (3, self._report),
            "resident": (2, self._move),
            "academic": (3, self._mark),
            "hoiku": (1, lambda number: self._rng.choice(self._places)),
            "jido_fuyo_teate": (1, lambda number: self._rng.choice(self._allowances)),
        }

    def events(self, count: int) -> Iterator[Drawn]:
        topics = {feed: topic for topic, feeds in inbound_topics().items() for feed in feeds}
        for number in range(count):
            feed, row = self._next(number)
            yield Drawn(f"event-{number:07}", topics[feed], row["source_record_id"], _written(number, feed, row))

    def _next(self, number: int) -> tuple[str, Row]:
        if self._sent and self._rng.random() < AGAIN:
            feed, row = self._rng.choice(self._sent)
            return feed, {**row, "op": "U", "event_time": self._made(), **self._changed(feed)}
        feed = self._rng.choices(list(self._kinds), [weight for weight, _ in self._kinds.values()])[0]
        row = {**self._common(number), **self._kinds[feed][1](number), "event_time": self._made()}
        self._sent.append((feed, row))
        return feed, row

    def _common(self, number: int) -> Row:
        return {
            "source_system": "events", "source_record_id": f"record-{number:07}", "op": "I", "effective_from": "2026-04-01",
            "legal_basis_id": "LB-01", "batch_id": "events",
        }  # fmt: skip

    def _report(self, number: int) -> Row:
        kind = self._rng.choice(("虐待通告", "虐待通告", "養育相談", "要支援"))
        stranger = kind == "虐待通告" and self._rng.random() < STRANGERS
        child = f"99{number:08}" if stranger else self._rng.choice(self._children)
        return {
            "case_no": f"E{number:07}", "child_atena_no": child, "kind": kind, "received": "2026-08-30", "status": "継続",
            "office": "子ども家庭課",
        }  # fmt: skip

    def _move(self, number: int) -> Row:
        """Somebody's next entry in the register, every other time in a household where other children live."""
        home = {"setai_no": self._rng.choice(self._homes)} if self._rng.random() < 0.5 else {}
        rireki = {"rireki_no": str(100 + number), "effective_from": "2026-08-25"}
        return self._rng.choice(self._residents) | home | rireki | {"ido_jiyu": "転居", "ido_date": "2026-08-25"}

    def _mark(self, number: int) -> Row:
        """A mark on a day of its own: of two of one day the one known later would count, and events may overtake each other."""
        row = self._rng.choice(self._marks)
        self._taken[row["pupil_no"], row["subject"]] += 1
        day = FIRST_SURVEY + timedelta(days=self._taken[row["pupil_no"], row["subject"]])
        return row | self._changed("academic") | {"survey_id": f"E{number}", "date": day.isoformat()}

    def _changed(self, feed: str) -> Row:
        """What another version of a record says instead."""
        if feed == "soudan":
            return {"status": self._rng.choice(("継続", "終結"))}
        return {"dev": f"{self._rng.randint(300, 700) / 10:.1f}"} if feed == "academic" else {}

    def _made(self) -> str:
        return MADE.format(minute=self._rng.randrange(60), second=self._rng.randrange(60))


def _rows(frame: pl.DataFrame) -> list[Row]:
    """As texts in canonical form, empty ones left out; what the event says of itself is added later."""
    return [_texts(row) for row in frame.drop("event_time").iter_rows(named=True)]


def _texts(row: Mapping[str, Any]) -> Row:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in row.items()
        if value is not None
    }


def _written(number: int, feed: str, row: Row) -> str:
    event = {
        "specversion": "1.0", "id": f"event-{number:07}", "source": f"urn:mimamori:{feed}", "type": type_of(feed), "time": SENT,
        "datacontenttype": "application/json", "data": row,
    }  # fmt: skip
    return json.dumps(event, ensure_ascii=False)
