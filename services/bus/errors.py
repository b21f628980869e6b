"""Why Kafka is not to be had, and what mends it. None of these says what a message held."""

from schemas.errors import MimamoriError, UsageError


class NoKafkaError(UsageError):
    """MIMAMORI_KAFKA_BOOTSTRAP が設定されていません。Kafka を使わないときは mimamori bus send で出来事を渡せます。"""


class UnencryptedError(UsageError):
    """本番で別の機械の Kafka を使うときは、MIMAMORI_KAFKA_SECURITY_PROTOCOL を SSL か SASL_SSL にしてください。"""


class BrokerError(MimamoriError):
    """Kafka を使えません。"""


class BrokerUnreachableError(BrokerError):
    """No broker answers. reason: what the operating system says."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(
            f"Kafka（{server}）に接続できません（{reason}）。"
            "MIMAMORI_KAFKA_BOOTSTRAP と、ブローカーが動いているかを確かめてください。"
        )


class HandshakeError(BrokerError):
    """TLS did not come about. reason: what OpenSSL says."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(
            f"Kafka（{server}）との TLS の接続が成り立ちません（{reason}）。"
            "MIMAMORI_KAFKA_SECURITY_PROTOCOL、_CA、_CERT、_KEY と、相手の証明書を確かめてください。"
        )


class SignInError(BrokerError):
    """The broker does not take this user with this password."""

    def __init__(self, username: str | None) -> None:
        super().__init__(
            f"Kafka が利用者 {username or '（なし）'} を認めません。MIMAMORI_KAFKA_SASL_USERNAME、"
            "_SASL_PASSWORD_FILE、_SASL_MECHANISM、_SECURITY_PROTOCOL を確かめてください。"
        )


class NotAllowedError(BrokerError):
    """An ACL is missing. what: topic, group or cluster, as Kafka names it."""

    def __init__(self, username: str | None, what: str) -> None:
        super().__init__(
            f"Kafka が利用者 {username or '（なし）'} に {what} を許していません。"
            "管理者の利用者で mimamori bus setup を実行すると、要る権限（ACL）を付けます。"
        )


class UnansweredError(BrokerError):
    """A broker is there, and does not do what it is asked. kind: the class of what the client says."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"Kafka が求めに答えません（{kind}）。ブローカーの状態（空き容量、記録）と、"
            "MIMAMORI_KAFKA_SECURITY_PROTOCOL と _SASL_ の設定がその口に合っているかを確かめてください。"
        )


class MissingTopicsError(BrokerError):
    """Topics that the service needs are not there."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(
            f"Kafka にトピックがありません: {'、'.join(names)}。mimamori bus setup を実行すると、続きから始まります。"
        )


class TooFewBrokersError(BrokerError):
    """There are fewer brokers than copies wanted."""

    def __init__(self, brokers: int, copies: int) -> None:
        super().__init__(
            f"ブローカーが {brokers} 台のため、複製 {copies} のトピックを作れません。ブローカーを増やすか、"
            "topics.toml の replication と min_insync_replicas を減らしてください。"
        )


class NotSentError(BrokerError):
    """Kafka がメッセージを受け取ったと答えません。残りは次に送ります。"""
