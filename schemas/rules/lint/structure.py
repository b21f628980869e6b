"""What the schema itself refuses: a missing table, an unknown word, a number that is none."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from schemas.rules.lint.finding import Document, Finding

KEY = "[key]"  # pydantic's mark of an error in a key of a table
SAID = {
    "missing": ("FIELD_MISSING", "ありません", "書き加えてください"),
    "extra_forbidden": ("FIELD_UNKNOWN", "知らない項目です", "削るか、綴りを直してください"),
    "int_type": ("NOT_WHOLE", "整数ではありません", "整数で書いてください"),
    "greater_than_equal": ("OUT_OF_RANGE", "範囲の外です", "{ge} 以上にしてください"),
    "less_than_equal": ("OUT_OF_RANGE", "範囲の外です", "{le} 以下にしてください"),
    "less_than": ("OUT_OF_RANGE", "範囲の外です", "{lt} より小さくしてください"),
    "literal_error": ("CODE_UNKNOWN", "知らないコードです", "{expected} のいずれかにしてください"),
    "string_too_short": ("TEXT_EMPTY", "空です", "言葉を書いてください"),
    "string_pattern_mismatch": ("CODE_UNREADABLE", "使えない字があります", "{pattern} の形にしてください"),
    "too_short": ("LIST_EMPTY", "空です", "一つ以上書いてください"),
}
OTHERWISE = ("UNREADABLE", "この形では読めません", "JSON Schema（mimamori rules schema）の形にしてください")


def check_structure(model: type[BaseModel], document: Document) -> Iterator[Finding]:
    """Every place where the document is not of the schema."""
    try:
        model.model_validate(document)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            if each["loc"]:  # an error of the whole is what the other checks say, each with its place
                yield _finding(each["loc"], each["type"], each.get("ctx", {}), document)


def _finding(location: Sequence[int | str], kind: str, context: dict[str, Any], document: Document) -> Finding:
    code, text, mend = SAID.get(kind, OTHERWISE)
    expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    return Finding(_place(location, document), code, text, mend.format(**context | {"expected": expected}))


def _place(location: Sequence[int | str], document: Document) -> str:
    """The location in dots; an entry of a list by its code, where it has one."""
    names: list[str] = []
    found: Any = document
    for part in (part for part in location if part != KEY):
        try:
            found = found[part]
        except (KeyError, IndexError, TypeError):
            found = None
        code = found.get("code") if isinstance(part, int) and isinstance(found, dict) else None
        names.append(str(part if code is None else code))
    return ".".join(names)
