"""A throw-away authority, and the certificate it gives a broker on this machine."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

VALID = timedelta(days=365)
EARLIER = timedelta(hours=1)  # clocks differ


def write_certificates(*, authority: Path, broker: Path) -> None:
    """Make both anew, for 127.0.0.1 and localhost alone; the authority's key is not kept.

    authority: what clients are to trust, PEM
    broker:    the broker's key and certificate in one PEM, as Kafka reads it; for its owner's eyes
    """
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _name("Mimamori throw-away authority")
    root_certificate = (
        _builder(subject=root, issuer=root, key=root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    places = [x509.IPAddress(ipaddress.IPv4Address("127.0.0.1")), x509.DNSName("localhost")]
    certificate = (
        _builder(subject=_name("Mimamori broker"), issuer=root, key=key)
        .add_extension(x509.SubjectAlternativeName(places), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    authority.write_bytes(root_certificate.public_bytes(serialization.Encoding.PEM))
    broker.touch(mode=0o600)
    broker.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))


def _builder(*, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + VALID)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
