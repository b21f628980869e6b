"""Reasons of all judgements put together: one set of parameters a code, each source once, whatever the order of rows."""

from datetime import date
from random import Random

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from models.judgement.reasons import ORDER, PARAMETERS, SCHEMA, merge

DAYS = st.sampled_from([None, date(2026, 1, 1), date(2026, 2, 1)])
SMALL = st.sampled_from([None, 1, 2])
ROW = st.tuples(
    st.sampled_from([1, 2]), st.sampled_from(["E2_TAX", "CHANGE_FLAT", "T_LT35"]), DAYS, SMALL, SMALL,
    st.sampled_from([None, "国", "算数"]), SMALL,
)  # fmt: skip
Row = tuple[int, str, date | None, int | None, int | None, str | None, int | None]


def _frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _plainly(rows: list[Row]) -> list[Row]:
    """The definition, row by row in Python: null comes before any value."""

    def null_first(values: tuple[object, ...]) -> list[tuple[bool, object]]:
        return [(value is not None, value) for value in values]

    parameters: dict[tuple[int, str], tuple[object, ...]] = {}
    for row in sorted(rows, key=lambda row: null_first(row[2:6])):
        parameters[row[0], row[1]] = row[2:6]
    found = {(row[0], row[1], row[6]) for row in rows}
    ordered = sorted(found, key=null_first)
    return [(person, code, *parameters[person, code], source) for person, code, source in ordered]  # type: ignore[misc]  # as many parameters as every row


@given(st.lists(ROW, max_size=12), st.randoms())
def test_it_is_what_its_definition_says_in_any_order_and_however_often(rows: list[Row], random: Random) -> None:
    twice = [*rows, *rows[:3]]
    random.shuffle(twice)
    merged = merge([_frame(twice[:4]), _frame(twice[4:])])
    assert merged.schema == pl.Schema(SCHEMA)
    assert merged.rows() == _plainly(rows)


def test_without_reasons_there_is_an_empty_frame() -> None:
    assert merge([]).rows() == []
    assert set(ORDER) | set(PARAMETERS) == set(SCHEMA)
