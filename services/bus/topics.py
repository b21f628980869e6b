"""The topics as the city wants them: `infra/kafka/topics.toml`, or the city's own copy of it."""

import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import services
from schemas.errors import UsageError
from schemas.events.topics import ALERTS, DEAD_LETTERS, inbound_topics
from services.platform.kafka import KafkaSettings

SHIPPED = Path(str(services.__file__)).parents[1] / "infra" / "kafka" / "topics.toml"  # a wheel brings it along
MOST_HOURS = 7 * 24  # that what departments send may lie on a broker

_Principal = Annotated[str, Field(pattern="^User:.+$")]


class Size(BaseModel):
    """How the topics of one direction are made.

    retention_hours:   how long a message is kept, unread ones too
    max_message_bytes: of one record batch, as Kafka counts it
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    partitions: Annotated[int, Field(ge=1, le=100)]
    replication: Annotated[int, Field(ge=1, le=10)]
    min_insync_replicas: Annotated[int, Field(ge=1)]
    retention_hours: Annotated[int, Field(ge=1, le=MOST_HOURS)]
    max_message_bytes: Annotated[int, Field(ge=1024)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.min_insync_replicas > self.replication:
            raise ValueError("min_insync_replicas は replication 以下にしてください")
        return self

    def on(self, brokers: int) -> "Size":
        """The same on so few brokers that a test or a demo has."""
        fewer = min(self.replication, brokers)
        return self.model_copy(
            update={"replication": fewer, "min_insync_replicas": min(self.min_insync_replicas, fewer)}
        )

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings by Kafka's names."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_hours * 3_600_000),
            "max.message.bytes": str(self.max_message_bytes),
            "min.insync.replicas": str(self.min_insync_replicas),
        }


class Topic(BaseModel):
    """One topic, and who besides the service writes it, or reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    writers: tuple[_Principal, ...] = ()
    readers: tuple[_Principal, ...] = ()


class Topics(BaseModel):
    """All topics. service: as whom the pumps sign in; group: the consumer group of those that take in."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    service: _Principal
    group: Annotated[str, Field(min_length=1)]
    inbound: Size
    outbound: Size
    topic: tuple[Topic, ...]

    @model_validator(mode="after")
    def _are_the_services_own(self) -> Self:
        names = [topic.name for topic in self.topic]
        wanted = {*inbound_topics(), ALERTS, DEAD_LETTERS}
        if sorted(names) != sorted(wanted):
            unlike = sorted(wanted.symmetric_difference(names)) or sorted(names)
            raise ValueError(f"トピックの名前が契約と合いません: {'、'.join(unlike)}")
        if any(len(topic.writers) != 1 or topic.readers for topic in self.topic if topic.name in inbound_topics()):
            raise ValueError("部署のトピックに書けるのは、その部署のユーザー一つだけです")
        if any(topic.writers for topic in self.topic if topic.name not in inbound_topics()):
            raise ValueError("外へ知らせるトピックには、このシステムだけが書きます")
        return self

    @cached_property
    def sizes(self) -> Mapping[str, Size]:
        """How each topic is made, by name."""
        return {topic.name: self.inbound if topic.name in inbound_topics() else self.outbound for topic in self.topic}


def read_topics(kafka: KafkaSettings) -> Topics:
    """The city's topics; raises UsageError where the file cannot be read or says something else than the contracts."""
    path = kafka.topics or SHIPPED
    try:
        return Topics.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise UsageError(f"{path.name} を読めません（{error.strerror}）。") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path.name} は TOML として読めません: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "全体"
        raise UsageError(f"{path.name} の {place}: {first['msg'].removeprefix('Value error, ')}") from None
