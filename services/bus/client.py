"""Kafka's clients with the city's settings, and its errors as the operator can mend them."""

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka import errors as said
from kafka.net.compat import KafkaNetClient

from services.bus.errors import (
    BrokerError,
    BrokerUnreachableError,
    HandshakeError,
    NoKafkaError,
    NotAllowedError,
    SignInError,
    UnansweredError,
    UnencryptedError,
)
from services.platform.kafka import KafkaSettings
from services.platform.settings import Settings

ANSWER_SECONDS = 10.0  # within which a broker answers a request, or counts as gone
CONNECT_SECONDS = 5.0  # within which one of them is found at the start
_PROBE_SECONDS = 2.0
_LATELY = 2 * ANSWER_SECONDS
_NOT_SIGNED_IN = (said.SaslAuthenticationFailedError, said.UnsupportedSaslMechanismError, said.IllegalSaslStateError)


class _Ear(logging.Handler):
    """Hears why a broker did not take our name: kafka-python tells it to its log alone, and goes on trying.

    That log is shown nowhere else: it says at each attempt, with tracebacks, what our own line says once.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._refused = self._cut_off = float("-inf")

    def emit(self, record: logging.LogRecord) -> None:
        """Hear a line."""
        told = record.args if isinstance(record.args, tuple) else ()
        if any(isinstance(each, _NOT_SIGNED_IN) for each in told):
            self._refused = time.monotonic()
        if any(isinstance(each, said.KafkaConnectionError) for each in told):
            self._cut_off = time.monotonic()

    @property
    def refused(self) -> bool:
        """Whether a broker refused our name lately."""
        return time.monotonic() - self._refused < _LATELY

    def cut_off(self, *, since: float) -> bool:
        """Whether a broker hung up; of a wrong password often no more is heard, for it does so with its answer."""
        return self._cut_off >= since


_ear = _Ear()
logging.getLogger("kafka").addHandler(_ear)


def kafka_of(settings: Settings) -> KafkaSettings:
    """How Kafka is reached; raises NoKafkaError, or UnencryptedError: what departments send names people."""
    if settings.kafka is None:
        raise NoKafkaError
    if settings.env == "production" and not settings.kafka.tls and not settings.kafka.stays_here:
        raise UnencryptedError
    return settings.kafka


def options(kafka: KafkaSettings) -> dict[str, Any]:
    """What every client of kafka-python is made with."""
    found: dict[str, Any] = {
        "bootstrap_servers": [f"{host}:{port}" for host, port in kafka.addresses],
        "client_id": "mimamori",
        "security_protocol": kafka.protocol,
        "request_timeout_ms": round(ANSWER_SECONDS * 1000),
        "bootstrap_timeout_ms": round(CONNECT_SECONDS * 1000),
        "reconnect_backoff_max_ms": 1000,
    }
    if kafka.tls:
        found["ssl_context"] = _trust(kafka)
    if kafka.sasl:
        found |= {
            "sasl_mechanism": kafka.mechanism,
            "sasl_plain_username": kafka.username,
            "sasl_plain_password": kafka.password(),
        }
    return found


@contextmanager
def named_errors(kafka: KafkaSettings) -> Iterator[None]:
    """Raise what kafka-python says as a BrokerError that names what to mend."""
    try:
        yield
    except said.AuthorizationError as error:
        raise NotAllowedError(kafka.username, _refused(error)) from None
    except said.KafkaError as error:
        if _ear.refused or isinstance(error, _NOT_SIGNED_IN):
            raise SignInError(kafka.username) from None
        check_reachable(kafka)
        raise UnansweredError(type(error).__name__) from None


def check_reachable(kafka: KafkaSettings) -> None:
    """Raise BrokerUnreachableError or HandshakeError where no broker named can be talked to: the clients only time out."""
    failures: list[BrokerError] = []
    for host, port in kafka.addresses:
        server = f"{host}:{port}"
        try:
            _knock(kafka, host.strip("[]"), int(port))
        except ssl.SSLError as refused:
            failures.append(HandshakeError(server, refused.reason or type(refused).__name__))
        except OSError as refused:
            failures.append(BrokerUnreachableError(server, refused.strerror or type(refused).__name__))
        else:
            return
    raise failures[0]


@contextmanager
def opened(kafka: KafkaSettings, kind: Callable[..., Any], *, closing: Mapping[str, Any], **more: Any) -> Iterator[Any]:
    """A client of kafka-python, closed at the end, its errors named.

    kind:    its class; untyped, for the stubs that type checkers bring along are of an older kafka-python
    closing: how it is closed;  more: its settings besides `options`
    """
    check_reachable(kafka)
    with named_errors(kafka):
        client = _made(kind, options(kafka) | more)
        try:
            yield client
        finally:
            client.close(**closing)


@contextmanager
def administering(kafka: KafkaSettings) -> Iterator[Any]:
    """A KafkaAdminClient."""
    with opened(kafka, KafkaAdminClient, closing={}) as admin:
        yield admin


def _made(kind: Callable[..., Any], settings: Mapping[str, Any]) -> Any:
    """A client; one that cannot sign in is given up whole, where kafka-python would leave its thread and sockets behind."""
    networks: list[KafkaNetClient] = []
    began = time.monotonic()

    def network(**configs: Any) -> KafkaNetClient:
        networks.append(KafkaNetClient(**configs))
        return networks[-1]

    try:
        return kind(**settings, kafka_client=network)
    except BaseException as error:
        for each in networks:
            each.close()
        if isinstance(error, said.KafkaTimeoutError) and "sasl_mechanism" in settings and _ear.cut_off(since=began):
            raise said.SaslAuthenticationFailedError from None
        raise


def _trust(kafka: KafkaSettings) -> ssl.SSLContext:
    """Whom to trust, and who we are; raises BrokerError for a file that is not what it should be."""
    try:
        context = ssl.create_default_context(cafile=kafka.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if kafka.cert is not None:
            context.load_cert_chain(kafka.cert, kafka.key)
    except (OSError, ssl.SSLError) as error:
        raise BrokerError(
            f"MIMAMORI_KAFKA_CA、_CERT、_KEY のファイルを読めません（{error.strerror or type(error).__name__}）。"
            "PEM 形式のファイルの場所と権限を確かめてください。"
        ) from None
    return context


def _refused(error: said.AuthorizationError) -> str:
    """Topic or group as Kafka's error names it: these errors hold nothing else."""
    kind = type(error).__name__.removesuffix("AuthorizationFailedError")
    names = error.args[0] if error.args and isinstance(error.args[0], set | frozenset) else ()
    return " ".join([kind, *sorted(names)])


def _knock(kafka: KafkaSettings, host: str, port: int) -> None:
    """Connect, with TLS where it is asked for; raises what goes wrong. A server that does not like us ends the connection."""
    with socket.create_connection((host, port), timeout=_PROBE_SECONDS) as plain:
        if not kafka.tls:
            return
        with _trust(kafka).wrap_socket(plain, server_hostname=host) as secured:
            secured.settimeout(_PROBE_SECONDS / 4)
            try:
                secured.recv(1)  # with TLS 1.3 a server says only now that it does not take our certificate
            except TimeoutError:
                return  # it waits for a request: all is well
