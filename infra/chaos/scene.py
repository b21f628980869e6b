"""What the storm breaks over: a city with brokers, proxies before both servers, and every process of the event path."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from infra.chaos.fleet import Program, Server
from infra.chaos.journal import Journal
from infra.chaos.plan import Kind, Storm
from infra.chaos.proxy import Proxy, proxies
from infra.city.events import draw_events
from infra.city.home import CLOCK, cloned, own_home, settle
from infra.kafka.cluster import Cluster
from infra.kafka.ports import free_ports
from services.bus.setup import set_up
from services.platform import postgres
from services.platform.cluster import SOCKET_NAME, find_cluster
from services.platform.database import Database
from services.platform.kafka import KafkaSettings

MIMAMORI = Path(sys.executable).parent / "mimamori"
TO_DATABASE, TO_BROKERS = "to the database", "to the brokers"
COMMANDS: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "pump in": ("pump in", ("bus", "pump", "in")),
    "pump out": ("pump out", ("bus", "pump", "out")),
    "worker 1": ("worker", ("worker",)),
    "worker 2": ("worker", ("worker",)),
}


@dataclass(frozen=True)
class Scene:
    """Everything that can be struck.

    database: of the city in the storm, reached directly; plain: its twin before any event came
    folder:   what the producer sends, and its ledger
    kinds:    which fail points each program passes; None = none
    """

    database: Database
    plain: Database
    cluster: Cluster
    folder: Path
    programs: Mapping[str, Program]
    kinds: Mapping[str, Kind | None]
    servers: Mapping[str, Server]
    lines: Mapping[str, tuple[Proxy, ...]]

    def allow(self, events: int) -> None:
        """Let the producer send so many in all."""
        fresh = self.folder / "allowed.new"
        fresh.write_text(str(events))
        fresh.replace(self.folder / "allowed")


@contextmanager
def scene(storm: Storm, journal: Journal, *, logs: Path) -> Iterator[Scene]:
    """Set it, the servers running and no program yet; all but the logs is ended and thrown away afterwards."""
    with own_home("test") as database:
        settle(database, children=storm.children, seed=storm.seed)
        plain = cloned(database, "plain")
        folder = database.settings.home.parent / "storm"
        folder.mkdir()
        _write_events(folder / "events.jsonl", storm)
        with _brokers(folder / "kafka", storm.brokers) as cluster:
            lines = _lines(database, cluster)
            with proxies([proxy for line in lines.values() for proxy in line]):
                made = _made(database, plain, cluster, folder, lines, journal, logs, leases=storm.leases)
                try:
                    yield made
                finally:
                    for program in made.programs.values():
                        program.end()
                    for server in made.servers.values():
                        server.wait()


def _write_events(path: Path, storm: Storm) -> None:
    with path.open("w", encoding="utf-8") as file:
        for event in draw_events(storm.events, children=storm.children, seed=storm.seed):
            file.write(event.line + "\n")
    (path.parent / "allowed").write_text("0")


@contextmanager
def _brokers(folder: Path, count: int) -> Iterator[Cluster]:
    cluster = Cluster.create(folder, brokers=count, proxied=True)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.kill()


def _lines(database: Database, cluster: Cluster) -> dict[str, tuple[Proxy, ...]]:
    found = find_cluster(database.settings.home)
    assert found is not None
    to_brokers = tuple(Proxy(_front(each.ports.front), each.ports.plain) for each in cluster.nodes)
    return {TO_DATABASE: (Proxy(free_ports(1)[0], found.socket / SOCKET_NAME),), TO_BROKERS: to_brokers}


def _front(port: int | None) -> int:
    assert port is not None
    return port


def _made(
    database: Database,
    plain: Database,
    cluster: Cluster,
    folder: Path,
    lines: Mapping[str, tuple[Proxy, ...]],
    journal: Journal,
    logs: Path,
    *,
    leases: bool,
) -> Scene:
    bootstrap = ",".join(f"127.0.0.1:{proxy.port}" for proxy in lines[TO_BROKERS])
    set_up(KafkaSettings(bootstrap=bootstrap), env="test")
    environ = {
        "PATH": "/usr/bin:/bin",
        "MIMAMORI_HOME": str(database.settings.home),
        "MIMAMORI_ENV": "test",
        "MIMAMORI_CLOCK": CLOCK,
        "MIMAMORI_DATABASE_URL": f"postgresql://127.0.0.1:{lines[TO_DATABASE][0].port}/mimamori?sslmode=disable",
        "MIMAMORI_KAFKA_BOOTSTRAP": bootstrap,
    }
    commands: dict[str, list[str | Path]] = {
        name: [MIMAMORI, *words, *([] if leases or kind != "worker" else ["--once"])]
        for name, (kind, words) in COMMANDS.items()
    }
    commands["producer"] = [sys.executable, "-m", "infra.chaos.producer", folder, bootstrap]
    programs = {
        name: Program(name, command, environ, log=logs / f"{name.replace(' ', '-')}.log", journal=journal)
        for name, command in commands.items()
    }
    kinds = {name: COMMANDS[name][0] if name in COMMANDS else None for name in programs}
    servers = _servers(database, cluster, journal)
    return Scene(database, plain, cluster, folder, programs, kinds, servers, lines)


def _servers(database: Database, cluster: Cluster, journal: Journal) -> dict[str, Server]:
    home, processes = database.settings.home, enumerate(cluster.processes, start=1)
    servers = [
        Server(f"broker {at}", process.pid, partial(cluster.start_one, at), journal=journal)
        for at, process in processes
    ]
    start = partial(postgres.ensure_running, home)
    servers.append(Server("database", partial(_postmaster, home), start, journal=journal))
    return {server.name: server for server in servers}


def _postmaster(home: Path) -> int | None:
    found = find_cluster(home)
    if found is None or not postgres.is_running(home):
        return None
    return int((found.data / "postmaster.pid").read_text().split("\n", 1)[0])
