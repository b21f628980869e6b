"""The oracle's view of a city as the frames that the judgement kernel is given, and the kernel's answer as JSON rows.

Versions, mapping and known-at are the oracle's here, so that what is compared is the judging alone. Written from the
frames' description in ARCHITECTURE.md.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from models.judgement.facts import SCHEMAS, Facts
from models.judgement.kernel import Judged
from tests.oracle.days import JST, Span
from tests.oracle.noncognitive import SCALES
from tests.oracle.people import View, person_of
from tests.oracle.store import Row

PERSONS = {
    "child": "child_atena_no",
    "mother": "mother_atena_no",
    "guardian": "guardian_atena_no",
    "recipient": "recipient_atena_no",
    "member": "member_atena_no",
}
RENAMED = {
    "from_date": "from",
    "to_date": "to",
    "start_date": "start",
    "end_date": "end",
    "from_month": "from",
    "to_month": "to",
}
TENTHS, MILLIONTHS = ("dev", "total_dev"), ("raw", "score", "mean", "sd")


class Frames:
    """Numbers persons, households and source rows, and fills the frames. sources: source → row."""

    def __init__(self, seen: View) -> None:
        """seen: what the run may see."""
        self.seen = seen
        self.sources: dict[int, Row] = {}
        self._keys: dict[tuple[str, str], int] = {}
        self._names: dict[int, str] = {}

    def facts(self) -> Facts:
        """The frames of every feed, and the missing feeds."""
        frames = {feed: self._frame(feed) for feed in SCHEMAS if feed in self.seen.feeds}
        for name in ("instrument_key", "instrument_norm"):
            rows = [{k: _plain(k, v) for k, v in row.items()} for row in self.seen.store.reference[name].values()]
            frames[name] = pl.DataFrame(rows, schema=SCHEMAS[name], orient="row")
        return Facts(frames, frozenset(self.seen.missing))

    def person(self, number: int) -> str:
        """The atena_no of a person's number."""
        return self._names[number]

    def number(self, atena: str) -> int:
        """The person's number."""
        key = self._key("person", atena)
        self._names[key] = atena
        return key

    def _key(self, kind: str, text: str) -> int:
        return self._keys.setdefault((kind, text), len(self._keys) + 1)

    def _frame(self, feed: str) -> pl.DataFrame:
        rows = self.seen.feeds[feed]
        ties = {text: rank for rank, text in enumerate(sorted({row.text("source_record_id") or "" for row in rows}))}
        filled = [self._filled(feed, row, ties) for row in self._mapped(feed, rows)]
        return pl.DataFrame(filled, schema=SCHEMAS[feed], orient="row")

    def _mapped(self, feed: str, rows: Iterable[Row]) -> Iterable[Row]:
        """Rows of pupils without a mapping are left out; a tax row may name a household alone."""
        if "person" not in SCHEMAS[feed] or feed == "tax_class":
            return rows
        return [row for row in rows if person_of(self.seen, row)]

    def _filled(self, feed: str, row: Row, ties: dict[str, int]) -> dict[str, Any]:
        source = len(self.sources) + 1
        self.sources[source] = row
        own: dict[str, Any] = {
            "source": source,
            "known_at": row.known_at,
            "event_day": row.event_time.astimezone(JST).date(),
            "tie": ties[row.text("source_record_id") or ""],
        }
        return own | {name: self._value(feed, name, row) for name in SCHEMAS[feed] if name not in own}

    def _value(self, feed: str, name: str, row: Row) -> Any:
        if name == "person":
            atena = person_of(self.seen, row)
            return self.number(atena) if atena else None
        if name in PERSONS:
            atena = row.text(PERSONS[name]) or (row.text("atena_no") if name == "child" else None)
            return self.number(atena) if atena else None
        if name in ("setai", "case"):
            text = row.text(f"{name}_no")
            return self._key(name, text) if text else None
        if name.endswith("_precision"):
            column = name.removesuffix("_precision")
            return _precision(row.span(RENAMED.get(column, column)))
        return _plain(name, row.values.get(RENAMED.get(name, name)))


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Span):
        return None if value.unknown else value.first
    if isinstance(value, Fraction):
        return int(value * (10 if name in TENTHS else 1_000_000))
    return value


def _precision(span: Span | None) -> str | None:
    if span is None:
        return None
    if span.unknown:
        return "unknown"
    length = (span.last - span.first).days
    return "year" if length > 31 else "month" if length else None


def shown(frames: Frames, judged: Judged) -> dict[str, dict[str, Any]]:
    """The kernel's judgements as `run show --judgements` has them, by atena_no."""
    reasons: dict[int, dict[str, list[dict[str, Any]]]] = {}
    for row in judged.reasons.iter_rows(named=True):
        found = reasons.setdefault(row["person"], {}).setdefault(row["code"], [])
        source = frames.sources.get(row["source"])
        if source is not None:
            found.append(dict(zip(("feed", "file", "line"), source.source, strict=True)))
    rows = judged.judgements.iter_rows(named=True)
    return {frames.person(row["person"]): _judgement(row, reasons.get(row["person"], {})) for row in rows}


def _judgement(row: dict[str, Any], reasons: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Scores from tenths to decimals, the eight t columns to one mapping."""
    scores = {name: _tenths(row[name]) for name in ("t", "d1", "d2")}
    scales = {scale: t for scale in SCALES if (t := _tenths(row[f"t_{scale}"])) is not None}
    listed = [{"code": code, "sources": sources} for code, sources in reasons.items()]
    return row | scores | {"scales": scales, "reasons": listed}


def _tenths(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-1)
