"""Bodies of dead letters, read again from the brokers: they are kept nowhere else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from services.bus.client import ANSWER_SECONDS, opened
from services.bus.errors import UnansweredError
from services.intake.events import Received
from services.platform.kafka import KafkaSettings


@contextmanager
def browsing(kafka: KafkaSettings) -> Iterator[Any]:
    """A KafkaConsumer that belongs to no group, so that nobody's place changes."""
    apart = {"group_id": None, "enable_auto_commit": False, "isolation_level": "read_committed"}
    with opened(kafka, KafkaConsumer, closing={"autocommit": False}, **apart) as browser:
        yield browser


def bodies(browser: Any, topic: str, partition: int, positions: Sequence[int]) -> Iterator[Received]:
    """The messages at these positions, in order; those that the brokers keep no more are left out. positions: ascending"""
    if partition not in browser.partitions_for_topic(topic):
        return
    place = TopicPartition(topic, partition)
    browser.assign([place])
    first, end = browser.beginning_offsets([place])[place], browser.end_offsets([place])[place]
    wanted = [position for position in positions if first <= position < end]
    while wanted:
        browser.seek(place, wanted[0])
        found = browser.poll(timeout_ms=round(ANSWER_SECONDS * 1000)).get(place)
        if not found:
            raise UnansweredError("KafkaTimeoutError")
        at = set(wanted)
        yield from (
            Received(topic, partition, each.offset, each.value or b"", each.key) for each in found if each.offset in at
        )
        wanted = [position for position in wanted if position > found[-1].offset]
