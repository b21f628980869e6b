"""Why there is no broker: each error says what to do, and names the file that says more."""

from collections.abc import Sequence
from pathlib import Path


class KafkaError(Exception):
    """The broker on this machine could not be had."""


class ToolMissingError(KafkaError):
    """A program that the broker needs is not on this machine.

    program: its name;  package: what brings it on Debian and Ubuntu
    """

    def __init__(self, program: str, package: str) -> None:
        self.program = program
        super().__init__(f"{program} is missing (on Debian and Ubuntu: apt-get install {package})")


class DownloadError(KafkaError):
    """Maven did not bring the jars."""

    def __init__(self, said: str) -> None:
        super().__init__(f"Maven did not bring Kafka's jars; is its repository in reach?\n{said}")


class WrongJarsError(KafkaError):
    """The jars are not those of the committed list. differences: one line a jar."""

    def __init__(self, folder: Path, differences: Sequence[str]) -> None:
        self.differences = list(differences)
        listed = "\n".join(f"  {line}" for line in differences)
        super().__init__(f"{folder} is not what infra/kafka/jars.sha256 lists; nothing of it is run:\n{listed}")


class JavaFailedError(KafkaError):
    """One of Kafka's own tools refused."""

    def __init__(self, program: str, said: str) -> None:
        super().__init__(f"{program} failed:\n{said}")


class BrokerDiedError(KafkaError):
    """A broker ended by itself before it was up."""

    def __init__(self, log: Path) -> None:
        super().__init__(f"the broker ended by itself; {log} says why")


class BrokerSilentError(KafkaError):
    """A broker is neither up nor gone after a long time."""

    def __init__(self, log: Path, *, seconds: float) -> None:
        super().__init__(f"the broker was not up, or not gone, after {seconds:.0f} s; see {log}")
