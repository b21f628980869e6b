"""What the operator sets about Kafka; the names are Kafka's own, behind MIMAMORI_KAFKA_."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, cast, get_args

from schemas.errors import MimamoriError, UsageError

PREFIX = "MIMAMORI_KAFKA_"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True)
class KafkaSettings:
    """How this process reaches the brokers, and as whom. Holds no secret: the password stays in its file.

    bootstrap: host:port, several parted by commas
    protocol:  as Kafka names it
    ca:        PEM file of whom to trust; None = whom the machine trusts
    cert, key: PEM files by which this process shows who it is; None = it shows none
    username:  of SASL; None = no SASL
    topics:    TOML file of the topics; None = the one that comes with the service
    """

    bootstrap: str
    protocol: Protocol = "PLAINTEXT"
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    mechanism: Mechanism = "SCRAM-SHA-512"
    username: str | None = None
    password_file: Path | None = None
    topics: Path | None = None

    def __post_init__(self) -> None:
        if any(not port.isdigit() or not host for host, port in self.addresses):
            raise UsageError(f"{PREFIX}BOOTSTRAP は ホスト:ポート の形で書いてください（複数はコンマで区切ります）。")
        if self.sasl and (self.username is None or self.password_file is None):
            raise UsageError(
                f"{PREFIX}SECURITY_PROTOCOL={self.protocol} には {PREFIX}SASL_USERNAME と"
                f" {PREFIX}SASL_PASSWORD_FILE が要ります。"
            )

    @classmethod
    def of(cls, value: Mapping[str, str]) -> Self | None:
        """Read the MIMAMORI_KAFKA_… variables; None where no broker is named."""
        bootstrap = value.get(f"{PREFIX}BOOTSTRAP")
        if bootstrap is None:
            return None
        return cls(
            bootstrap,
            cast(Protocol, _one_of(value, "SECURITY_PROTOCOL", "PLAINTEXT", get_args(Protocol))),
            _path(value, "CA"),
            _path(value, "CERT"),
            _path(value, "KEY"),
            cast(Mechanism, _one_of(value, "SASL_MECHANISM", "SCRAM-SHA-512", get_args(Mechanism))),
            value.get(f"{PREFIX}SASL_USERNAME"),
            _path(value, "SASL_PASSWORD_FILE"),
            _path(value, "TOPICS"),
        )

    @property
    def addresses(self) -> list[tuple[str, str]]:
        """Host and port of each server named."""
        parted = [server.strip().rpartition(":") for server in self.bootstrap.split(",")]
        return [(host, port) for host, _, port in parted]

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.protocol.endswith("SSL")

    @property
    def sasl(self) -> bool:
        """Whether this process signs in by a password."""
        return self.protocol.startswith("SASL")

    @property
    def stays_here(self) -> bool:
        """Whether every server named is on this machine."""
        return all(host in LOOPBACK for host, _ in self.addresses)

    def password(self) -> str:
        """The password, read anew each time, so that a changed one counts at the next connection."""
        assert self.password_file is not None
        try:
            return self.password_file.read_text("utf-8").strip()
        except OSError as error:
            raise MimamoriError(
                f"{PREFIX}SASL_PASSWORD_FILE のファイルを読めません（{error.strerror}）。場所と権限を確かめてください。"
            ) from None


def _path(value: Mapping[str, str], name: str) -> Path | None:
    text = value.get(PREFIX + name)
    return None if text is None else Path(text).expanduser().absolute()


def _one_of(value: Mapping[str, str], name: str, default: str, known: tuple[str, ...]) -> str:
    text = value.get(PREFIX + name, default)
    if text not in known:
        raise UsageError(f"{PREFIX}{name} は {'、'.join(known)} のいずれかにしてください。")
    return text
