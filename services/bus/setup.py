"""`bus setup`: makes what is missing of topics and ACLs, mends what loses nothing, names what a person has to decide."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from kafka.admin import ACL, ConfigResource, ConfigResourceType

from schemas.events.topics import inbound_topics
from services.bus.acls import present_acls, sentence, wanted_acls
from services.bus.client import ANSWER_SECONDS, administering
from services.bus.errors import TooFewBrokersError
from services.bus.topics import Size, Topics, read_topics
from services.platform.kafka import KafkaSettings
from services.platform.settings import Env


@dataclass(frozen=True)
class Difference:
    """Something is not as it should be, and was left so. topic: or what else it is about."""

    topic: str
    what: str
    found: str
    wanted: str
    mend: str


@dataclass
class SetupReport:
    """What `bus setup` did. acls: whether the brokers hold ACLs at all."""

    made: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    differing: list[Difference] = field(default_factory=list)
    acls: bool = True

    def json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return asdict(self)


def set_up(kafka: KafkaSettings, *, env: Env, force: bool = False) -> SetupReport:
    """Make topics and ACLs as the city's file says; a second time nothing happens.

    env:   a demo or test has as many copies as there are brokers, production as many as the file says
    force: also shorten retention, by which unread messages may go
    """
    topics = read_topics(kafka)
    report = SetupReport()
    with administering(kafka) as admin:
        brokers = len(admin.describe_cluster()["brokers"])
        _Setup(admin, topics, brokers, env == "production", force, report).topics_and_acls()
    if not report.acls and env == "production":
        report.differing.append(_NO_ACLS)
    return report


_NO_ACLS = Difference(
    "（全体）",
    "ACL",
    "なし",
    "あり",
    "ブローカーに authorizer.class.name を設定し、もう一度 mimamori bus setup を実行してください。",
)


@dataclass
class _Setup:
    """One setting up. exact: as many copies as the file says, however few the brokers are."""

    admin: Any
    topics: Topics
    brokers: int
    exact: bool
    force: bool
    report: SetupReport

    def topics_and_acls(self) -> None:
        names = [topic.name for topic in self.topics.topic]
        there = {found["name"]: found for found in self.admin.describe_topics(names) if found["error_code"] == 0}
        self._make([name for name in names if name not in there])
        present = [name for name in names if name in there]
        configs = self._configs(present)
        for name in present:
            enough = self._compare_layout(name, there[name]["partitions"])
            self._compare_config(name, configs[name], enough=enough)
        self._compare_acls()

    def _size(self, name: str) -> Size:
        size = self.topics.sizes[name]
        return size if self.exact else size.on(self.brokers)

    def _make(self, missing: list[str]) -> None:
        if not missing:
            return
        asked = {}
        for name in missing:
            size = self._size(name)
            if size.replication > self.brokers:
                raise TooFewBrokersError(self.brokers, size.replication)
            asked[name] = {
                "num_partitions": size.partitions, "replication_factor": size.replication, "configs": size.config,
            }  # fmt: skip
        self.admin.create_topics(asked, wait_for_metadata=True)
        self.report.made += missing

    def _configs(self, present: list[str]) -> Mapping[str, Mapping[str, str]]:
        """The settings of each topic that is there."""
        if not present:
            return {}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in present]
        found = self.admin.describe_configs(asked, config_filter="all")["topic"]
        return {name: {key: each["value"] for key, each in entries.items()} for name, entries in found.items()}

    def _compare_layout(self, name: str, partitions: list[dict[str, Any]]) -> bool:
        """Number of partitions and copies; whether there are as many copies as wanted."""
        size, count = self._size(name), len(partitions)
        copies = min(len(partition["replica_nodes"]) for partition in partitions)
        if count < size.partitions and name not in inbound_topics():
            self.admin.create_partitions({name: size.partitions})
            self.report.mended.append(f"{name} partitions {count} → {size.partitions}")
        elif count != size.partitions:
            self._differs(name, "partitions", count, size.partitions, _PARTITIONS)
        if copies != size.replication:
            self._differs(name, "replication", copies, size.replication, _COPIES)
        return copies >= size.replication

    def _compare_config(self, name: str, found: Mapping[str, str], *, enough: bool) -> None:
        """enough: there are as many copies as wanted; with fewer, to ask for more in sync would stop all writing."""
        wanted = self._size(name).config
        if not enough:
            wanted.pop("min.insync.replicas")
        unlike = {key: value for key, value in wanted.items() if found[key] != value}
        if "retention.ms" in unlike and not self.force and _shortens(found["retention.ms"], wanted["retention.ms"]):
            self._differs(name, "retention.ms", found["retention.ms"], unlike.pop("retention.ms"), _RETENTION)
        if unlike:
            self.admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, unlike)])
            self.report.mended += [f"{name} {key} {found[key]} → {value}" for key, value in unlike.items()]

    def _compare_acls(self) -> None:
        present = present_acls(self.admin, self.topics)
        if present is None:
            self.report.acls = False
            return
        wanted = wanted_acls(self.topics)
        missing = [acl for acl in wanted if acl not in present]
        if missing:
            self._add(missing)
        for acl in (acl for acl in present if acl not in wanted):
            name = acl.resource_pattern.resource_name
            self._differs(name, "ACL", sentence(acl), "なし", _ACL)

    def _add(self, missing: list[ACL]) -> None:
        refused = self.admin.create_acls(missing)["failed"]
        if refused:
            raise refused[0]
        self.report.made += [sentence(acl) for acl in missing]
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline and set(missing) - set(present_acls(self.admin, self.topics) or ()):
            time.sleep(0.05)  # the brokers write them down at once and go by them a moment later

    def _differs(self, name: str, what: str, found: object, wanted: object, mend: str) -> None:
        self.report.differing.append(Difference(name, what, str(found), str(wanted), mend))


# What loses nothing is mended at once; these are what a person has to do, or to allow.
_PARTITIONS = (
    "同じ記録の新旧の順が入れ替わりうるため、自動では変えません。送信を止め、mimamori bus status で遅れが 0 になってから"
    " kafka-topics --alter --partitions で変えるか、topics.toml を今の数に合わせてください。"
)
_COPIES = "kafka-reassign-partitions で複製の数を変えるか、topics.toml を今の数に合わせてください。"
_RETENTION = (
    "短くすると、まだ読まれていないメッセージが消えることがあります。mimamori bus status で遅れが 0 であることと、"
    "mimamori bus replay で配達不能の出来事が残っていないことを確かめ、mimamori bus setup --force を実行してください。"
)
_ACL = "topics.toml にない権限です。要らなければ kafka-acls --remove で除き、要るなら topics.toml に書いてください。"


def _shortens(found: str, wanted: str) -> bool:
    """Whether messages would be kept for less long; -1 means for ever."""
    return int(found) < 0 or int(wanted) < int(found)


def changes(report: SetupReport) -> Iterator[str]:
    """The report as lines for an operator."""
    yield from (f"作りました: {each}" for each in report.made)
    yield from (f"合わせました: {each}" for each in report.mended)
    if not report.acls:
        yield "このブローカーは権限（ACL）を使っていません。本番では使ってください。"
    for each in report.differing:
        yield f"違います: {each.topic} {each.what}（今 {each.found}、望み {each.wanted}）。{each.mend}"
