"""Which of our topics there are, by the identity that Kafka gives a topic when it is made."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from services.bus.client import administering
from services.bus.errors import BrokerError, MissingTopicsError
from services.platform.kafka import KafkaSettings

EVERY_SECONDS = 5.0
log = structlog.get_logger("mimamori.bus")


class TopicMadeAnewError(BrokerError):
    """トピックが消されて作り直されました。その初めから読み直します。"""


@dataclass
class Presence:
    """Looks from time to time whether topics are there.

    identities: of the topics that were seen; a topic made anew has another, and its offsets begin at 0 again
    missing:    topics that are not there
    """

    admin: Any
    topics: Sequence[str]
    identities: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    _looked: float = float("-inf")

    def look(self) -> None:
        """See what is there, if it is time to; say which topics are gone, and which are back.

        Raises TopicMadeAnewError where one is not what it was: what is read and committed of the old one means nothing now.
        """
        if time.monotonic() - self._looked < EVERY_SECONDS:
            return
        self._looked = time.monotonic()
        found = _identities(self.admin, self.topics)
        self._tell([topic for topic in self.topics if topic not in found])
        if any(self.identities.get(topic, identity) != identity for topic, identity in found.items()):
            raise TopicMadeAnewError
        self.identities.update(found)

    def _tell(self, missing: list[str]) -> None:
        if missing and missing != self.missing:
            log.error("topics missing", why=str(MissingTopicsError(missing)))
        if self.missing and not missing:
            log.info("topics are back", topics=len(self.topics))
        self.missing = missing


@contextmanager
def watching(kafka: KafkaSettings, topics: Sequence[str]) -> Iterator[Presence]:
    """The presence of these topics, looked at once already."""
    with administering(kafka) as admin:
        presence = Presence(admin, topics)
        presence.look()
        yield presence


def check_present(kafka: KafkaSettings, topics: Sequence[str]) -> None:
    """Raise MissingTopicsError where one of these is not there."""
    with administering(kafka) as admin:
        there = _identities(admin, topics)
    if missing := [topic for topic in topics if topic not in there]:
        raise MissingTopicsError(missing)


def _identities(admin: Any, topics: Sequence[str]) -> dict[str, str]:
    """Of these topics, those that are there."""
    described = admin.describe_topics(list(topics))
    return {topic["name"]: str(topic["topic_id"]) for topic in described if topic["error_code"] == 0}
