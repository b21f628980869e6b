"""One broker, or several that stand in for each other: made in a folder, found there again, run, stopped, killed."""

import json
import shutil
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Self
from uuid import uuid4

from infra.kafka.certificates import write_certificates
from infra.kafka.java import SHORT_LIVED, java_command, run_java
from infra.kafka.node import HOST, MECHANISM, Node, Ports, write_settings
from infra.kafka.ports import free_ports
from infra.kafka.process import BrokerProcess
from services.platform.files import replace

RECORD = "cluster.json"  # written last: a folder without it was not finished


@dataclass(frozen=True)
class Cluster:
    """Brokers that form one Kafka. Their data outlives stops, kills and this program.

    nodes: one, or three of which any one may be killed
    users: password by name, of those that may sign in; empty = a cluster with the plain listener alone
    """

    folder: Path
    nodes: Sequence[Node]
    users: Mapping[str, str]

    @cached_property
    def processes(self) -> Sequence[BrokerProcess]:
        """Each broker's process, running or not, in the order of the nodes."""
        return [BrokerProcess(node.folder) for node in self.nodes]

    @classmethod
    def create(
        cls, folder: Path, *, brokers: int = 1, users: Mapping[str, str] | None = None, proxied: bool = False
    ) -> Self:
        """Make it in a folder of its own, which may hold the remains of an unfinished attempt. Starts nothing.

        The passwords can be seen among this machine's processes for a second: they are for tests.
        proxied: the plain listeners are reached through proxies at `Ports.front`, for which the caller cares
        """
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, mode=0o700)
        wanted = 5 if proxied else 4
        ports = free_ports(wanted * brokers)
        places = [Ports(*ports[wanted * at : wanted * (at + 1)]) for at in range(brokers)]
        nodes = [Node(at + 1, folder / f"broker-{at + 1}", each) for at, each in enumerate(places)]
        made = cls(folder, nodes, users or {})
        made._format()
        record = {"ports": [asdict(each) for each in places], "users": made.users}
        replace(folder / RECORD, json.dumps(record).encode(), mode=0o600)
        return made

    @classmethod
    def find(cls, folder: Path) -> Self | None:
        """The one that `create` made in this folder, running or not; None where there is none."""
        try:
            record = json.loads((folder / RECORD).read_text("utf-8"))
        except FileNotFoundError:
            return None
        nodes = [Node(at, folder / f"broker-{at}", Ports(**ports)) for at, ports in enumerate(record["ports"], start=1)]
        return cls(folder, nodes, record["users"])

    @property
    def plain(self) -> str:
        """Bootstrap address of the plain listeners, where every client may do everything."""
        return self._addresses("plain")

    @property
    def tls(self) -> str:
        """Bootstrap address of the encrypted listeners of a cluster with users; no name is asked for."""
        return self._addresses("tls")

    @property
    def sasl(self) -> str:
        """Bootstrap address of the encrypted listeners that ask for a user (SCRAM-SHA-512) and hold ACLs against it."""
        return self._addresses("sasl")

    @property
    def authority(self) -> Path:
        """PEM file of whom a client must trust to believe that this is the cluster."""
        return self.folder / "authority.pem"

    def start(self, *, tuning: Sequence[str] = SHORT_LIVED) -> None:
        """Start whichever broker does not run, and return once all are up. tuning: options for Java."""
        for node, process in zip(self.nodes, self.processes, strict=True):
            process.launch(java_command("kafka.Kafka", node.settings, tuning=tuning))
        for process in self.processes:
            process.await_up()

    def start_one(self, number: int) -> None:
        """Start one broker, if it does not run, and return once it is up: of three it waits for a second one."""
        process = self.processes[number - 1]
        process.launch(java_command("kafka.Kafka", self.nodes[number - 1].settings))
        process.await_up()

    def stop(self) -> None:
        """Let every broker close its files and end."""
        with ThreadPoolExecutor(len(self.processes)) as pool:  # together: a last broker would wait for the others
            list(pool.map(BrokerProcess.stop, self.processes))

    def kill(self) -> None:
        """SIGKILL every broker."""
        for process in self.processes:
            process.kill()

    def _addresses(self, listener: str) -> str:
        return ",".join(f"{HOST}:{getattr(node.ports, listener)}" for node in self.nodes)

    def _format(self) -> None:
        key = self.folder / "broker.pem" if self.users else None
        if key is not None:
            write_certificates(authority=self.authority, broker=key)
        identity = urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")  # as Kafka writes it
        for node in self.nodes:
            node.folder.mkdir()
            write_settings(node, self.nodes, key=key)
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(lambda node: self._format_node(node, identity), self.nodes))

    def _format_node(self, node: Node, identity: str) -> None:
        given = [f"--add-scram={MECHANISM}=[name={name},password={word}]" for name, word in self.users.items()]
        asked = [f"--cluster-id={identity}", f"--config={node.settings}"]
        run_java("kafka.tools.StorageTool", "format", *asked, *given)
