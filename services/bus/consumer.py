"""The consumer of departments' topics: where it begins and what it commits, so that no message is ever passed over."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

import structlog
from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka import errors as said
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.structs import OffsetAndMetadata, TopicPartition

from services.bus.client import opened
from services.bus.topics import Topics
from services.platform.kafka import KafkaSettings

MOST_RECORDS = 2000  # taken in one transaction
MOST_BYTES = 32 << 20  # fetched ahead; a larger message comes alone
POLL_MILLISECONDS = 500
SESSION_SECONDS = 10.0  # after which the partitions of a killed pump go to another
log = structlog.get_logger("mimamori.bus")

Records = list[Any]  # ConsumerRecord of kafka-python, of one topic, each partition's in order


class _NewPartitions(ConsumerRebalanceListener):  # type: ignore[misc]  # untyped library
    """Notes partitions that came to us; the client's own thread calls it."""

    def __init__(self) -> None:
        self._came: SimpleQueue[TopicPartition] = SimpleQueue()

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        for place in assigned:
            self._came.put(place)

    def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Nothing is at work between two polls that would have to be ended."""

    def taken(self) -> set[TopicPartition]:
        """Those that came since this was last asked."""
        found = set()
        while not self._came.empty():
            found.add(self._came.get())
        return found


@dataclass
class Reader:
    """A member of the group.

    A committed offset carries the topic's identity beside it: where it is another's, the topic was made anew since, and is read
    from its beginning.
    """

    consumer: Any
    identities: Mapping[str, str]
    _new: _NewPartitions = field(default_factory=_NewPartitions)

    def subscribe(self, topics: Sequence[str]) -> None:
        """Join the group."""
        self.consumer.subscribe(list(topics), listener=self._new)

    def read(self) -> dict[str, Records]:
        """What has come, by topic; nothing of it comes again to this member unless it asks."""
        try:
            found = self.consumer.poll(timeout_ms=POLL_MILLISECONDS)
        except said.NoOffsetForPartitionError as error:
            self._begin(error.args[0])  # nobody has read them yet
            return {}
        except said.OffsetOutOfRangeError as error:
            self._begin_anew(error.args[0])
            return {}
        stale = self._rewind_stale()
        by_topic: dict[str, Records] = {}
        for place, records in found.items():
            if place not in stale:
                by_topic.setdefault(place.topic, []).extend(records)
        return by_topic

    def commit(self, records: Records) -> None:
        """Say that these are done with. Where the partitions went to another member meanwhile, they come again there."""
        ends = {
            TopicPartition(each.topic, each.partition): OffsetAndMetadata(
                each.offset + 1, self.identities.get(each.topic, ""), -1
            )
            for each in records
        }
        try:
            self.consumer.commit(ends, timeout_ms=POLL_MILLISECONDS * 10)
        except _NOT_OURS_NOW:
            log.info("not committed", records=len(records))

    def put_back(self, topic: str, records: Records) -> None:
        """Let these come again, and nothing of their topic until `resume`."""
        first: dict[TopicPartition, int] = {}
        for each in records:
            first.setdefault(TopicPartition(each.topic, each.partition), each.offset)
        for place, offset in first.items():
            with _unless_gone():
                self.consumer.seek(place, offset)
        for place in self.consumer.assignment():
            if place.topic == topic:
                with _unless_gone():
                    self.consumer.pause(place)

    def resume(self, topic: str) -> None:
        """Go on with a topic."""
        for place in self.consumer.paused():
            if place.topic == topic:
                with _unless_gone():
                    self.consumer.resume(place)

    def _rewind_stale(self) -> set[TopicPartition]:
        """Of partitions that came to us: begin at the beginning where a topic of the same name was left, not this one."""
        came = self._new.taken() & self.consumer.assignment()
        stale = {place for place in came if self._is_stale(place)}
        for place in stale:
            log.error("topic was made anew", topic=place.topic, partition=place.partition)
        self._begin(stale)
        return stale

    def _is_stale(self, place: TopicPartition) -> bool:
        committed = self.consumer.committed(place, metadata=True)
        return committed is not None and committed.metadata not in ("", self.identities.get(place.topic))

    def _begin_anew(self, lost: Mapping[TopicPartition, int]) -> None:
        """Where we ended is not there any more: what was not read in time is gone, and only its sender has it."""
        beginnings = self.consumer.beginning_offsets(list(lost))
        for place, ended in lost.items():
            gone = max(0, beginnings[place] - ended)
            log.error("unread messages expired", topic=place.topic, partition=place.partition, records=gone)
        self._begin(lost)

    def _begin(self, places: Iterable[TopicPartition]) -> None:
        for place in places:
            with _unless_gone():
                self.consumer.seek_to_beginning(place)


def _unless_gone() -> AbstractContextManager[None]:
    """Around what is done with a partition that may have gone to another member meanwhile; there it is done anew."""
    return suppress(ValueError, KeyError)


_NOT_OURS_NOW = (
    said.CommitFailedError,
    said.RebalanceInProgressError,
    said.IllegalGenerationError,
    said.UnknownMemberIdError,
)


@contextmanager
def reading(
    kafka: KafkaSettings, topics: Topics, names: Sequence[str], identities: Mapping[str, str]
) -> Iterator[Reader]:
    """A member of the group; it leaves at the end, so that others take over at once. It commits nothing by itself."""
    leaving = {"autocommit": False, "timeout_ms": 2000}
    with opened(kafka, KafkaConsumer, closing=leaving, **_options(topics)) as consumer:
        reader = Reader(consumer, identities)
        reader.subscribe(names)
        yield reader


def _options(topics: Topics) -> dict[str, Any]:
    return {
        "group_id": topics.group,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",  # to begin elsewhere than where we ended is for us to decide, aloud
        "isolation_level": "read_committed",
        "allow_auto_create_topics": False,
        "partition_assignment_strategy": [CooperativeStickyAssignor],
        "max_poll_records": MOST_RECORDS,
        "fetch_max_bytes": MOST_BYTES,
        "max_partition_fetch_bytes": MOST_BYTES // 8,
        "session_timeout_ms": round(SESSION_SECONDS * 1000),
        "heartbeat_interval_ms": round(SESSION_SECONDS * 1000 / 4),
        "metadata_max_age_ms": 5000,  # after which a topic made anew is noticed
    }
