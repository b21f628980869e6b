"""How each department's software writes its file: the profile's headers and codes, its own dates, digits and line ends.

The frames hold contract columns; the profile `demo` says which header and code each becomes, so that files and profile
cannot drift apart. What a profile only has to read (dates, full-width digits, dropped zeros) is decided here.
"""

from dataclasses import dataclass

import polars as pl

from schemas.feeds.profile import FeedProfile, Profile

FULL_WIDTH = {str(digit): chr(ord("０") + digit) for digit in range(10)}
ERAS = (
    (1926, 3, "S", "昭和"),
    (1989, 4, "H", "平成"),
    (2019, 5, "R", "令和"),
)  # first western year, code, letter, name
REIWA, HEISEI = pl.date(2019, 5, 1), pl.date(1989, 1, 8)
FIRST_RECORD = 100_001  # of the running numbers that some vendors give their records


@dataclass(frozen=True)
class Style:
    """What the vendor does that the profile does not spell out.

    file:       name; {} is replaced by the fiscal year
    dates:      iso 2024-04-01, compact 20240401, code 5060401, letter R06.04.01, kanji 令和6年4月1日
    full_width: contract columns whose digits are full-width
    line_end:   of every row
    """

    file: str
    dates: str = "iso"
    full_width: tuple[str, ...] = ()
    line_end: str = "\r\n"


STYLES = {
    "resident": Style("juki_kojin.csv", "code"),
    "household": Style("juki_setai.csv", "letter"),
    "shien_sochi": Style("shien_sochi.csv", "kanji"),
    "gakureibo": Style("gakureibo.csv", "letter"),
    "oneroster_map": Style("roster_map.csv"),
    "academic": Style("gakuryoku_{}.csv", "compact"),
    "life_answer": Style("seikatsu_{}.csv", line_end="\n"),
    "life_scale": Style("seikatsu_shakudo.csv"),
    "physical": Style("tairyoku.csv", "code"),
    "attendance": Style("shukketsu_{}.csv", "compact"),
    "health_check": Style("kenko_shindan.csv", "compact"),
    "shugaku_enjo": Style("shugaku_enjo.csv", "compact", full_width=("fy",)),
    "seikatsu_hogo": Style("seikatsu_hogo.csv", "letter"),
    "jido_fuyo_teate": Style("jido_fuyo.csv", "code"),
    "jido_teate": Style("jido_teate.csv", "compact"),
    "tax_class": Style("kazei_kubun.csv", "code"),
    "boshi_hoken": Style("boshi.tsv", "kanji"),
    "hoiku": Style("hoiku_riyo.csv", "letter"),
    "soudan": Style("soudan.csv", "letter", full_width=("child_atena_no",)),
    "edu_support": Style("kyoiku_shien.csv", line_end="\n"),
    "legal_basis": Style("konkyo_daicho.csv"),
    "instrument_key": Style("instrument_key.csv", line_end="\n"),
    "instrument_norm": Style("instrument_norm.csv", line_end="\n"),
    "survey_max": Style("survey_max.csv", line_end="\n"),
}
IMPOSSIBLE_DATE = {
    "iso": "2024-02-30",
    "compact": "20240230",
    "code": "5060230",
    "letter": "R06.02.30",
    "kanji": "令和6年2月30日",
}


@dataclass(frozen=True)
class VendorFile:
    """One file as text cells.

    table:   columns are headers; null is the empty field
    headers: header of each contract column (an item's code is its own)
    """

    feed: str
    name: str
    profile: FeedProfile
    style: Style
    table: pl.DataFrame
    headers: dict[str, str]


def vendor_file(feed: str, part: str, frame: pl.DataFrame, profile: Profile) -> VendorFile:
    """A frame of contract columns as its department writes it."""
    feed_profile, style = profile.feeds[feed], STYLES[feed]
    if "source_record_id" in (feed_profile.columns or {}):
        frame = frame.with_columns(source_record_id=pl.int_range(FIRST_RECORD, FIRST_RECORD + pl.len()))
    columns = feed_profile.columns or {name: name for name in frame.columns}
    headers: dict[str, str] = {}
    for column, header in columns.items():
        if column in frame.columns and header not in headers.values():
            headers[column] = header
    items = [name for name in frame.columns if feed_profile.items and name not in columns]
    headers |= {name: name for name in items}
    cells = [_cell(column, frame, feed_profile, style).alias(header) for column, header in headers.items()]
    blank = [pl.lit(None, pl.String).alias(header) for header in feed_profile.ignore]
    return VendorFile(feed, style.file.format(part), feed_profile, style, frame.select(*cells, *blank), headers)


def _cell(column: str, frame: pl.DataFrame, profile: FeedProfile, style: Style) -> pl.Expr:
    """One column's text."""
    text = _text(column, frame, style)
    if column in profile.codes:
        text = text.replace({ours: theirs for theirs, ours in reversed(profile.codes[column].items())})
    if column in profile.pad:
        text = text.str.strip_chars_start("0")
    if column in style.full_width:
        text = text.str.replace_many(FULL_WIDTH)
    if profile.null:
        text = text.fill_null(profile.null[0])
    return text


def _text(column: str, frame: pl.DataFrame, style: Style) -> pl.Expr:
    dtype, value = frame.schema[column], pl.col(column)
    if dtype == pl.Date:
        precision = f"{column}_precision"
        return date_text(value, style.dates, pl.col(precision) if precision in frame.columns else pl.lit("day"))
    if isinstance(dtype, pl.Datetime):
        return value.dt.strftime("%Y-%m-%d %H:%M:%S")
    if dtype == pl.Boolean:
        return pl.when(value).then(pl.lit("true")).when(~value).then(pl.lit("false"))
    return value.cast(pl.String)


def date_text(day: pl.Expr, style: str, precision: pl.Expr) -> pl.Expr:
    """A date as the vendor writes it; unknown parts are 00."""
    if style == "iso":
        return day.dt.strftime("%Y-%m-%d")
    if style == "compact":
        return day.dt.strftime("%Y%m%d")
    era = pl.when(day >= REIWA).then(2).when(day >= HEISEI).then(1).otherwise(0)
    year = (
        day.dt.year()
        - era.replace_strict({index: first for index, (first, *_) in enumerate(ERAS)}, return_dtype=pl.Int32)
        + 1
    )
    if style == "kanji":
        name = era.replace_strict({index: name for index, (*_, name) in enumerate(ERAS)}, return_dtype=pl.String)
        count = pl.when(year == 1).then(pl.lit("元")).otherwise(year.cast(pl.String))
        return pl.format("{}{}年{}月{}日", name, count, day.dt.month(), day.dt.day())
    known_month, known_day = precision != "year", precision == "day"
    month = pl.when(known_month).then(day.dt.month()).otherwise(0).cast(pl.String).str.zfill(2)
    date = pl.when(known_day).then(day.dt.day()).otherwise(0).cast(pl.String).str.zfill(2)
    mark = 1 if style == "code" else 2
    letter = era.replace_strict({index: str(entry[mark]) for index, entry in enumerate(ERAS)}, return_dtype=pl.String)
    parts = (letter, year.cast(pl.String).str.zfill(2), month, date)
    text = pl.format("{}{}{}{}" if style == "code" else "{}{}.{}.{}", *parts)
    return pl.when(day.is_not_null()).then(text)


def encoded(file: VendorFile) -> bytes:
    """The file's bytes."""
    text = file.table.write_csv(separator=file.profile.delimiter, line_terminator=file.style.line_end)
    return text.encode(file.profile.encoding)
