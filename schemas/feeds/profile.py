"""A profile: how one vendor's files become rows of the contracts. Written in TOML, one table a feed.

    name = "demo"
    [feeds.resident]
    glob = "juki_*.csv"                 # below the folder; several files are loaded in order of name
    mode = "snapshot"                   # the file is all there is: a record it lacks has vanished
    encoding = "cp932"
    dates = "japanese"                  # R06.04.01, 5060401, 令和6年4月1日, 20240401; 00 = part unknown
    null = ["NULL", "-"]
    fold_width = true
    record_id = ["atena_no", "rireki_no"]   # source_record_id = 0012345-3
    ignore = ["備考"]                    # columns of the file that nobody takes
    [feeds.resident.columns]            # contract column = header of the file; a header may serve twice
    atena_no = "宛名番号"
    effective_from = "異動日"
    [feeds.resident.pad]                # lost leading zeros: width in characters
    atena_no = 10
    [feeds.resident.codes.sex]          # vendor's code = contract's code; unlisted codes pass as they are
    "男" = "1"
    [feeds.resident.constants]          # columns that the file lacks
    source_system = "juki"
    legal_basis_id = "LB-01"
    op = "I"

The steps come in this order: strip blanks, null tokens, fold width, pad, codes, dates, constants, record id. A value that a
step cannot read stays as it is, and the contract refuses it with its own text.
"""

import tomllib
from enum import StrEnum
from importlib import resources
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PACKAGED = resources.files("schemas.feeds") / "profiles"

# First western year of an era by the codes, letters and names that files write. A profile may add its own (two-digit codes).
_FIRST_YEARS = (1868, 1912, 1926, 1989, 2019)
ERAS = dict(zip((*"12345", *"MTSHR", "明治", "大正", "昭和", "平成", "令和"), _FIRST_YEARS * 3, strict=True))
TAX_OFFICES = ("税務課", "市民税課", "課税課")  # law.md reading 12: what these hold is a tax secret


class Mode(StrEnum):
    """What a file says about records that it does not hold."""

    SNAPSHOT = "snapshot"  # all there is: a vanished record becomes a tombstone
    DELTA = "delta"  # only what changed: `op` says how


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Items(_Table):
    """A wide answer sheet (life_answer): one line a sheet, one column an item.

    columns: header of the file = item_code
    pattern: headers that match this regular expression (whole) are items too, their header being the item_code
    """

    columns: dict[str, str] = {}
    pattern: str | None = None


class FeedProfile(_Table):
    """One feed's files.

    glob:       of files below the folder; a match may be a ZIP that holds one CSV
    encoding:   of the text; a byte order mark is taken off whatever is said here
    null:       texts that stand for "nothing", besides the empty field
    columns:    contract column = header; None: headers are the contract's own names (canonical form)
    ignore:     headers that are left unread; any other unknown header refuses the file
    pad:        contract column = width to which zeros are put before
    fold_width: full-width digits and letters of numbers, codes and dates become ASCII; names and addresses are kept
    dates:      iso, or japanese: any of the Japanese and Western forms of the era table, with 00 for what is unknown
    constants:  contract column = value of every row
    record_id:  contract columns that make source_record_id, joined by "-"; empty: the file has the column
    items:      wide answer sheets; None: one row an item
    """

    glob: str
    mode: Mode = Mode.DELTA
    encoding: Literal["utf-8", "utf-8-sig", "cp932"] = "utf-8"
    delimiter: Literal[",", "\t", ";", "|"] = ","
    null: tuple[str, ...] = ()
    columns: dict[str, str] | None = None
    ignore: tuple[str, ...] = ()
    pad: dict[str, int] = {}
    codes: dict[str, dict[str, str]] = {}
    fold_width: bool = False
    dates: Literal["iso", "japanese"] = "iso"
    constants: dict[str, str] = {}
    record_id: tuple[str, ...] = ()
    items: Items | None = None


class Profile(_Table):
    """All feeds of one source of files.

    eras:        added to ERAS
    tax_offices: what they hold is refused as TAX_SECRET
    """

    name: str
    description: str = ""
    eras: dict[str, int] = {}
    tax_offices: tuple[str, ...] = TAX_OFFICES
    feeds: dict[str, FeedProfile] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_individual_number(self) -> Self:
        for name, feed in self.feeds.items():
            taken = [*(feed.columns or {}).values(), *(feed.columns or {})]
            if any(is_individual_number(header) for header in taken):
                raise ValueError(f"{name}: 個人番号の列は取り込めません")
        return self

    @property
    def era_years(self) -> dict[str, int]:
        """First western year by era code."""
        return ERAS | self.eras


def is_individual_number(header: str) -> bool:
    """Whether a header names the individual number (マイナンバー), which is never taken."""
    text = header.strip().casefold().replace("_", "").replace(" ", "")
    return text.startswith(("個人番号", "マイナンバー", "mynumber", "kojinbango"))


def parse_profile(text: str) -> Profile:
    """Read a profile from its TOML text; raises pydantic's or tomllib's error (both are ValueError)."""
    return Profile.model_validate(tomllib.loads(text))


def packaged_profile(name: str) -> Profile | None:
    """The profile that ships under this name, or None."""
    file = PACKAGED / f"{name}.toml"
    return parse_profile(file.read_text("utf-8")) if file.is_file() else None
