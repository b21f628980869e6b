"""Loads canonical folders as a city would have loaded them, refuses bad rows, and settles versions as of a moment."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.oracle.contract import EITHER, FEEDS, PAST_DATES, REFERENCE, Column
from tests.oracle.days import FIRST_DAY, JST, Span, exact, japan_time

OPS = "IUD"  # reading 2: "then op (I < U < D)"
ANSWERS = range(1, 5)
ANY_MOMENT = datetime.min.replace(tzinfo=JST)  # reference files hold no dates


@dataclass(frozen=True)
class Load:
    """One `feed load DIR`: every file of the folder is one batch.

    at: the moment of the load, aware; later loads are later. initial: `--initial`
    """

    folder: Path
    at: datetime
    initial: bool = False


@dataclass(frozen=True)
class Row:
    """One accepted row. known_at: reading 1. line: where the row begins in its file, header = 1."""

    feed: str
    file: str
    line: int
    seal: int
    known_at: datetime
    event_time: datetime
    values: dict[str, Any]

    def text(self, column: str) -> str | None:
        """A text, or None where the field is empty."""
        value: str | None = self.values.get(column)
        return value

    def whole(self, column: str) -> int:
        """A whole number or month that is given; 0 where it is empty."""
        return int(self.values.get(column) or 0)

    def number(self, column: str) -> Fraction | None:
        """A decimal, exactly."""
        value: Fraction | None = self.values.get(column)
        return value

    def span(self, column: str) -> Span | None:
        """The days a date may be, or None where there is no date."""
        value: Span | None = self.values.get(column)
        return value

    def day(self, column: str) -> date:
        """The first of the days of a date that must be there."""
        span: Span = self.values[column]
        return span.first

    def days(self, column: str) -> Span:
        """The days of a date that must be there."""
        span: Span = self.values[column]
        return span

    @property
    def fact(self) -> tuple[str | None, str | None]:
        """Reading 2: "A fact is identified by (feed, source_system, source_record_id)"."""
        return self.text("source_system"), self.text("source_record_id")

    @property
    def tie(self) -> tuple[datetime, str]:
        """Reading 25: "the latest known, then the greater source_record_id"."""
        return self.known_at, self.text("source_record_id") or ""

    @property
    def source(self) -> tuple[str, str, int]:
        """(feed, file name, line): where a reason leads to."""
        return self.feed, self.file, self.line


class RefusedRowError(ValueError):
    """The row goes to quarantine."""


@dataclass
class Store:
    """All rows taken so far, by feed, the reference files, the loads with their feeds, and what was refused."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {feed: [] for feed in FEEDS})
    reference: dict[str, dict[tuple[str, ...], dict[str, Any]]] = field(
        default_factory=lambda: {name: {} for name in REFERENCE}
    )
    batches: list[tuple[str, Load, int]] = field(default_factory=list)
    refused: list[tuple[str, str, int, str]] = field(default_factory=list)
    contents: set[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=set)

    def load(self, load: Load) -> None:
        """Take in one folder. Reading 24: "A folder's reference files are read before its feeds"."""
        for name in REFERENCE:
            self._load_reference(load.folder / f"{name}.csv", name)
        for feed in FEEDS:
            path = load.folder / f"{feed}.csv"
            if path.exists():
                self._load_feed(path, feed, load)

    def _load_reference(self, path: Path, name: str) -> None:
        if not path.exists():
            return
        keys = {"instrument_key": 4, "instrument_norm": 3, "survey_max": 4}[name]
        for _, raw in _records(path):
            values = {column.name: _value(column, raw, ANY_MOMENT) for column in REFERENCE[name]}
            self.reference[name][tuple(list(raw.values())[:keys])] = values

    def _load_feed(self, path: Path, feed: str, load: Load) -> None:
        seal = len(self.batches) + 1
        self.batches.append((feed, load, seal))
        for line, raw in _records(path):
            # Reading 24: "the content hash is over every column of the row except batch_id, event_time included";
            # duplicates are by "(source_system, source_record_id, op, effective_from, content hash)" (§3)
            content = feed, tuple(sorted((key, text) for key, text in raw.items() if key != "batch_id" and text != ""))
            if content in self.contents:
                continue
            try:
                row = self._accept(path.name, feed, load, seal, line, raw)
            except RefusedRowError as why:
                self.refused.append((feed, path.name, line, str(why)))
                continue
            self.contents.add(content)
            self.rows[feed].append(row)

    def _accept(self, file: str, feed: str, load: Load, seal: int, line: int, raw: dict[str, str]) -> Row:
        try:
            event_time = japan_time(raw["event_time"])
        except ValueError as error:
            raise RefusedRowError("event_time") from error
        if event_time > load.at:
            raise RefusedRowError("event_time is after the load's clock")
        values = {column.name: _value(column, raw, event_time) for column in FEEDS[feed]}
        if feed in EITHER and not any(values[name] for name in EITHER[feed]):
            raise RefusedRowError("neither of two columns is filled")
        for name in PAST_DATES.get(feed, ()):
            span = values[name]
            if span is not None and span.first > event_time.astimezone(JST).date():
                raise RefusedRowError(f"{name} is in the future")
        self._check_marks(feed, values)
        # Reading 1: "A row's known-at is its seal's time (the load), except in a load marked --initial …, where it is
        # event_time."
        known_at = event_time if load.initial else load.at
        return Row(feed, file, line, seal, known_at, event_time, values)

    def _check_marks(self, feed: str, values: dict[str, Any]) -> None:
        """Readings 12 and 16: marks above the maximum, rates above 100, answers outside 1–4."""
        if feed == "life_answer" and values["answer"] is not None and values["answer"] not in ANSWERS:
            raise RefusedRowError("answer outside 1-4")
        if feed != "academic":
            return
        key = (values["survey_id"], str(values["fy"]), values["grade"], values["subject"])
        top = self.reference["survey_max"].get(key)
        if top is not None and values["raw"] is not None and values["raw"] > top["max"]:
            raise RefusedRowError("raw above the maximum")
        if values["rate"] is not None and values["rate"] > 100:
            raise RefusedRowError("rate above 100")


def _records(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line where the row begins, fields) of a CSV file; a missing column reads as empty."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        begin = reader.line_num + 1
        for fields in reader:
            if fields:
                yield begin, dict(zip(header, fields, strict=True))
            begin = reader.line_num + 1


def _value(column: Column, raw: dict[str, str], event_time: datetime) -> Any:
    """The typed value of a field, None where it is empty and may be."""
    text = raw.get(column.name, "")
    if column.type == "d":
        return _date(column, raw, event_time)
    if column.type == "l":
        return tuple(text.split("|")) if text else ()
    if text == "":
        if column.nullable:
            return None
        raise RefusedRowError(f"{column.name} is empty")
    if column.values and text not in column.values:
        raise RefusedRowError(f"{column.name}: unknown code")
    try:
        return _parsed(column.type, text)
    except (ValueError, InvalidOperation, KeyError) as error:
        raise RefusedRowError(column.name) from error


def _parsed(type_: str, text: str) -> Any:
    if type_ == "i":
        return int(text)
    if type_ == "n":
        return Fraction(Decimal(text))
    if type_ == "b":
        return {"true": True, "false": False}[text]
    if type_ == "ym":
        date(int(text[:4]), int(text[4:]), 1)
        return int(text)
    return japan_time(text) if type_ == "ts" else text


def _date(column: Column, raw: dict[str, str], event_time: datetime) -> Span | None:
    """Reading 4: a month, a year; "unknown: any day up to event_time"; the value holds the first of these days."""
    text, precision = raw.get(column.name, ""), raw.get(f"{column.name}_precision", "") or "day"
    if precision == "unknown":
        return Span(FIRST_DAY, event_time.astimezone(JST).date())
    if text == "":
        if column.nullable:
            return None
        raise RefusedRowError(f"{column.name} is empty")
    try:
        first = date.fromisoformat(text)
    except ValueError as error:
        raise RefusedRowError(column.name) from error
    if precision == "day":
        return exact(first)
    following = date(first.year + (first.month == 12), first.month % 12 + 1, 1)
    next_first = following if precision == "month" else date(first.year + 1, 1, 1)
    return Span(first, next_first - timedelta(days=1))


def load_all(loads: Sequence[Load]) -> Store:
    """A store after these loads, in order."""
    store = Store()
    for load in loads:
        store.load(load)
    return store


def current(store: Store, feed: str, *, known_at: datetime) -> list[Row]:
    """The facts of a feed as known at a moment: of each the row that counts, without those whose row is a D.

    Reading 2: "the row seen with the latest known-at counts, ties by seal, then op (I < U < D), then batch_id, then
    event_time, then content hash; a D row means that the fact never was, from its known-at on".
    """
    best: dict[tuple[str | None, str | None], Row] = {}
    for row in store.rows[feed]:
        if row.known_at > known_at:
            continue
        rival = best.get(row.fact)
        if rival is not None and _rank(rival) == _rank(row):
            raise ValueError(f"{feed}: lines {rival.line} and {row.line} tie up to the content hash")
        if rival is None or _rank(row) > _rank(rival):
            best[row.fact] = row
    return [row for row in best.values() if row.text("op") != "D"]


def _rank(row: Row) -> tuple[datetime, int, int, str, datetime]:
    return row.known_at, row.seal, OPS.index(row.text("op") or ""), row.text("batch_id") or "", row.event_time


def missing_feeds(store: Store, *, known_at: datetime) -> list[str]:
    """Reading 5: "no batch of it, not even an empty one, had been loaded by T (… --initial counts … at every T)"."""
    loaded = {feed for feed, load, _ in store.batches if load.initial or load.at <= known_at}
    return [feed for feed in FEEDS if feed not in loaded]
