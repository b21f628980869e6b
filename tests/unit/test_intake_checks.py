"""The contract's model and its compiled checks say the same of every row."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.feeds import FEEDS
from schemas.feeds.contract import Contract
from schemas.feeds.kinds import Boolean, Code, Day, Integer, Kind, Month, TextList, Timestamp
from schemas.feeds.kinds import Decimal as Number
from schemas.feeds.rule import Context
from services.intake.checks import COLUMN, RULE, Checker
from services.intake.reading import FAULT, LINE

CONTEXT = Context(
    now=datetime(2026, 9, 1, tzinfo=UTC), maxima={("S", 2026, grade, "国"): Decimal(50) for grade in ("P1", "J3")}
)
SHEETS = "life_answer"  # its items and answers are checked as lists: see test_intake_sheet
JUNK = st.sampled_from(
    ["", "x", " ", "0", "-1", "２", "1.5", "true ", "2026-13-01", "2026-2-3", "20260401", "税務課", "|", "a||b"]
)
DAYS = st.dates(date(1849, 1, 1), date(2201, 1, 1)).map(lambda day: day.isoformat())
NEAR = st.sampled_from(["2026-04-01", "2026-04-02", "2026-01-01", "2020-02-29", "2026-09-01", "2026-09-02"])


def good(kind: Kind) -> st.SearchStrategy[str]:
    """Texts that mostly please the kind, its edges among them."""
    if isinstance(kind, Code):
        return st.sampled_from(kind.values)
    if isinstance(kind, Integer):
        return st.sampled_from([str(kind.least), str(kind.most), str(kind.most + 1), "2026", "007", "50", "51"])
    if isinstance(kind, Number):
        return st.sampled_from(["50", "50.0", "50.000001", "100", "100.1", "-0.5", "1234567", "3.25", "5.", ".5"])
    if isinstance(kind, Day):
        return NEAR | DAYS
    if isinstance(kind, Month):
        return st.sampled_from(["202604", "202613", "202600", "184912", "2026-04"])
    if isinstance(kind, Timestamp):
        zone = st.sampled_from(["", "Z", "+09:00", "-05:00"])
        clock = st.sampled_from(["T09:00:00", " 23:59:59.123456", "T00:00", "T24:00:00", "T09:61:00"])
        return st.one_of(NEAR, st.tuples(NEAR | DAYS, clock, zone).map("".join))
    if isinstance(kind, Boolean):
        return st.sampled_from(["true", "false", "True"])
    if isinstance(kind, TextList):
        return st.sampled_from(["a", "a|b", "a||b", "|"])
    return st.sampled_from(["S", "髙橋", "x" * 15, "x" * 16, "x" * 36, "2721", "272205"])


def safe(kind: Kind) -> str:
    """A text that pleases the kind and every rule."""
    if isinstance(kind, Code):
        return kind.values[0]
    known = {Integer: "2026", Number: "50", Day: "2026-01-01", Month: "202604", Boolean: "true", TextList: "a|b"}
    if isinstance(kind, Integer):
        return str(min(kind.most, 2026))
    return known.get(
        type(kind), "2026-04-01T09:00:00" if isinstance(kind, Timestamp) else "x" * max(1, getattr(kind, "shortest", 1))
    )


@st.composite
def rows(draw: st.DrawFn, contract: Contract) -> dict[str, str | None]:
    """A good row of which up to three columns stand at an edge, are anything or are empty."""
    row: dict[str, str | None] = {column.name: None if column.of else safe(column.kind) for column in contract.columns}
    for name in draw(st.lists(st.sampled_from(list(row)), max_size=3)):
        row[name] = draw(good(contract.by_name[name].kind) | JUNK | st.none()) or None
    return row


def by_model(contract: Contract, row: Mapping[str, str | None]) -> tuple[str, str | None] | None:
    """The first reason that pydantic refuses a row for: (rule, column or None for a rule over columns); None if it takes it."""
    given_ = {name: text for name, text in row.items() if text is not None or not contract.by_name[name].nullable}
    try:
        contract.model.model_validate(given_, context=CONTEXT)
    except ValidationError as error:
        first: Any = error.errors()[0]
        return (first["type"], str(first["loc"][0]) if first["loc"] else None)
    return None


@pytest.mark.parametrize("feed", sorted(set(FEEDS) - {SHEETS}))
def test_model_and_compiled_checks_agree(feed: str) -> None:
    contract = FEEDS[feed]

    @settings(max_examples=30)
    @given(st.lists(rows(contract), min_size=1, max_size=15))
    def agree(block: list[dict[str, str | None]]) -> None:
        frame = pl.DataFrame(block, schema=dict.fromkeys(contract.by_name, pl.String())).with_columns(
            pl.Series(LINE, range(2, len(block) + 2), pl.Int32()), pl.lit(None, pl.String()).alias(FAULT)
        )
        checked = Checker(contract, frozenset(contract.by_name), CONTEXT).check(frame)
        refused = {
            line: (rule, column) for line, rule, column in checked.refused.select(LINE, RULE, COLUMN).iter_rows()
        }
        for line, row in enumerate(block, start=2):
            wanted, found = by_model(contract, row), refused.get(line)
            assert (wanted is None) == (found is None), (row, wanted, found)
            if wanted is not None and found is not None:
                assert wanted[0] == found[0], (row, wanted, found)
                assert wanted[1] in (None, found[1]), (row, wanted, found)

    agree()


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_the_good_row_that_the_others_are_made_from_is_taken(feed: str) -> None:
    contract = FEEDS[feed]
    row = {column.name: safe(column.kind) for column in contract.columns if not column.of}
    assert by_model(contract, row) is None
