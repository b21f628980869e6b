"""What the kernel is given: current rows of what a run may see, one frame a feed, and which feeds are missing.

Columns are named as in the facts store, persons' columns without `_key`. Units: dev and total_dev in tenths; raw, score
and the norms' mean and sd in millionths; months YYYYMM. A date `d` is the first day it may be (null: unknown, or absent)
and `d_precision` says how much it leaves open: null or "day", "month", "year", "unknown".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import polars as pl

Schema = dict[str, pl.DataType]

SOURCE: Schema = {
    "source": pl.Int64(),  # batch << 32 | line
    "known_at": pl.Datetime("us", "UTC"),
    "event_day": pl.Date(),  # in Japan
    "tie": pl.Int64(),  # rank of source_record_id; the greater wins
}
PERIOD: Schema = {"effective_from": pl.Date(), "effective_to": pl.Date()}


def _dates(*names: str) -> Schema:
    return {column: kind for name in names for column, kind in ((name, pl.Date()), (f"{name}_precision", pl.String()))}


def _numbers(*names: str) -> Schema:
    return dict.fromkeys(names, pl.Int64())


def _texts(*names: str) -> Schema:
    return dict.fromkeys(names, pl.String())


_SHEET: Schema = {
    **_numbers("person"),
    **_texts("survey_id", "form_version", "key_version"),
    "fy": pl.Int32(),
    **_dates("date"),
}

SCHEMAS: dict[str, Schema] = {
    "resident": {
        **_numbers("person", "setai"),
        "rireki_no": pl.Int32(),
        **_dates("birth"),
        **_texts("status"),
        **PERIOD,
        **SOURCE,
    },
    "household": {**_numbers("setai", "person"), **PERIOD, **SOURCE},
    "gakureibo": {**_numbers("person"), **_texts("grade"), **PERIOD, **SOURCE},
    "academic": {
        **_numbers("person"),
        **_texts("survey_id"),
        "fy": pl.Int32(),
        **_dates("date"),
        **_texts("grade", "subject"),
        "raw": pl.Int64(),
        "dev": pl.Int32(),
        "absent": pl.Boolean(),
        **SOURCE,
    },
    "life_answer": {**_SHEET, **_texts("item_code"), "answer": pl.Int16(), **SOURCE},
    "life_scale": {
        **_SHEET,
        **_texts("scale_code"),
        "score": pl.Int64(),
        "answered": pl.Int32(),
        "items": pl.Int32(),
        **SOURCE,
    },
    "physical": {**_numbers("person"), "fy": pl.Int32(), "total_dev": pl.Int32(), **SOURCE},
    "attendance": {
        **_numbers("person"),
        **dict.fromkeys(("ym", "absent_sick", "absent_other", "absent_unknown"), pl.Int32()),
        **SOURCE,
    },
    "shugaku_enjo": {
        **_numbers("child", "guardian"),
        "fy": pl.Int32(),
        **_texts("status", "category"),
        **_dates("from_date", "to_date"),
        **SOURCE,
    },
    "seikatsu_hogo": {
        **_numbers("setai", "case", "member"),
        **_texts("status"),
        **_dates("start_date", "end_date"),
        **SOURCE,
    },
    "jido_fuyo_teate": {
        **_numbers("recipient", "child"),
        **_texts("status"),
        **dict.fromkeys(("from_month", "to_month"), pl.Int32()),
        **SOURCE,
    },
    "tax_class": {
        **_numbers("setai", "person"),
        "fy": pl.Int32(),
        **_texts("class"),
        "effective_from": pl.Date(),
        **SOURCE,
    },
    "boshi_hoken": {
        **_numbers("child", "mother"),
        **_texts("kind"),
        **_dates("due_from", "due_to", "visited"),
        **_texts("result"),
        "reached_by_other": pl.Boolean(),
        **SOURCE,
    },
    "hoiku": {**_numbers("child"), **_dates("from_date", "to_date"), **SOURCE},
    "soudan": {**_numbers("child"), **_texts("kind"), **_dates("received", "closed"), **SOURCE},
    "edu_support": {**_numbers("person"), **_texts("service"), **_dates("from_date", "to_date"), **SOURCE},
    "instrument_key": {
        **_texts("form_version", "key_version", "item_code", "scale_code"),
        "reverse": pl.Boolean(),
    },
    "instrument_norm": {**_texts("form_version", "scale_code", "grade"), **_numbers("mean", "sd")},
}


@cache
def empty(feed: str) -> pl.DataFrame:
    """A frame of the feed without rows."""
    return pl.DataFrame(schema=SCHEMAS[feed])


@dataclass(frozen=True)
class Facts:
    """One run's facts. A feed that is not in `frames` has no rows; `missing` names feeds never loaded (reading 5)."""

    frames: Mapping[str, pl.DataFrame]
    missing: frozenset[str] = field(default_factory=frozenset)

    def frame(self, feed: str) -> pl.DataFrame:
        """The feed's current rows, with the columns of SCHEMAS."""
        found = self.frames.get(feed)
        return empty(feed) if found is None else found
