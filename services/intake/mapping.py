"""From a vendor's columns to the contract's, all texts: what schemas.feeds.profile describes, step by step.

Nothing is refused here but a file whose header does not fit. A text that a step cannot read stays as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from schemas.feeds.contract import Column, Contract
from schemas.feeds.kinds import Boolean, Code, Day, Decimal, Integer, Month, Timestamp
from schemas.feeds.profile import FeedProfile, Profile, is_individual_number
from services.intake.dates import iso_date, month_number
from services.intake.errors import FileRefusedError
from services.intake.reading import FAULT, LINE

SHEET = "_sheet"  # whether the file's rows are whole answer sheets
ITEM, ANSWER = "item_code", "answer"
_WIDE = "".join(map(chr, range(0xFF01, 0xFF5F)))  # full-width ASCII
_NARROW = "".join(map(chr, range(0x21, 0x7F)))
_MOMENT = r"^([0-9]{8}|[^ T]+?)(?:[ T](.*)|([0-9]{6}))?$"
_FOLD = dict(zip((*_WIDE, "\u3000"), (*_NARROW, " "), strict=True))


@dataclass(frozen=True)
class FileMapping:
    """How one file's columns become the contract's.

    sources: contract column → header
    items:   header → item_code, of a wide answer sheet; empty otherwise
    """

    contract: Contract
    profile: FeedProfile
    eras: Mapping[str, int]
    sources: Mapping[str, str]
    items: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the canonical frame: of a wide sheet the item and answer columns hold lists."""
        return tuple(self.contract.by_name)

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The canonical frame: LINE, FAULT and every contract column as text (null = empty)."""
        sheet = _sheet(self.items, self.profile) if self.items else {}
        columns = (pl.col(header).alias(name) for name, header in self.sources.items())
        found = frame.select(LINE, FAULT, *columns, **sheet)
        if self.profile.columns is not None:
            found = found.with_columns(*self._read())
            found = self._dated(found)
        found = found.with_columns(pl.lit(value).alias(name) for name, value in self.profile.constants.items())
        if self.profile.record_id:
            parts = [pl.col(name).fill_null("") for name in self.profile.record_id]
            found = found.with_columns(pl.concat_str(parts, separator="-").alias("source_record_id"))
        absent = [name for name in self.names if name not in found.columns]
        return found.with_columns(pl.lit(None, pl.String()).alias(name) for name in absent).select(
            LINE, FAULT, *self.names
        )

    def _read(self) -> list[pl.Expr]:
        return [_read(self.contract.by_name[name], self.profile) for name in self.sources]

    def _dated(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self.profile.dates == "iso":
            return frame
        for name in self.sources:
            kind = self.contract.by_name[name].kind
            if isinstance(kind, Day):
                frame = _days(frame, name, self.eras)
            elif isinstance(kind, Month):
                frame = _months(frame, name, self.eras)
            elif isinstance(kind, Timestamp):
                frame = _moments(frame, name, self.eras)
        return frame


def map_header(contract: Contract, profile: Profile, header: Sequence[str], file: str) -> FileMapping:
    """Match a file's header with what its profile and contract say; raises FileRefusedError naming what does not fit."""
    feed = profile.feeds[contract.feed]
    _refuse_individual_numbers(header, feed, file)
    items = _items(header, feed)
    known = feed.columns if feed.columns is not None else {name: name for name in contract.by_name}
    sources = {name: column for name, column in known.items() if column in header}
    unknown = [column for column in header if column not in {*known.values(), *items, *feed.ignore}]
    if unknown:
        raise FileRefusedError(
            "EXTRA_COLUMN",
            file,
            f"契約にない列があります: {'、'.join(unknown)}。列を除くか、プロファイルの columns か ignore に加えてください。",
        )
    given = {
        *sources,
        *feed.constants,
        *({"source_record_id"} if feed.record_id else ()),
        *((ITEM, ANSWER) if items else ()),
    }
    missing = [column.name for column in contract.columns if not column.nullable and column.name not in given]
    if missing:
        shown = "、".join(known.get(name, name) for name in missing)
        raise FileRefusedError(
            "MISSING_COLUMN",
            file,
            f"必要な列がありません: {shown}。列を加えるか、プロファイルの constants で補ってください。",
        )
    return FileMapping(contract, feed, profile.era_years, sources, items)


def _refuse_individual_numbers(header: Sequence[str], feed: FeedProfile, file: str) -> None:
    if any(is_individual_number(name) and name not in feed.ignore for name in header):
        raise FileRefusedError(
            "INDIVIDUAL_NUMBER",
            file,
            "個人番号（マイナンバー）の列は受け取れません。その列を除いて出力し直してください。",
        )


def _items(header: Sequence[str], feed: FeedProfile) -> dict[str, str]:
    if feed.items is None:
        return {}
    pattern = re.compile(feed.items.pattern) if feed.items.pattern else None
    matched = {name: name for name in header if pattern is not None and pattern.fullmatch(name)}
    return {**matched, **{name: code for name, code in feed.items.columns.items() if name in header}}


def _sheet(items: Mapping[str, str], profile: FeedProfile) -> dict[str, pl.Expr]:
    """A wide sheet's items and answers, two lists of texts in the same order; an empty answer is null."""
    stripped = (pl.col(header).str.strip_chars().replace(["", *profile.null], None) for header in items)
    answers = [_folded(text) if profile.fold_width else text for text in stripped]
    codes = pl.lit(pl.Series([list(items.values())], dtype=pl.List(pl.String()))).first()
    return {ITEM: codes, ANSWER: pl.concat_list(answers)}


def _read(column: Column, profile: FeedProfile) -> pl.Expr:
    """Strip, null tokens, width, padding, codes."""
    text = pl.col(column.name).str.strip_chars().replace(["", *profile.null], None)
    if profile.fold_width and (
        column.about.system or isinstance(column.kind, (Code, Integer, Decimal, Day, Month, Timestamp, Boolean))
    ):
        text = _folded(text)
    if column.name in profile.pad:
        text = text.str.zfill(profile.pad[column.name])
    if column.name in profile.codes:
        text = text.replace(profile.codes[column.name])
    return text.alias(column.name)


def _folded(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(_FOLD).str.strip_chars()


def _days(frame: pl.DataFrame, name: str, eras: Mapping[str, int]) -> pl.DataFrame:
    """ISO text, raw text and precision of a date. Each different text is read once: there are few of them."""
    text = pl.col(name)
    iso, precision = iso_date(text, eras)
    raw = pl.when(iso.is_null() | (iso != text)).then(text)
    read = (
        frame.select(name)
        .unique()
        .with_columns(raw.alias(f"{name}_raw"), precision.alias(f"{name}_precision"), iso.alias("_iso"))
    )
    return _looked_up(frame, name, read, "_iso")


def _months(frame: pl.DataFrame, name: str, eras: Mapping[str, int]) -> pl.DataFrame:
    read = frame.select(name).unique().with_columns(month_number(pl.col(name), eras).alias("_month"))
    return _looked_up(frame, name, read, "_month")


def _moments(frame: pl.DataFrame, name: str, eras: Mapping[str, int]) -> pl.DataFrame:
    """A day in any form, or a day and a time of day parted by a blank or T, or 14 digits."""
    groups = pl.col(name).str.extract_groups(_MOMENT).struct
    split = frame.with_columns(groups[0].alias("_day"), pl.coalesce(groups[1], groups[2]).alias("_time"))
    read = split.select("_day").unique().with_columns(iso_date(pl.col("_day"), eras)[0].alias("_iso"))
    found = _looked_up(split, "_day", read, "_iso")
    clock = (
        pl.col("_time").str.replace(r"^([0-9]{2})([0-9]{2})([0-9]{2})$", "$1:$2:$3").str.replace(r"^([0-9]:)", "0$1")
    )
    whole = (
        pl.when(pl.col("_time").is_null()).then(pl.col("_day")).otherwise(pl.concat_str(["_day", clock], separator="T"))
    )
    return found.with_columns(pl.coalesce(whole, pl.col(name)).alias(name)).drop("_day", "_time")


def _looked_up(frame: pl.DataFrame, name: str, read: pl.DataFrame, value: str) -> pl.DataFrame:
    """`name` replaced by what `read` says of it, with the other columns of `read`."""
    joined = frame.join(read, on=name, how="left", nulls_equal=True, maintain_order="left")
    return joined.drop(name).rename({value: name})
