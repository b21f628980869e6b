"""One broker that is its own controller, or one of several: its place, its ports, its settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
MECHANISM = "SCRAM-SHA-512"


@dataclass(frozen=True)
class Ports:
    """Where a broker listens, on 127.0.0.1 alone.

    plain:      open, and trusted with everything: for administration and for tests of other things
    tls, sasl:  a secured broker's: encrypted; and encrypted, as a user that SCRAM-SHA-512 knows
    controller: for the brokers among themselves
    front:      where clients and other brokers are told that `plain` is, if a proxy stands before it; None = nothing does
    """

    plain: int
    tls: int
    sasl: int
    controller: int
    front: int | None = None


@dataclass(frozen=True)
class Node:
    """One broker. number: from 1; folder: absolute, holds its data, settings, log and process register."""

    number: int
    folder: Path
    ports: Ports

    @property
    def settings(self) -> Path:
        """The file that Kafka reads."""
        return self.folder / "server.properties"


def write_settings(node: Node, nodes: Sequence[Node], *, key: Path | None) -> None:
    """Write the file that Kafka reads. key: the broker's key and certificate; None = the plain listener alone."""
    lines = _common(node, nodes) | _listeners(node.ports, secured=key is not None) | _replication(len(nodes))
    if key is not None:
        lines |= _security(key)
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    node.settings.write_bytes(text.encode("latin-1", "backslashreplace"))  # how Java reads such a file, as \u5c71


def _common(node: Node, nodes: Sequence[Node]) -> dict[str, object]:
    return {
        "process.roles": "broker,controller",
        "node.id": node.number,
        "log.dirs": node.folder / "data",
        "controller.quorum.voters": ",".join(f"{each.number}@{HOST}:{each.ports.controller}" for each in nodes),
        "auto.create.topics.enable": "false",  # a misspelt topic is an error, and a deleted one stays deleted
        "group.initial.rebalance.delay.ms": 0,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "log.cleaner.dedupe.buffer.size": 4 << 20,  # otherwise 128 MB, half the heap
    }


def _listeners(ports: Ports, *, secured: bool) -> dict[str, object]:
    secure = [f"TLS://{HOST}:{ports.tls}", f"SASL://{HOST}:{ports.sasl}"] if secured else []
    return {
        "listeners": ",".join([f"PLAIN://{HOST}:{ports.plain}", *secure, f"CONTROLLER://{HOST}:{ports.controller}"]),
        "advertised.listeners": ",".join([f"PLAIN://{HOST}:{ports.front or ports.plain}", *secure]),
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,TLS:SSL,SASL:SASL_SSL",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAIN",
    }


def _replication(brokers: int) -> dict[str, object]:
    """Every message is on every broker and acknowledged by a majority: of three, any one may be lost."""
    majority = brokers // 2 + 1
    return {
        "default.replication.factor": brokers,
        "min.insync.replicas": majority,
        "offsets.topic.replication.factor": brokers,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": brokers,
        "transaction.state.log.min.isr": majority,
        "transaction.state.log.num.partitions": 4,
        "broker.session.timeout.ms": 3000,  # so long a killed one keeps its partitions, and its own restart waiting
        "broker.heartbeat.interval.ms": 500,
    }


def _security(key: Path) -> dict[str, object]:
    """Who signs in may do what an ACL allows; who does not, on the plain and the TLS listener, may do everything."""
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": key,
        "sasl.enabled.mechanisms": MECHANISM,
        f"listener.name.sasl.{MECHANISM.lower()}.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
