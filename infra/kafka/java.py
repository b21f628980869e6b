"""Kafka's programs under this machine's Java."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from infra.kafka.errors import JavaFailedError
from infra.kafka.jars import ensure_jars, find_program

LOGGING = Path(__file__).with_name("log4j2.xml")
SHORT_LIVED = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
)  # up sooner, in less memory; slower at its peak
LASTING = ("-Xmx512m",)


def java_command(program: str, *arguments: str | Path, tuning: Sequence[str] = SHORT_LIVED) -> list[str]:
    """The command that runs a class of Kafka's. Raises what `ensure_jars` does."""
    options = [*tuning, "-XX:-UsePerfData", f"-Dlog4j2.configurationFile={LOGGING}", "-cp", f"{ensure_jars()}/*"]
    return [find_program("java", package="default-jre-headless"), *options, program, *map(str, arguments)]


def run_java(program: str, *arguments: str | Path) -> str:
    """Run one of Kafka's tools to its end and return what it wrote; raises JavaFailedError."""
    done = subprocess.run(java_command(program, *arguments), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise JavaFailedError(program, done.stdout[-2000:] + done.stderr[-2000:])
    return done.stdout


def console_consumer(bootstrap: str, topic: str, *, messages: int, patience: float = 30.0) -> list[str]:
    """What Apache Kafka's own console consumer reads of a topic, from its beginning: one line a message.

    messages: it ends after that many; or when none came for `patience` seconds, with what it has
    """
    asked = ["--bootstrap-server", bootstrap, "--topic", topic, "--from-beginning", "--max-messages", str(messages)]
    waiting = ["--timeout-ms", str(round(patience * 1000))]
    return run_java("org.apache.kafka.tools.consumer.ConsoleConsumer", *asked, *waiting).splitlines()
