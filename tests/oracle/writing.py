"""Collects rows of canonical feeds, with corrections and late arrivals, and writes them as folders."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from tests.oracle.contract import FEEDS, REFERENCE, Column
from tests.oracle.days import JST

Field = str | int | bool | date | Decimal | None
Fields = Mapping[str, Field]
SYSTEMS = {"resident": "juki", "academic": "gakuryoku", "attendance": "koumu"}


@dataclass
class Record:
    """One row to be written. said: its event_time. Later rows of the same fact share system and number."""

    feed: str
    step: int
    fields: dict[str, Field]
    said: datetime


@dataclass
class Folders:
    """The rows of several loads (steps), the reference files of the first, and the random source.

    loads: the moment of each load; a row's event_time is never after its load unless it is meant to be refused
    """

    rng: Random
    loads: list[datetime]
    records: list[Record] = field(default_factory=list)
    reference: dict[str, list[dict[str, Field]]] = field(default_factory=lambda: defaultdict(list))
    dropped: set[tuple[int, str]] = field(default_factory=set)  # (step, feed): no such file
    counter: int = 0

    def chance(self, share: float) -> bool:
        """True in about `share` of the calls."""
        return self.rng.random() < share

    def number(self) -> str:
        """A record number; the order of numbers is not the order of writing."""
        self.counter += 1
        return f"{self.counter * 7919 % 100_000:05d}"

    def add(self, feed: str, fields: Fields, *, day: date, step: int | None = None) -> Record:
        """A first row of a new fact, recorded on `day` or some days after it.

        step: the load it comes with; None lets a few rows come late
        """
        if step is None:
            step = self.rng.choices(range(len(self.loads)), weights=[90, 7, 3][: len(self.loads)])[0]
        common: dict[str, Field] = {
            "source_system": SYSTEMS.get(feed, "fukushi"),
            "source_record_id": self.number(),
            "op": "I",
            "effective_from": day,
            "legal_basis_id": "LB1",
            "batch_id": f"B{self.rng.randrange(100):02d}",
        }
        record = Record(feed, step, common | dict(fields), self.said(day, step))
        self.records.append(record)
        return record

    def revise(
        self, record: Record, op: str, changes: Fields, *, step: int, said: datetime | None = None, batch: str = ""
    ) -> Record:
        """A later (or late) row of the same fact: a full image with some columns changed."""
        fields = dict(record.fields) | dict(changes) | {"op": op}
        if batch:
            fields["batch_id"] = batch
        moment = said or self.said(record.said.astimezone(JST).date() + timedelta(days=1), step)
        copy = Record(record.feed, step, fields, moment)
        self.records.append(copy)
        return copy

    def said(self, day: date, step: int) -> datetime:
        """A moment on `day` or up to some weeks after it, before the load; whole seconds, never twice the same."""
        self.counter += 1
        start = datetime.combine(day, time(0), JST) + timedelta(seconds=self.counter)
        latest = self.loads[step] - timedelta(hours=30) + timedelta(seconds=self.counter)
        wait = timedelta(days=self.rng.choice((0, 0, 1, 3, 20, 60)), hours=self.rng.randrange(23))
        return min(start + wait, latest) if start <= latest else latest

    def write(self, root: Path) -> list[Path]:
        """One folder a step; a feed without rows in a step has no file there, except an empty one in the first."""
        folders = []
        for step in range(len(self.loads)):
            folder = root / f"step{step}"
            folder.mkdir(parents=True, exist_ok=True)
            folders.append(folder)
            for feed in FEEDS:
                rows = [record for record in self.records if record.step == step and record.feed == feed]
                if (rows or step == 0) and (step, feed) not in self.dropped:
                    self._write_feed(folder / f"{feed}.csv", feed, rows)
        for name, columns in REFERENCE.items():
            if self.reference[name]:
                texts = [{key: _text(value) for key, value in row.items()} for row in self.reference[name]]
                _write_csv(folders[0] / f"{name}.csv", [column.name for column in columns], texts)
        return folders

    def _write_feed(self, path: Path, feed: str, records: list[Record]) -> None:
        texts = [self._texts(record) for record in records]
        header = [name for column in FEEDS[feed] for name in self._names(column, texts)]
        _write_csv(path, header, texts)

    def _texts(self, record: Record) -> dict[str, str]:
        fields = {name: text for name, value in record.fields.items() if (text := _text(value))}
        return fields | {"event_time": self._moment(record.said)}

    def _moment(self, moment: datetime) -> str:
        """Japan time with or without its offset, or UTC: all the same moment. Always so for the same moment."""
        style = int(moment.timestamp()) % 3
        if style == 0:
            return moment.astimezone(JST).isoformat()
        if style == 1:
            return moment.astimezone(JST).replace(tzinfo=None).isoformat()
        return (moment.astimezone(JST) - timedelta(hours=9)).replace(tzinfo=None).isoformat() + "Z"

    def _names(self, column: Column, texts: list[dict[str, str]]) -> list[str]:
        """The column's name, with what stands beside it; an always empty nullable one may be left out."""
        beside = [f"{column.name}_raw", f"{column.name}_precision"] if column.type == "d" else []
        used = [name for name in beside if any(row.get(name) for row in texts)]
        empty = not any(row.get(column.name) for row in texts)
        if column.nullable and empty and not used and self.chance(0.3):
            return []
        return [column.name, *used]


def _text(value: Field) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_csv(path: Path, header: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="", extrasaction="raise")
        writer.writeheader()
        writer.writerows(rows)


def imprecise(name: str, day: date, precision: str) -> dict[str, Field]:
    """A date of which only the month or the year (first day stands in the column) or nothing is known (empty)."""
    first = {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1), "unknown": None}[precision]
    if precision == "day":
        return {name: first}
    return {name: first, f"{name}_precision": precision, f"{name}_raw": f"{day.year}年 不詳"}
