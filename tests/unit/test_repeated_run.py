"""When a repetition says that a run stands: every line the same, or resting on what was erased."""

import pytest

from services.judgement.repeated import Differing, RepeatReport

CHILD = "0a000000-0000-4000-8000-000000000001"


def _report(*differs: Differing, repeated: str = "aa") -> RepeatReport:
    return RepeatReport("2026-08-31-x", "aa", repeated, 3, (1,), differs, (), {"polars": ("1.0", "2.0")})


@pytest.mark.parametrize(
    ("report", "same"),
    [
        (_report(), True),
        (_report(Differing(0, CHILD, erased=True)), True),
        (_report(Differing(0, CHILD)), False),
        (_report(Differing(None, CHILD)), False),
        (_report(repeated="bb"), False),
        (_report(Differing(2, None)), False),  # the row was altered, though its leaf is what came out again
    ],
)
def test_a_run_stands_or_not(report: RepeatReport, same: bool) -> None:
    assert report.same == same
    assert report.json()["same"] == same


def test_a_report_without_children_names_positions_alone() -> None:
    report = _report(Differing(0, CHILD, erased=True), Differing(2, CHILD))
    told = report.without_children().json()
    assert CHILD not in str(told)
    assert [line["position"] for line in told["differs"]] == [0, 2]
    assert (told["erased"], told["erased_positions"]) == (1, [1])
    assert told["engines"] == {"polars": {"run": "1.0", "now": "2.0"}}
