"""Vendors' texts become the contract's: dates, widths, codes; and check digits that are published."""

from datetime import date

import polars as pl
import pytest

from schemas.feeds import FEEDS
from schemas.feeds.profile import ERAS, Profile, packaged_profile
from services.intake.ages import last_year_in_scope
from services.intake.check_digits import atena_holds, municipality_holds, school_holds
from services.intake.dates import iso_date, month_number
from services.intake.errors import FileRefusedError
from services.intake.mapping import map_header
from services.intake.reading import FAULT, LINE


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("R06.04.01", "2024-04-01", None),
        ("5060401", "2024-04-01", None),
        ("令和6年4月1日", "2024-04-01", None),
        ("20240401", "2024-04-01", None),
        ("2024/4/1", "2024-04-01", None),
        ("令和元年5月1日", "2019-05-01", None),
        ("S64.01.07", "1989-01-07", None),
        ("R06.04.00", "2024-04-01", "month"),
        ("5060000", "2024-01-01", "year"),
        ("令和6年頃", "2024-01-01", "year"),
        ("昭和50年4月上旬", "1975-04-01", "month"),
        ("00000000", None, "unknown"),
        ("年月日不詳", None, "unknown"),
        ("5061301", "2024-13-01", None),  # the contract refuses it
        ("いつか", "いつか", None),
    ],
)
def test_dates_of_every_form_are_read_with_their_precision(text: str, iso: str | None, precision: str | None) -> None:
    day, exact = iso_date(pl.col("text"), ERAS)
    assert pl.DataFrame({"text": [text]}).select(day=day, exact=exact).row(0) == (iso, precision)


@pytest.mark.parametrize("text", ["202404", "50604", "R06.04", "令和6年4月", "2024-04"])
def test_months_of_every_form_are_read(text: str) -> None:
    assert pl.DataFrame({"text": [text]}).select(month_number(pl.col("text"), ERAS)).item() == "202404"


def holds(check: pl.Expr, text: str) -> bool:
    return bool(pl.DataFrame({"text": [text]}).select(check).item())


@pytest.mark.parametrize("code", ["F112310102342", "C114310000144", "D114310000160", "012"])
def test_published_school_codes_hold_and_a_city_own_code_has_no_digit(code: str) -> None:
    assert holds(school_holds(pl.col("text")), code)


@pytest.mark.parametrize("code", ["272205", "271004", "131016"])
def test_published_municipality_codes_hold(code: str) -> None:
    assert holds(municipality_holds(pl.col("text")), code)
    assert not holds(municipality_holds(pl.col("text")), code[:5] + str((int(code[5]) + 1) % 10))


@pytest.mark.parametrize(
    ("number", "right"), [("1236", True), ("0000001236", True), ("1237", False), ("12A6", False), ("19", True)]
)
def test_modulus_11_with_weights_2_to_7(number: str, right: bool) -> None:
    # 123: 3·2 + 2·3 + 1·4 = 16, remainder 5, digit 6. 1: 1·2, remainder 2, digit 9.
    assert holds(atena_holds(pl.col("text")), number) is right


@pytest.mark.parametrize(
    ("birth", "year"),
    [(date(2008, 4, 1), 2025), (date(2008, 4, 2), 2026), (date(2009, 1, 1), 2026), (date(2009, 4, 1), 2026)],
)
def test_the_last_year_ends_on_31_march_after_attaining_18(birth: date, year: int) -> None:
    assert pl.DataFrame({"birth": [birth]}).select(last_year_in_scope(pl.col("birth"))).item() == year


PROFILE = Profile.model_validate(
    {
        "name": "vendor",
        "feeds": {
            "academic": {
                "glob": "*.csv",
                "null": ["NULL"],
                "dates": "japanese",
                "fold_width": True,
                "record_id": ["pupil_no", "subject"],
                "ignore": ["備考"],
                "columns": {
                    "pupil_no": "番号", "fy": "年度", "date": "実施日", "grade": "学年", "subject": "教科", "dev": "偏差値",
                    "absent": "欠席", "effective_from": "実施日", "event_time": "作成",
                },
                "pad": {"pupil_no": 6},
                "codes": {"absent": {"1": "true", "0": "false"}, "subject": {"国語": "国"}},
                "constants": {"source_system": "v", "op": "I", "legal_basis_id": "LB", "batch_id": "B", "survey_id": "S"},
            }
        },
    }
)  # fmt: skip
HEADER = ("番号", "年度", "実施日", "学年", "教科", "偏差値", "欠席", "作成", "備考")


def test_a_vendor_row_becomes_the_contract_row() -> None:
    mapping = map_header(FEEDS["academic"], PROFILE, HEADER, "a.csv")
    texts = ("１２", "２０２４", "R06.04.18", "P4", "国語", "NULL", "0", "R06.05.01 9:30", "x")
    frame = pl.DataFrame([texts], schema=dict.fromkeys(HEADER, pl.String()), orient="row").with_columns(
        pl.lit(2, pl.Int32()).alias(LINE), pl.lit(None, pl.String()).alias(FAULT)
    )
    row = mapping.apply(frame).row(0, named=True)
    wanted = {
        "pupil_no": "000012", "fy": "2024", "date": "2024-04-18", "date_raw": "R06.04.18", "subject": "国", "dev": None,
        "absent": "false", "event_time": "2024-05-01T09:30", "source_record_id": "000012-国", "survey_id": "S", "op": "I",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("header", "code", "named"),
    [
        ((*HEADER, "学級"), "EXTRA_COLUMN", "学級"),
        (tuple(name for name in HEADER if name != "学年"), "MISSING_COLUMN", "学年"),
        ((*HEADER, "個人番号"), "INDIVIDUAL_NUMBER", "個人番号"),
        ((*HEADER, "マイナンバー"), "INDIVIDUAL_NUMBER", "個人番号"),
    ],
)
def test_a_header_that_does_not_fit_is_named(header: tuple[str, ...], code: str, named: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        map_header(FEEDS["academic"], PROFILE, header, "a.csv")
    assert (refused.value.code, named in str(refused.value)) == (code, True)


def test_a_nullable_column_may_be_absent() -> None:
    assert "pupil_no" not in map_header(FEEDS["academic"], PROFILE, HEADER[1:], "a.csv").sources


@pytest.mark.parametrize("name", ["canonical", "demo"])
def test_a_packaged_profile_names_columns_of_the_contracts_alone(name: str) -> None:
    profile = packaged_profile(name)
    assert profile is not None
    for feed, table in profile.feeds.items():
        if feed in FEEDS:
            named = {*(table.columns or {}), *table.pad, *table.codes, *table.constants, *table.record_id}
            assert named <= set(FEEDS[feed].by_name)


def test_an_individual_number_is_no_column_of_a_profile() -> None:
    with pytest.raises(ValueError, match="個人番号"):
        Profile.model_validate({"name": "x", "feeds": {"resident": {"glob": "*", "columns": {"atena_no": "個人番号"}}}})
