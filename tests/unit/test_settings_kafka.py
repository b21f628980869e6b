"""Settings of Kafka: what the operator may write, what is refused, and that the password stays in its file."""

from pathlib import Path

import pytest

from schemas.errors import MimamoriError, UsageError
from services.platform.kafka import KafkaSettings
from services.platform.settings import Settings

SECURED = {
    "MIMAMORI_KAFKA_BOOTSTRAP": "kafka-1:9093, kafka-2:9093",
    "MIMAMORI_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "MIMAMORI_KAFKA_CA": "/etc/mimamori/ca.pem",
    "MIMAMORI_KAFKA_SASL_USERNAME": "mimamori",
    "MIMAMORI_KAFKA_SASL_PASSWORD_FILE": "/etc/mimamori/kafka.password",
}


def test_every_variable_is_read() -> None:
    more = {
        "MIMAMORI_KAFKA_CERT": "/c.pem",
        "MIMAMORI_KAFKA_KEY": "/k.pem",
        "MIMAMORI_KAFKA_SASL_MECHANISM": "SCRAM-SHA-256",
        "MIMAMORI_KAFKA_TOPICS": "/t.toml",
    }

    assert Settings.from_environment(SECURED | more).kafka == KafkaSettings(
        bootstrap="kafka-1:9093, kafka-2:9093",
        protocol="SASL_SSL",
        ca=Path("/etc/mimamori/ca.pem"),
        cert=Path("/c.pem"),
        key=Path("/k.pem"),
        mechanism="SCRAM-SHA-256",
        username="mimamori",
        password_file=Path("/etc/mimamori/kafka.password"),
        topics=Path("/t.toml"),
    )


def test_the_shortest_is_one_address_without_security() -> None:
    kafka = Settings.from_environment({"MIMAMORI_KAFKA_BOOTSTRAP": "127.0.0.1:9092"}).kafka

    assert kafka is not None
    assert (kafka.tls, kafka.sasl, kafka.stays_here) == (False, False, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"MIMAMORI_KAFKA_BOOTSTRAP": "kafka-1"}, "ホスト:ポート"),
        ({"MIMAMORI_KAFKA_BOOTSTRAP": "kafka-1:9092,"}, "ホスト:ポート"),
        ({"MIMAMORI_KAFKA_SECURITY_PROTOCOL": "TLS"}, "SASL_SSL"),
        ({"MIMAMORI_KAFKA_SASL_MECHANISM": "MD5"}, "SCRAM-SHA-512"),
        ({"MIMAMORI_KAFKA_SASL_USERNAME": ""}, "SASL_USERNAME"),
        ({"MIMAMORI_KAFKA_SASL_PASSWORD_FILE": ""}, "SASL_PASSWORD_FILE"),
    ],
)
def test_what_cannot_work_is_refused_with_the_name_of_what_to_mend(change: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Settings.from_environment(SECURED | change)


def test_the_password_is_read_when_it_is_used_and_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("first\n")
    kafka = Settings.from_environment(SECURED | {"MIMAMORI_KAFKA_SASL_PASSWORD_FILE": str(file)}).kafka
    assert kafka is not None
    assert kafka.password() == "first"
    assert "first" not in repr(kafka)

    file.write_text("second\n")
    assert kafka.password() == "second"

    file.unlink()
    with pytest.raises(MimamoriError, match="SASL_PASSWORD_FILE"):
        kafka.password()
