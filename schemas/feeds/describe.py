"""What `feed schema` and `feed list` show of the contracts."""

from typing import Any

from schemas.feeds.contract import Column, Contract


def json_schema(contract: Contract) -> dict[str, Any]:
    """JSON Schema (2020-12) of one row in canonical form: an object of texts; null, "" and absence are the empty field.

    `x-` keys: what the column says, its unit, what absence means, its sensitivity, whose number it is, where it is kept.
    """
    feed = contract.row.FEED
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": feed.name,
        "description": contract.row.__doc__,
        "x-title": feed.title,
        "x-office": feed.office,
        "x-grain": feed.grain,
        "x-usual-mode": feed.mode.value,
        "type": "object",
        "properties": {column.name: _property(column) for column in contract.columns},
        "required": [column.name for column in contract.columns if not column.nullable],
        "additionalProperties": False,
    }


def feed_list(contracts: dict[str, Contract]) -> list[dict[str, Any]]:
    """One line a feed, for people who look for the right one."""
    return [
        {
            "feed": contract.feed,
            "number": contract.row.FEED.number,
            "title": contract.row.FEED.title,
            "office": contract.row.FEED.office,
            "grain": contract.row.FEED.grain,
            "reference": contract.reference,
            "columns": [column.name for column in contract.columns],
        }
        for contract in contracts.values()
    ]


def _property(column: Column) -> dict[str, Any]:
    shown = {
        "description": column.about.text,
        "x-absent": column.about.absent,
        "x-unit": column.about.unit,
        "x-sensitivity": column.about.sensitivity.value,
        "x-number-of": column.about.system,
        "x-kept-in": store_of(column),
    }
    text = column.kind.json()
    empty = [{"type": "null"}, {"const": ""}]
    schema = {"anyOf": [text, *empty]} if column.nullable or column.kind.sql == "date" else text
    return schema | {key: value for key, value in shown.items() if value is not None}


def store_of(column: Column) -> str:
    """`identity` for what names or finds a person, else `facts`; a number is kept in both, in facts as a random key."""
    return "identity" if column.about.name or column.about.system or column.name == "source_record_id" else "facts"
