"""The canonical line of a child and the run's root."""

import json
from datetime import date

import polars as pl
import rfc8785

from models.judgement.kernel import judge
from models.judgement.line import lines, run_root
from models.tlog import leaf_hash, root
from schemas.rules import load_default
from tests.kernel_rows import Row, facts

CITY = facts(
    resident=[{"person": 1}, {"person": 2, "setai": 2, "birth": "2023-01-01"}, {"person": 3, "setai": 3}],
    tax_class=[{"setai": 1, "class": "非課税"}, {"setai": 3, "class": "課税"}],
    boshi_hoken=[{"child": 2, "due_to": "2026-05-01", "kind": "3y"}],
    academic=[
        {"person": 1, "fy": 2026, "date": "2026-05-01", "subject": subject, "dev": dev}
        for subject, dev in (("国", 349), ("算数", 350))
    ],
)
CHILDREN = pl.DataFrame({"person": [1, 2, 3], "child_id": ["c", "a", "b"]})


def written(given: Row | None = None, feed: str = "tax_class") -> pl.DataFrame:
    judged = judge(CITY, as_of=date(2026, 8, 31), rules=load_default(), history=[])
    used = judged.reasons["source"].drop_nulls().unique().sort()
    sources = pl.DataFrame({"source": used}).with_columns(
        feed=pl.lit(feed), file=pl.lit("f" * 64), line=pl.col("source") + 1
    )
    return lines(judged.judgements, judged.reasons, children=CHILDREN, sources=sources)


def test_lines_are_canonical_json_in_order_of_child_id() -> None:
    found = written()
    assert found["child_id"].to_list() == ["a", "b", "c"]
    for line in found["line"]:
        assert line.encode() == rfc8785.dumps(json.loads(line))


def test_text_is_escaped_as_rfc_8785_asks() -> None:
    odd = '"\\/\b\f\n\r\t\x01\x1f\x7f\u2028é重点支援Ⅰ𠮷'
    found = written(feed=odd)
    with_source = found.filter(pl.col("child_id") == "c")["line"].item()
    assert with_source.encode() == rfc8785.dumps(json.loads(with_source))
    feeds = {source["feed"] for reason in json.loads(with_source)["reasons"] for source in reason["sources"]}
    assert feeds == {odd}


def test_a_line_holds_ranks_scores_and_reasons_with_their_sources() -> None:
    line = json.loads(written().filter(pl.col("child_id") == "c")["line"].item())
    assert (line["economic"], line["poverty"], line["t"], line["learning"]) == ("E2", "B", 350, "3")
    assert line["scales"]["family"] is None
    tax = next(reason for reason in line["reasons"] if reason["code"] == "E2_TAX")
    assert tax == {
        "code": "E2_TAX",
        "count": 2026,
        "day": None,
        "sources": [{"feed": "tax_class", "file": "f" * 64, "line": 5}],
        "tenths": None,
        "text": None,
    }


def test_a_reason_that_rests_on_no_row_has_no_sources() -> None:
    line = json.loads(written().filter(pl.col("child_id") == "a")["line"].item())
    by_code = {reason["code"]: reason for reason in line["reasons"]}
    assert by_code["EX_NO_TAX"]["sources"] == []
    assert by_code["N1_CHECKUP_MISSED"]["day"] == "2026-05-01"


def test_the_root_is_over_the_lines() -> None:
    found = written()["line"].to_list()
    assert run_root(found) == root([leaf_hash(line.encode()) for line in found])
    assert run_root(found[:-1]) != run_root(found)
