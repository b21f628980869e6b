"""Fixtures with a real Kafka: one broker for all, one of the test's own, three. Clients: see tests/kafka_client.py."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.kafka.cluster import Cluster
from infra.kafka.errors import DownloadError, ToolMissingError
from infra.kafka.jars import ensure_jars
from tests.scratch import scratch_folder

USERS = {"welfare": "of welfare", "school": "of school"}  # departments of the shared broker, and their passwords


@pytest.fixture(scope="session")
def kafka_jars() -> Path:
    """Apache Kafka's jars. Without Java or Maven the test is skipped, unless MIMAMORI_REQUIRE_KAFKA demands it."""
    try:
        return ensure_jars()
    except (ToolMissingError, DownloadError) as lacking:
        if os.environ.get("MIMAMORI_REQUIRE_KAFKA") == "1":
            pytest.fail(f"MIMAMORI_REQUIRE_KAFKA demands a broker: {lacking}")
        pytest.skip(f"needs a Kafka broker: {lacking}")


@pytest.fixture(scope="session")
def kafka(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One broker with every listener, shared by all tests of the run: name topics after the test, and leave it up."""
    base = tmp_path_factory.getbasetemp()
    with _shared(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as cluster:
        yield cluster


@pytest.fixture
def bus_kafka(kafka: Cluster) -> Iterator[Cluster]:
    """The shared broker with none of the service's own topics yet, whose names are given: one test at a time has them."""
    from tests.kafka_city import clear  # loads Kafka's client

    with _locked(kafka.folder / "city.lock"):
        clear(kafka)
        yield kafka


@pytest.fixture
def own_kafka(kafka_jars: Path) -> Iterator[Cluster]:
    """One broker of the test's own, which it may stop and kill; the plain listener alone."""
    with _thrown_away(brokers=1) as cluster:
        yield cluster


@pytest.fixture
def kafka_cluster(kafka_jars: Path) -> Iterator[Cluster]:
    """Three brokers of the test's own, of which any one may be killed; the plain listener alone."""
    with _thrown_away(brokers=3) as cluster:
        yield cluster


@contextmanager
def _shared(base: Path) -> Iterator[Cluster]:
    """The broker of all processes that share `base`: whoever comes first starts it, whoever leaves last ends it.

    The kernel frees the locks of a killed process, so that it counts as gone.
    """
    with (base / "kafka.users").open("a") as users:
        with _locked(base / "kafka.lock"):
            fcntl.flock(users, fcntl.LOCK_SH)
            cluster = _find_or_make(base / "kafka.place")
        try:
            yield cluster
        finally:
            with _locked(base / "kafka.lock"):
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # others still use it
                else:
                    (base / "kafka.place").unlink()
                    _throw_away(cluster)


def _find_or_make(place: Path) -> Cluster:
    """The broker that another process has started, or a new one. place: the file that says where it is."""
    found = Cluster.find(Path(place.read_text("utf-8"))) if place.exists() else None
    if found is None:
        found = _start_new(brokers=1, users=USERS)
        place.write_text(str(found.folder), "utf-8")
    return found


def _start_new(*, brokers: int, users: Mapping[str, str] | None = None) -> Cluster:
    cluster = Cluster.create(scratch_folder("mimamori-kafka-") / "kafka", brokers=brokers, users=users)
    try:
        cluster.start()
    except BaseException:
        _throw_away(cluster)
        raise
    return cluster


@contextmanager
def _thrown_away(*, brokers: int) -> Iterator[Cluster]:
    cluster = _start_new(brokers=brokers)
    try:
        yield cluster
    finally:
        _throw_away(cluster)


def _throw_away(cluster: Cluster) -> None:
    cluster.kill()
    shutil.rmtree(cluster.folder.parent)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
