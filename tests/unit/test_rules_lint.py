"""`mimamori rules lint`: every defect of a rule set by its place and its name, and how to mend it."""

import json
from pathlib import Path

import pytest

from schemas.rules import default_text, findings
from schemas.rules.names import POVERTY, RANKS, TEMPLATE_PARAMETERS
from services.cli.main import main

TEXT = default_text()
CARD = TEXT[TEXT.index("[card]") : TEXT.index("[switches]")]
BAND = TEXT[TEXT.index('[[learning.bands]]\ncode = "T_35_40"') : TEXT.index('[[learning.bands]]\ncode = "T_40_45"')]

# what is done to the default, and what has to be said of it and of nothing else
DEFECTS = [
    ('A = { 4 = "重点支援Ⅰ", 3 = "重点支援Ⅱ", ', 'A = { 4 = "重点支援Ⅰ", ', "matrix.A.3", "CELL_MISSING"),
    ('E3 = { N3 = "A", N2 = "A", N1 = "A", N0 = "A", NX = "A" }\n', "", "poverty.E3", "ROW_MISSING"),
    ('E3 = { N3 = "A"', 'E9 = { N3 = "A"', "poverty.E3", "ROW_MISSING"),
    ('E3 = { N3 = "A"', 'E3 = { N3 = "Z"', "poverty.E3.N3", "CODE_UNKNOWN"),
    ('X = { 4 = "3", 3 = "3", 2 = "2", 1 = "1", X = "X" }', 'X = { 4 = "3" }', "w.X.2", "CELL_MISSING"),
    (BAND, "", "learning.bands.T_35_40", "BAND_GAP"),
    (BAND, BAND + BAND, "learning.bands.T_35_40", "BAND_OVERLAP"),
    (BAND, BAND.replace("below = 400 ", "# "), "learning.bands.T_35_40.below", "BAND_GAP"),
    ("below = 400 ", "below = 350 ", "learning.bands.T_35_40.below", "BAND_OVERLAP"),
    ("below = 400 ", "below = 460 ", "learning.bands.T_40_45.below", "BAND_OVERLAP"),
    ('code = "T_GE50"', 'code = "T_GE50"\nbelow = 600', "learning.bands.T_GE50.below", "BAND_GAP"),
    ("low_cut = 450", "low_cut = 455", "learning.low_cut", "CUT_UNKNOWN"),
    ("abuse_past_months = 36", "abuse_past_months = 12", "nurturing.abuse_recent_months", "OUT_OF_ORDER"),
    ("very_low = 300", "very_low = 360", "noncognitive.very_low", "OUT_OF_ORDER"),
    ("absence_low_days = 15", "absence_low_days = 30", "noncognitive.absence_low_days", "OUT_OF_ORDER"),
    ("decline_d1 = -30", "decline_d1 = -60", "learning.fall_d1", "OUT_OF_ORDER"),
    ("rank4_low_with_tie = 2", "rank4_low_with_tie = 9", "noncognitive.rank4_low_with_tie", "OUT_OF_ORDER"),
    ("valid_scales = 5", "valid_scales = 9", "noncognitive.valid_scales", "OUT_OF_ORDER"),
    ("low_percent = 10", "low_percent = 26", "calibration.low_percent", "OUT_OF_ORDER"),
    ('code = "family"', 'code = "house"', "noncognitive.scales", "SCALES_DIFFER"),
    ('"見守りⅠ" = 3\n', "", "heights.見守りⅠ", "CELL_MISSING"),
    ('"対象外" = 0', '"対象外" = -1', "heights.対象外", "OUT_OF_RANGE"),
    ('ranks = ["A", "B", "C"]', 'ranks = ["A", "B", "B"]', "calibration.ranks", "NAMED_TWICE"),
    ('categories = ["重点支援Ⅰ", "重点支援Ⅱ"]', "categories = []", "guard.categories", "LIST_EMPTY"),
    ('at_least = "重点支援Ⅱ"', 'at_least = "対象外"', "override.at_least", "OVERRIDE_TOO_LOW"),
    ('boshi_hoken = "母子保健"', 'boshi = "母子保健"', "nurturing.required_feeds.boshi", "CODE_UNKNOWN"),
    ("ABSENCE_30 =", "# ABSENCE_30 =", "sentences.ABSENCE_30", "TEMPLATE_MISSING"),
    ("ABSENCE_30 =", 'ABSENCE_99 = "x"\nABSENCE_30 =', "sentences.ABSENCE_99", "CODE_UNKNOWN"),
    ("absence_low_days = 15", "absence_low_days = 10", "sentences.ABSENCE_15", "NUMBER_DIFFERS"),
    ("absence_months = 12", "absence_months = 18", "sentences.ABSENCE_30", "NUMBER_DIFFERS"),
    ("abuse_recent_months = 12", "abuse_recent_months = 18", "sentences.N3_ABUSE_12M", "NUMBER_DIFFERS"),
    ("13か月から", "１２か月を過ぎて２５", "sentences.N2_ABUSE_36M", "NUMBER_DIFFERS"),
    ("1年以内の虐待通告", "2年以内の虐待通告", "sentences.OVERRIDE_N3", "NUMBER_DIFFERS"),
    ("(開始 {day})", "(開始 {since})", "sentences.E3_HOGO", "PARAMETER_UNKNOWN"),
    ("(開始 {day})", "(開始 {day!r})", "sentences.E3_HOGO", "PARAMETER_FORMAT"),
    ("(開始 {day})", "(開始 {day)", "sentences.E3_HOGO", "TEMPLATE_BRACES"),
    ("DATA_ERROR = ", "data_error = ", "queue.dismiss.data_error", "CODE_UNREADABLE"),
    ("percent = 4  #", 'percent = "4"  #', "guard.percent", "NOT_WHOLE"),
    ("percent = 4  #", "percent = 101  #", "guard.percent", "OUT_OF_RANGE"),
    ("[guard]", "[guard]\nshare = 4", "guard.share", "FIELD_UNKNOWN"),
    ("lower_runs = 2", "", "hysteresis.lower_runs", "FIELD_MISSING"),
    (CARD, "", "card", "CARD_MISSING"),
    ('"guard" = { kind = "proposal" }\n', "", "guard.percent", "SOURCE_MISSING"),
    ('"guard" = {', '"guards" = { kind = "proposal" }\n"guard" = {', "card.sources.guards", "SOURCE_UNKNOWN"),
    ('"guard" = { kind = "proposal" }', '"guard" = { kind = "hearsay" }', "card.sources.guard.kind", "CODE_UNKNOWN"),
    ("agreed = []", "effective_from = 2026-04-01\neffective_to = 2026-03-31", "card.effective_to", "DATES_OUT_OF_ORDER"),
]  # fmt: skip


def test_the_default_is_clean() -> None:
    assert findings(TEXT) == []


@pytest.mark.parametrize(("old", "new", "where", "code"), DEFECTS, ids=[f"{d[2]} {d[3]}" for d in DEFECTS])
def test_each_defect_is_named_with_its_place_and_how_to_mend_it(old: str, new: str, where: str, code: str) -> None:
    assert old in TEXT
    found = findings(TEXT.replace(old, new, 1))
    assert (where, code) in {(each.where, each.code) for each in found}
    assert all(each.text and each.mend and "{" not in each.mend.replace("{day}", "") for each in found)
    # a threshold that is moved leaves its sentence behind, and its source
    assert all(each.where.split(".")[0] in (where.split(".")[0], "sentences", "card") for each in found), found


def test_a_sentence_may_tell_the_numbers_that_are_judged_by_in_months_or_whole_years_or_none() -> None:
    moved = [
        ("absence_low_days = 15", "absence_low_days = 10"),
        ("(15日以上)", "(10日以上)"),
        ("absence_months = 12", "absence_months = 24"),
        ('ABSENCE_30 = "直近1年の', 'ABSENCE_30 = "直近24か月の'),
        ('ABSENCE_15 = "直近1年の', 'ABSENCE_15 = "直近2年の'),
        ("abuse_recent_months = 12", "abuse_recent_months = 18"),
        ("12か月以内に虐待", "近ごろ虐待"),
        ("13か月から36か月前", "18か月を過ぎて3年以内"),
        ("1年以内の虐待", "18か月以内の虐待"),
    ]
    text = TEXT
    for old, new in moved:
        assert old in text
        text = text.replace(old, new)
    assert findings(text) == []


def test_all_defects_are_told_at_once() -> None:
    text = TEXT.replace("below = 400 ", "below = 350 ").replace("(開始 {day})", "(開始 {since})").replace(
        "percent = 4  #", "percent = 4.0  #"
    )  # fmt: skip
    assert {each.code for each in findings(text)} == {"BAND_OVERLAP", "PARAMETER_UNKNOWN", "NOT_WHOLE"}


@pytest.mark.parametrize("row", POVERTY)
@pytest.mark.parametrize("column", RANKS)
def test_no_cell_of_the_matrix_can_be_missing(row: str, column: str) -> None:
    lines = TEXT.split("\n")
    start = lines.index("[matrix]")
    at = next(n for n in range(start, len(lines)) if lines[n].startswith(f"{row} = {{"))
    cells = lines[at].partition("{")[2].rpartition("}")[0].split(",")
    lines[at] = f"{row} = {{{','.join(cell for cell in cells if not cell.strip().startswith(f'{column} ='))} }}"
    found = [each for each in findings("\n".join(lines)) if not each.where.startswith("card.")]
    assert [(each.where, each.code) for each in found] == [(f"matrix.{row}.{column}", "CELL_MISSING")]


@pytest.mark.parametrize("key", TEMPLATE_PARAMETERS)
def test_no_reason_can_be_without_its_sentence(key: str) -> None:
    found = findings(TEXT.replace(f"\n{key} = ", f"\n# {key} = ", 1))
    assert [(each.where, each.code) for each in found] == [(f"sentences.{key}", "TEMPLATE_MISSING")]


def test_the_command_ends_with_0_1_or_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(TEXT, "utf-8")
    assert main(["rules", "lint", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "findings": []}

    file.write_text(TEXT.replace("very_low = 300", "very_low = 360"), "utf-8")
    assert main(["rules", "lint", str(file), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["findings"][0].keys() == {"where", "code", "text", "mend"} and not document["ok"]

    for unreadable in (b"version = ", b"\xff\xfe", None):
        file.unlink(missing_ok=True)
        if unreadable is not None:
            file.write_bytes(unreadable)
        assert main(["rules", "lint", str(file), "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["error"] in ("RuleSetError", "UsageError")
