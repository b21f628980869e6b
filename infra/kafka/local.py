"""One broker for the home that MIMAMORI_HOME names: `python -m infra.kafka.local start|stop`.

Its data and ports lie in `$MIMAMORI_HOME/kafka` and outlive it. Progress goes to standard error, the line that points
mimamori at it to standard output.
"""

import argparse
import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.kafka.cluster import Cluster
from infra.kafka.errors import KafkaError
from infra.kafka.java import LASTING
from services.platform.settings import Settings


def start(home: Path) -> None:
    """Start the home's broker, making it first where there is none; where it runs, only tell its address."""
    with _alone(home):
        broker = Cluster.find(home / "kafka")
        if broker is None:
            _say("making a Kafka broker; the first time Maven gets its jars ...")
            broker = Cluster.create(home / "kafka")
        broker.start(tuning=LASTING)
    _say(f"a Kafka broker is up over {broker.folder}; `make kafka-stop` stops it and deletes nothing; to use it:")
    sys.stdout.write(f"export MIMAMORI_KAFKA_BOOTSTRAP={broker.plain}\n")


def stop(home: Path) -> None:
    """Stop the home's broker; nothing happens where none runs."""
    with _alone(home):
        broker = Cluster.find(home / "kafka")
        if broker is not None:
            broker.stop()
    _say("no Kafka broker runs in this home")


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One start or stop at a time; the kernel frees the lock of a killed one."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    """Start or stop; the exit code of the process."""
    acts = {"start": start, "stop": stop}
    parser = argparse.ArgumentParser(prog="local", description="A Kafka broker for the home that MIMAMORI_HOME names.")
    parser.add_argument("act", choices=acts)
    try:
        acts[parser.parse_args().act](Settings.from_environment().home)
    except KafkaError as error:
        _say(f"failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
