"""The council's tables of change: every count rounded by itself, every share beside what it is of, every reason of one kind."""

from datetime import date
from typing import Any

from schemas.rules.names import SCALES, TEMPLATE_PARAMETERS
from services.council import tables_of_change
from services.council.changes import RunChange
from services.council.figures import Figures
from services.council.table import NONE

FIRST: dict[str, Any] = {"flagged": 204, "first_flagged": 204, "unmarked": {"unmarked": 151, "flagged": 204}}
LAST = FIRST | {
    "entered": 6, "left": 3, "rose": 17, "fell": 4, "same": 988, "first_flagged": 14,
    "rose_through": {"E2_TAX": 9, "E3_HOGO": 4, "VERY_LOW_FAMILY": 6, "LOW_FAMILY": 6}, "fell_through": {"TX_NO_SCORE": 5},
}  # fmt: skip


def _figures(*changes: RunChange) -> Figures:
    return Figures(
        groups=(), approvals=(), revoked={}, runs=(), loads={}, held=frozenset(), linkage=None, queue={}, closings={},
        duties={}, emergencies={}, changes=changes,
    )  # fmt: skip


BOTH = _figures(RunChange(date(2026, 1, 31), 1003, FIRST), RunChange(date(2026, 8, 31), 1015, LAST))


def test_every_change_is_told_rounded_whether_or_not_there_was_one() -> None:
    assert [row[1] for row in tables_of_change.changes(BOTH).rows] == [10, 0, 20, 0, 990, 10]


def test_reasons_are_counted_by_kind() -> None:
    told = {row[0]: row[1:] for row in tables_of_change.reasons(BOTH).rows}
    assert told["経済状況"] == (10, 0) and told["質問紙の低い尺度"] == (10, 0) and told["データの不足"] == (0, 10)


def test_the_first_run_has_nothing_to_compare_with() -> None:
    only = _figures(RunChange(date(2026, 8, 31), 1003, FIRST))
    for table in (tables_of_change.changes(only), tables_of_change.reasons(only)):
        assert table.rows and {cell for row in table.rows for cell in row[1:]} == {NONE}
    assert tables_of_change.trend(only).rows == ((date(2026, 8, 31), 1000, 200, "約20%", NONE, 150, "約75%"),)
    assert tables_of_change.trend(_figures()).rows == ()


def test_every_reason_code_is_of_a_kind() -> None:
    codes = [code for code in TEMPLATE_PARAMETERS if code not in ("LOW", "VERY_LOW", "DROP")]
    codes += [f"{prefix}_{scale.upper()}" for prefix in ("LOW", "VERY_LOW", "DROP") for scale in SCALES]
    kinds = {code: tables_of_change.kind_of(code) for code in codes}
    assert kinds["TX_NO_SCORE"] == "データの不足" and kinds["T_LT35"] == "学力" and kinds["N2_VISIT"] == "養育状況"
    assert kinds["NX_FEED_MISSING"] == "データの不足" and kinds["VERY_LOW_FAMILY"] == "質問紙の低い尺度"
    assert set(kinds.values()) == set(tables_of_change.KINDS.values())
