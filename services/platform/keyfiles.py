"""Signing keys in files: Ed25519, the private half in a PEM file that its owner alone can read."""

import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from schemas.errors import UsageError
from services.platform.files import create_once

LARGEST = 10_000  # bytes; a key file has some hundred


class KeyFileError(UsageError):
    """The key file cannot be used."""


def create_key(path: Path) -> Ed25519PrivateKey:
    """Make a key and write it to `path` (0600); where a file stands already, its key is taken."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    create_once(path, pem.decode("ascii"), mode=0o600)
    return load_key(path)


def load_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key; a file that others could read is refused."""
    try:
        key = load_pem_private_key(_read(path, private=True), password=None)
    except (ValueError, TypeError) as error:
        raise KeyFileError("鍵ファイルがEd25519の秘密鍵（PEM、パスワードなし）として読めません。") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError("鍵ファイルの鍵がEd25519ではありません。")
    return key


def read_public_key(path: Path) -> bytes:
    """The raw public key (32 bytes) of a PEM file that holds a public or a private key."""
    content = _read(path, private=False)
    if b"PRIVATE KEY" in content:
        return public_bytes(load_key(path))
    try:
        key = load_pem_public_key(content)
    except ValueError as error:
        raise KeyFileError("鍵ファイルがEd25519の公開鍵（PEM）として読めません。") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError("鍵ファイルの鍵がEd25519ではありません。")
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The raw public half, 32 bytes."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def signature_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` was made with the private half of `public_key` (raw, 32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _read(path: Path, *, private: bool) -> bytes:
    """The file's bytes, rights and content of the same file: they are asked on what was opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise KeyFileError("鍵ファイルを開けません。パスと権限を確かめてください。") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            raise KeyFileError("鍵ファイルではありません。")
        if private and found.st_mode & 0o077:
            raise KeyFileError("鍵ファイルを本人以外が読めます。chmod 600 で権限を直してください。")
        return os.read(descriptor, LARGEST)
    finally:
        os.close(descriptor)
