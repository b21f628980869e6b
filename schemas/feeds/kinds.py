"""Kinds of column: what a text in a canonical file must look like, and the value that it stands for.

A kind is an annotation that pydantic understands: a contract's model reads the texts of a row (null = empty field) and refuses
with a rule's code. `services/intake/checks` compiles the same kinds to expressions over columns; a test keeps both equal.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal as Number
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

JAPAN = timezone(timedelta(hours=9), "JST")
LONGEST = 4000  # characters of a text without a limit of its own
FIRST_YEAR, LAST_YEAR = 1850, 2199  # of any date: 明治 begins in 1868, and ends may lie ahead

# How to mend what a rule refused, as the intake office reads it.
MEND = {
    "REQUIRED": "必須の項目が空です。値を入れてください",
    "TEXT": "文字数が契約と合いません。桁落ちや余分な文字を確かめてください",
    "INTEGER": "契約の範囲の整数ではありません。半角の整数を入れてください",
    "DECIMAL": "契約の範囲・小数桁の数ではありません。半角の数を入れてください",
    "DATE": "日付として読めません。YYYY-MM-DD の形で、ある日付を入れてください",
    "TIMESTAMP": "日時として読めません。YYYY-MM-DDTHH:MM:SS の形で入れてください（時差がなければ日本時間）",
    "MONTH": "年月として読めません。YYYYMM の形で入れてください",
    "CODE": "契約にないコードです。コード表（プロファイルの codes）を確かめてください",
    "BOOLEAN": "true か false を入れてください",
    "LIST": "一覧の項目が空です。「|」で区切り、空の項目を除いてください",
    "PRECISION": "日付の精度と値が合いません。値は精度の最初の日、unknown では空にしてください",
    "ONE_OF": "番号の列がすべて空です。どれか一つを入れてください",
    "FUTURE": "未来の日時です。記録した日時と日付を確かめてください",
    "TAX_SECRET": "税の部署が持つ課税情報は受け取れません（地方税法22条）。他の部署が自らの事務で持つものを使ってください",
    "ABOVE_MAX": "素点がその調査の満点を超えています。素点と満点表（survey_max）を確かめてください",
    "ANSWER": "回答は1から4です。この回答は無回答として扱います。回答の値を確かめてください",
    "COLUMNS": "列の数が見出しと違います。区切り文字や引用符を確かめてください",
}


def refuse(rule: str) -> PydanticCustomError:
    """The refusal of a value by `rule` (a key of MEND)."""
    return PydanticCustomError(rule, "{mend}", {"mend": MEND[rule]})


@dataclass(frozen=True)
class Kind:
    """Base of all kinds. `rule` is the code of its refusals, `sql` the type of the fact's column."""

    rule = "TEXT"
    sql = "text"

    def read(self, text: str) -> Any:
        """The value of a text that is not empty; raises ValueError where it is none."""
        raise NotImplementedError

    def json(self) -> JsonSchemaValue:
        """JSON Schema of the text."""
        raise NotImplementedError

    def _validate(self, text: Any) -> Any:
        if not isinstance(text, str) or not text:
            raise refuse("REQUIRED")
        try:
            return self.read(text)
        except ValueError as error:
            raise refuse(self.rule) from error

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return self.json()


@dataclass(frozen=True)
class Text(Kind):
    """`shortest` to `longest` characters."""

    longest: int = LONGEST
    shortest: int = 1

    def read(self, text: str) -> str:
        if not self.shortest <= len(text) <= self.longest:
            raise ValueError
        return text

    def json(self) -> JsonSchemaValue:
        return {"type": "string", "minLength": self.shortest, "maxLength": self.longest}


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number from `least` to `most`, both included."""

    least: int = 0
    most: int = 999_999
    rule = "INTEGER"
    sql = "integer"
    pattern = r"^-?[0-9]{1,9}$"

    def read(self, text: str) -> int:
        if not re.fullmatch(self.pattern, text) or not self.least <= int(text) <= self.most:
            raise ValueError
        return int(text)

    def json(self) -> JsonSchemaValue:
        return {"type": "string", "pattern": self.pattern, "x-minimum": self.least, "x-maximum": self.most}


@dataclass(frozen=True)
class Answer(Integer):
    """An answer on a four-point scale. Any other refuses the answer alone, which then counts as unanswered (reading 16)."""

    least: int = 1
    most: int = 4
    rule = "ANSWER"
    sql = "smallint"


@dataclass(frozen=True)
class Decimal(Kind):
    """A number with at most `places` decimals from `least` to `most`, both included. Never binary floating point."""

    places: int = 6
    least: int = -999_999
    most: int = 999_999
    rule = "DECIMAL"
    sql = "numeric"

    @property
    def pattern(self) -> str:
        """Digits, and up to `places` decimals."""
        return rf"^-?[0-9]{{1,6}}(\.[0-9]{{1,{self.places}}})?$"

    def read(self, text: str) -> Number:
        if not re.fullmatch(self.pattern, text) or not self.least <= Number(text) <= self.most:
            raise ValueError
        return Number(text)

    def json(self) -> JsonSchemaValue:
        return {"type": "string", "pattern": self.pattern, "x-minimum": self.least, "x-maximum": self.most}


@dataclass(frozen=True)
class Day(Kind):
    """An ISO date. `X_raw` and `X_precision` stand beside every such column X; see rules.Precision."""

    rule = "DATE"
    sql = "date"
    pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

    def read(self, text: str) -> date:
        if not re.fullmatch(self.pattern, text):
            raise ValueError
        day = date.fromisoformat(text)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError
        return day

    def json(self) -> JsonSchemaValue:
        return {"type": "string", "format": "date", "pattern": self.pattern}


@dataclass(frozen=True)
class Timestamp(Kind):
    """A moment, to the microsecond; without an offset it is Japan time, without a time of day the day's first moment."""

    rule = "TIMESTAMP"
    sql = "timestamptz"
    pattern = (
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
    )

    def read(self, text: str) -> datetime:
        if not re.fullmatch(self.pattern, text):
            raise ValueError
        moment = datetime.fromisoformat(text)
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValueError
        return (moment if moment.tzinfo else moment.replace(tzinfo=JAPAN)).astimezone(UTC)

    def json(self) -> JsonSchemaValue:
        return {"type": "string", "pattern": self.pattern}


@dataclass(frozen=True)
class Month(Kind):
    """A month, YYYYMM; kept as that whole number."""

    rule = "MONTH"
    sql = "integer"
    pattern = r"^[0-9]{4}(0[1-9]|1[0-2])$"

    def read(self, text: str) -> int:
        if not re.fullmatch(self.pattern, text) or not FIRST_YEAR <= int(text) // 100 <= LAST_YEAR:
            raise ValueError
        return int(text)

    def json(self) -> JsonSchemaValue:
        return {"type": "string", "pattern": self.pattern}


@dataclass(frozen=True)
class Code(Kind):
    """One of a closed list of codes."""

    values: tuple[str, ...] = ()
    rule = "CODE"

    def read(self, text: str) -> str:
        if text not in self.values:
            raise ValueError
        return text

    def json(self) -> JsonSchemaValue:
        return {"type": "string", "enum": list(self.values)}


@dataclass(frozen=True)
class Boolean(Kind):
    """`true` or `false`."""

    rule = "BOOLEAN"
    sql = "boolean"

    def read(self, text: str) -> bool:
        if text not in ("true", "false"):
            raise ValueError
        return text == "true"

    def json(self) -> JsonSchemaValue:
        return {"type": "string", "enum": ["true", "false"]}


@dataclass(frozen=True)
class TextList(Kind):
    """Texts joined by `|`, none of them empty; the empty field is the empty list."""

    rule = "LIST"
    sql = "text[]"

    def read(self, text: str) -> tuple[str, ...]:
        parts = tuple(text.split("|"))
        if not all(parts):
            raise ValueError
        return parts

    def json(self) -> JsonSchemaValue:
        return {"type": "string", "pattern": r"^[^|]+(\|[^|]+)*$"}


def code(*values: str) -> Code:
    """A closed list of codes."""
    return Code(values)
