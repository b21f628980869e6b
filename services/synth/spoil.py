"""Spoil about one row in a hundred of a file, in ways that the list of spoiled rows names.

A spoiled row is refused by the rule named there, except where `expected` says otherwise: a duplicate changes nothing,
an answer outside 1–4 is taken out of its sheet alone, a wrong check digit only warns.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from services.synth.chance import stream
from services.synth.numbers import wrong_modulus11
from services.synth.params import SPOILED_SHARE
from services.synth.persons import NUMBER_WIDTH
from services.synth.vendors import IMPOSSIBLE_DATE, VendorFile

DUPLICATE = "DUPLICATE_ROW"
CHECK_DIGIT = "atena_check_digit"
EXPECTED = {DUPLICATE: "unchanged", "ANSWER": "unanswered", CHECK_DIGIT: "warning"}
FAR_FUTURE = "2099-04-01 09:00:00"
UNKNOWN_CODE = "Z9"
TABLE = {
    "feed": pl.String(),
    "file": pl.String(),
    "line": pl.Int64(),
    "column": pl.String(),
    "rule": pl.String(),
    "expected": pl.String(),
    "text": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What is done to a row: `text` (None = emptied) into the cell of a contract column; DUPLICATE repeats the row."""

    rule: str
    column: str = ""
    text: str | None = None


def _date(column: str) -> Fault:
    return Fault("DATE", column, "impossible")


def _code(column: str) -> Fault:
    return Fault("CODE", column, UNKNOWN_CODE)


def _boolean(column: str) -> Fault:
    return Fault("BOOLEAN", column, UNKNOWN_CODE)


def _month(column: str) -> Fault:
    return Fault("MONTH", column, "202413")


def _answer(text: str) -> Fault:
    return Fault("ANSWER", "", text)


ABOVE_MAX = Fault("ABOVE_MAX", "raw", "999")
FUTURE = Fault("FUTURE", "event_time", FAR_FUTURE)
TWICE = Fault(DUPLICATE)
FAULTS = {
    "resident": (_date("birth"), _code("status"), Fault("REQUIRED", "name_kana"), TWICE, FUTURE, _code("sex")),
    "household": (_date("effective_from"), Fault("REQUIRED", "setai_no"), FUTURE, _boolean("head")),
    "shien_sochi": (_date("start"), _code("kind")),
    "gakureibo": (_date("effective_from"), _code("grade"), Fault("REQUIRED", "school_code"), TWICE, FUTURE),
    "oneroster_map": (Fault("REQUIRED", "atena_no"), Fault("TEXT", "uuid", "00000000-0000"), TWICE),
    "academic": (ABOVE_MAX, _date("date"), _code("subject"), Fault("ONE_OF", "pupil_no"), TWICE, FUTURE),
    "life_answer": (_answer("7"), _date("date"), Fault("REQUIRED", "pupil_no"), _answer("0"), TWICE, FUTURE),
    "life_scale": (_code("scale_code"), Fault("DECIMAL", "score", "三点"), FUTURE),
    "physical": (_code("grade_rank"), Fault("REQUIRED", "pupil_no"), TWICE, FUTURE),
    "attendance": (_month("ym"), Fault("INTEGER", "absent_sick", "45"), Fault("REQUIRED", "pupil_no"), TWICE, FUTURE),
    "health_check": (Fault("DECIMAL", "height", "百三十"), _boolean("referral_unvisited"), FUTURE, TWICE),
    "shugaku_enjo": (_code("status"), _date("from"), FUTURE, TWICE),
    "seikatsu_hogo": (_date("start"), _code("status"), FUTURE, TWICE),
    "jido_fuyo_teate": (_month("from"), _code("status"), FUTURE, TWICE),
    "jido_teate": (_month("from"), Fault("REQUIRED", "category"), FUTURE, TWICE),
    "tax_class": (_code("class"), Fault("INTEGER", "fy", "令和"), FUTURE, TWICE),
    "boshi_hoken": (_date("due_to"), _code("kind"), _code("result"), FUTURE, TWICE),
    "hoiku": (_date("from"), _code("kind"), FUTURE, TWICE),
    "soudan": (_date("received"), _code("kind"), FUTURE, TWICE),
    "edu_support": (_date("from"), FUTURE, TWICE),
}


def spoil(file: VendorFile, part: str, seed: int) -> tuple[VendorFile, pl.DataFrame]:
    """The file with some rows spoiled, and the list of them."""
    rng = stream(seed, f"spoil {file.feed} {part}")
    eligible = np.flatnonzero(_eligible(file))
    n = min(round(file.table.height * SPOILED_SHARE), len(eligible))
    faults = FAULTS.get(file.feed, ())
    if not n or not faults:
        return file, _listed(file, file.table, [], [])
    rows = np.sort(rng.choice(eligible, n, replace=False))
    kinds = rng.permutation(np.arange(n) % len(faults))
    items = [name for column, name in file.headers.items() if column == name] if file.profile.items else []
    table = file.table.with_columns(_row=pl.int_range(pl.len()))
    spoiled = []
    for kind, fault in enumerate(faults):
        hit = rows[kinds == kind]
        header = str(rng.choice(items)) if fault.rule == "ANSWER" else file.headers.get(fault.column, "")
        table = _repeat(table, hit) if fault is TWICE else _overwrite(table, hit, header, _text(file, fault))
        spoiled += [(int(row), header, fault) for row in hit]
    table = table.sort("_row", maintain_order=True)
    return _replaced(file, table.drop("_row")), _listed(file, table, spoiled, rows.tolist())


def _eligible(file: VendorFile) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows that may be spoiled: of the resident register only superseded ones, so that nobody vanishes."""
    if file.feed != "resident":
        return np.ones(file.table.height, dtype=bool)
    later = pl.col(file.headers["atena_no"]).shift(-1) == pl.col(file.headers["atena_no"])
    return file.table.select(later.fill_null(False)).to_series().to_numpy()


def _text(file: VendorFile, fault: Fault) -> str | None:
    return IMPOSSIBLE_DATE[file.style.dates] if fault.rule == "DATE" else fault.text


def _overwrite(
    table: pl.DataFrame, rows: np.ndarray[tuple[int], np.dtype[np.int64]], header: str, text: str | None
) -> pl.DataFrame:
    hit = pl.col("_row").is_in(rows.tolist())
    return table.with_columns(pl.when(hit).then(pl.lit(text, pl.String)).otherwise(pl.col(header)).alias(header))


def _repeat(table: pl.DataFrame, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.DataFrame:
    return pl.concat([table, table.filter(pl.col("_row").is_in(rows.tolist()))])


def _replaced(file: VendorFile, table: pl.DataFrame) -> VendorFile:
    return VendorFile(file.feed, file.name, file.profile, file.style, table, file.headers)


def _first_lines(table: pl.DataFrame) -> pl.Series:
    """The line on which each row begins, header = 1; a cell may hold line breaks."""
    breaks = pl.sum_horizontal(
        pl.col(name).str.count_matches("\n", literal=True).fill_null(0) for name in table.columns if name != "_row"
    )
    return table.select(2 + pl.int_range(pl.len()) + (breaks.cum_sum() - breaks)).to_series()


def _listed(
    file: VendorFile, table: pl.DataFrame, spoiled: list[tuple[int, str, Fault]], rows: list[int]
) -> pl.DataFrame:
    """One line a spoiled row (the second of two equal ones), and each row whose number has a wrong check digit."""
    lines = _first_lines(table)
    found = []
    if spoiled:
        line_of = dict(zip(table["_row"].to_list(), lines.to_list(), strict=True))  # of equal rows the last
        found = [
            (
                file.feed,
                file.name,
                line_of[row],
                header,
                fault.rule,
                EXPECTED.get(fault.rule, "quarantine"),
                _text(file, fault),
            )
            for row, header, fault in spoiled
        ]
    found += _check_digits(file, table, lines, set(rows))
    return pl.DataFrame(found, schema=TABLE, orient="row").sort("line")


def _check_digits(
    file: VendorFile, table: pl.DataFrame, lines: pl.Series, spoiled: set[int]
) -> list[tuple[str, str, int, str, str, str, str]]:
    """Rows of the resident register whose 宛名番号 has a wrong check digit and that are good otherwise."""
    if file.feed != "resident":
        return []
    header = file.headers["atena_no"]
    wrong = wrong_modulus11(table[header], NUMBER_WIDTH)
    kept = pl.Series([row not in spoiled for row in table["_row"]]) if "_row" in table.columns else wrong
    hits = pl.DataFrame({"line": lines, "number": table[header]}).filter(wrong & kept)
    return [
        (file.feed, file.name, line, header, CHECK_DIGIT, EXPECTED[CHECK_DIGIT], number) for line, number in hits.rows()
    ]
