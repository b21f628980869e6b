"""The AsyncAPI 3 document of all events, generated from the contracts: what a department or another city's system builds on."""

from typing import Any

from pydantic import BaseModel

from schemas.events.envelope import AHEAD, LARGEST
from schemas.events.kinds import EVENT_FEEDS, VERSION, schema_of, type_of
from schemas.events.outgoing import Alert, DeadLetter
from schemas.events.topics import ALERTS, DEAD_LETTERS, inbound_topics
from schemas.feeds.contract import Contract
from schemas.feeds.describe import json_schema

Schema = dict[str, Any]
_OUTGOING: dict[str, tuple[str, type[BaseModel]]] = {
    "alert": (ALERTS, Alert),
    "dead_letter": (DEAD_LETTERS, DeadLetter),
}
_ABOUT = f"""
CloudEvents 1.0、structured mode の JSON。一つの出来事は、契約の一行（canonical の形、値はすべて文字列）を data に持つ。

- 送り先は部署ごとに一つのトピック。キーは data の source_record_id と同じにする（一つのレコードの出来事を届いた順に扱うため）。
- source と id の組は一度しか受け入れない。同じ組で内容の違うものは受け取れない。id に人の番号や名前を使わない。
- time は送り出した時刻。受け取る側の時計より {int(AHEAD.total_seconds() // 60)} 分を超えて先のものは受け取れない。
- 大きさは {LARGEST:,} バイトまで。承認にない列は保存しない。
- 外へ出る出来事は、記録の番号などの符号だけを持ち、だれのことか、なぜかを含まない。
""".strip()


def row_schema(contract: Contract) -> Schema:
    """JSON Schema of `data`: one row of the feed."""
    return {name: value for name, value in json_schema(contract).items() if name != "$schema"}


def asyncapi_document() -> dict[str, Any]:
    """The whole document, in the order in which it is to be read."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Mimamori events", "version": f"{VERSION[1:]}.0.0", "description": _ABOUT},
        "defaultContentType": "application/cloudevents+json",
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "messages": {name: _message(name) for name in (*EVENT_FEEDS, *_OUTGOING)},
            "schemas": {feed: row_schema(contract) for feed, contract in EVENT_FEEDS.items()} | _outgoing_schemas(),
        },
    }


def _outgoing_schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (_, model) in _OUTGOING.items():
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {}) | {name: schema}
    return found


def _channels() -> dict[str, Any]:
    inbound = {topic: _channel(topic, sorted(feeds)) for topic, feeds in inbound_topics().items()}
    return inbound | {topic: _channel(topic, [name]) for name, (topic, _) in _OUTGOING.items()}


def _channel(topic: str, messages: list[str]) -> dict[str, Any]:
    return {"address": topic, "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages}}


def _operations() -> dict[str, Any]:
    """As seen from the service: it receives what departments send, and sends alerts and dead letters."""
    received = {f"receive.{topic}": ("receive", topic) for topic in inbound_topics()}
    sent = {f"send.{topic}": ("send", topic) for topic, _ in _OUTGOING.values()}
    return {
        name: {"action": action, "channel": {"$ref": f"#/channels/{_escaped(topic)}"}}
        for name, (action, topic) in (received | sent).items()
    }


def _escaped(name: str) -> str:
    """As a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _message(name: str) -> dict[str, Any]:
    contract = EVENT_FEEDS.get(name)
    if contract is None:
        _, model = _OUTGOING[name]
        return {"name": name, "summary": (model.__doc__ or "").split("\n")[0], "payload": _envelope(name, None)}
    key = {"type": "string", "description": "data の source_record_id"}
    return {
        "name": name,
        "title": contract.row.FEED.title,
        "summary": f"{contract.row.FEED.office}から",
        "bindings": {"kafka": {"key": key}},
        "payload": _envelope(name, schema_of(name)),
    }


def _envelope(name: str, dataschema: str | None) -> Schema:
    """The CloudEvents attributes around `data`."""
    text = {"type": "string", "minLength": 1, "maxLength": 300}
    event_type = type_of(name) if name in EVENT_FEEDS else f"jp.{_OUTGOING[name][0]}"
    properties: Schema = {
        "specversion": {"const": "1.0"},
        "id": text,
        "source": text,
        "type": {"const": event_type},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "data": {"$ref": f"#/components/schemas/{name}"},
    }
    if dataschema is not None:
        properties["dataschema"] = {"const": dataschema}
    required = ["specversion", "id", "source", "type", "time", "data"]
    return {"type": "object", "properties": properties, "required": required}
