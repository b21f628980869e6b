"""Reads the hypothetical requests of a file; says which request and key is wrong and why, never the value that stood there."""

import json
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.errors import UsageError
from schemas.records.explain import ExplainRequest

LONGEST = 1_000_000  # characters of one request; a real one has some 2,000
SHOWN = 10  # faults of one request that are told
KEY = 40  # characters of an unknown key that are told

FAULTS = {  # kind of fault, as pydantic calls it → what to tell; ctx fills the braces
    "missing": "この項目がありません（示さないときは null と書きます）",
    "extra_forbidden": "知らない項目です",
    "literal_error": "許される値ではありません（{expected}）",
    "string_type": "文字列で示してください",
    "int_type": "整数で示してください",
    "date_type": "日は 2026-04-01 の形で示してください",
    "date_from_datetime_parsing": "日は 2026-04-01 の形で示してください",
    "greater_than_equal": "{ge}以上で示してください",
    "model_type": "項目の組で示してください",
}
OTHERWISE = "値の形が違います（形は --schema で示します）"


def read_requests(file: Path, *, many: bool) -> list[ExplainRequest]:
    """The requests of a file: one of the whole, or with `many` one a line, blank lines left out.

    Raises UsageError where the file cannot be read, holds no request, or one that is none.
    """
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("ファイルが UTF-8 で書かれていません。") from error
    except OSError as error:
        raise UsageError(f"ファイルを読めません（{error.strerror}）。") from error
    # Not splitlines: U+2028 and its like are no ends of lines in JSON.
    texts = enumerate(text.split("\n"), 1) if many else [(1, text)]
    found = [_request(number, each) for number, each in texts if each.strip()]
    if not found:
        raise UsageError("ファイルに要求がありません。")
    return found


def _request(number: int, text: str) -> ExplainRequest:
    try:
        return ExplainRequest.model_validate(_parsed(text))
    except ValidationError as error:
        raise UsageError(f"{number}件目（行）の要求に誤りがあります: {' / '.join(_told(error))}") from error
    except ValueError as error:
        raise UsageError(f"{number}件目（行）を JSON として読めません: {error}") from error


def _parsed(text: str) -> Any:
    """The JSON value; raises ValueError with the reason in words."""
    if len(text) > LONGEST:
        raise ValueError(f"長すぎます（{LONGEST:,}文字まで）")
    try:
        found = json.loads(text, object_pairs_hook=_no_key_twice, parse_constant=_no_number, parse_int=_whole)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("文字にならない符号があります") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.lineno}行目の{error.colno}文字目で途切れているか、書き方が違います") from error
    except RecursionError as error:
        raise ValueError("入れ子が深すぎます") from error
    return found


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that stands twice would hide one of its values."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("同じ項目が二度書かれています")
    return dict(pairs)


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN と Infinity は使えません")


def _whole(digits: str) -> int:
    if len(digits) > 18:
        raise ValueError("桁の多すぎる数があります")
    return int(digits)


def _told(error: ValidationError) -> list[str]:
    """Every fault once, by group and key; what a union tried is one fault."""
    told = dict.fromkeys(f"{_place(each)}: {_fault(each)}" for each in error.errors(include_url=False))
    return [*list(told)[:SHOWN], *([f"ほか{len(told) - SHOWN}か所"] if len(told) > SHOWN else [])]


def _place(each: ErrorDetails) -> str:
    keys = (str(key) for key in each["loc"][:2])
    return ".".join(key if len(key) <= KEY else f"{key[:KEY]}…" for key in keys) or "全体"


def _fault(each: ErrorDetails) -> str:
    return FAULTS.get(each["type"], OTHERWISE).format(**each.get("ctx", {}))
