"""Whether schemas of rows still take everything that the last released ones took: who built on those goes on unchanged."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_LEAST, _MOST = ("minLength", "x-minimum"), ("maxLength", "x-maximum")
_BINDING = {"anyOf", "type", "enum", "pattern", "format", *_LEAST, *_MOST}


def binding(schema: Schema) -> dict[str, Any]:
    """What of a row's schema later versions are held to: not the words for people."""
    columns = {name: _bare(column) for name, column in schema["properties"].items()}
    return {"title": schema["title"], "type": "object", "required": schema["required"], "properties": columns}


def breaking_changes(released: Schema, now: Schema) -> list[str]:
    """What a sender that keeps to `released` would be refused by `now`; empty = nothing. Words for people may change."""
    before, after = released["properties"], now["properties"]
    gone = [f"{name}: removed" for name in before if name not in after]
    asked = sorted(set(now["required"]) - set(released["required"]))
    required = [f"{name}: made required" if name in before else f"{name}: new and required" for name in asked]
    both = [name for name in before if name in after]
    narrowed = [f"{name}: {why}" for name in both for why in _narrowed(before[name], after[name])]
    return [*gone, *required, *narrowed]


def _narrowed(before: Schema, after: Schema) -> list[str]:
    """Why a text that `before` takes may be refused by `after`."""
    found = ["no longer empty"] if "anyOf" in before and "anyOf" not in after else []
    old, new = _text(before), _text(after)
    if "enum" in new and not ("enum" in old and set(old["enum"]) <= set(new["enum"])):
        found.append("fewer codes")
    if new.get("pattern", old.get("pattern")) != old.get("pattern"):
        found.append("another pattern")
    found += [f"greater {name}" for name in _LEAST if name in new and new[name] > old.get(name, float("-inf"))]
    found += [f"smaller {name}" for name in _MOST if name in new and new[name] < old.get(name, float("inf"))]
    return found


def _bare(column: Schema) -> dict[str, Any]:
    return {name: value for name, value in column.items() if name in _BINDING}


def _text(column: Schema) -> Schema:
    """The part that says what a filled field looks like."""
    return next((part for part in column.get("anyOf", ()) if part.get("type") == "string"), column)
