"""Public keys of those who sign notes and checkpoints, in the text form of C2SP signed-note ("vkey").

Two kinds of signature, both Ed25519: over the text itself, and a witness's, which also says when (C2SP
tlog-cosignature). A key's ID is four bytes that depend on its name, kind and public key, so that a signature tells
which key it claims; it proves nothing by itself.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from models.tlog.encoding import from_base64, to_base64
from schemas.errors import MimamoriError

ED25519, COSIGNATURE = 0x01, 0x04
TIME_BYTES = 8  # POSIX seconds, big-endian, before a cosignature
KEY_BYTES, KEY_ID_BYTES = 32, 4
MAX_TIME = (1 << 63) - 1


class NoteError(MimamoriError):
    """署名付き文書を検証できません"""


@dataclass(frozen=True)
class Verifier:
    """A public key that is trusted under a name. kind: ED25519 or COSIGNATURE; key_id: 4 bytes; public: 32 bytes."""

    name: str
    key_id: bytes
    public: bytes
    kind: int = ED25519

    def accepts(self, text: str, signature: bytes) -> bool:
        """Whether this key made the signature (without its key ID) over the text."""
        if self.kind == ED25519:
            return _signed(self.public, signature, text.encode())
        at = int.from_bytes(signature[:TIME_BYTES], "big")
        return at <= MAX_TIME and _signed(self.public, signature[TIME_BYTES:], timed_message(text, at))


def timed_message(text: str, at: int) -> bytes:
    """What a witness signs. at: POSIX seconds."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The four bytes by which a signature names its key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:KEY_ID_BYTES]


def verifier(name: str, public: bytes, kind: int = ED25519) -> Verifier:
    """The verifier of a public key under a name."""
    check_name(name)
    return Verifier(name, key_id(name, kind, public), public, kind)


def verifier_key(name: str, public: bytes, kind: int = ED25519) -> str:
    """The key as text, "NAME+ID+BASE64", to hand to whoever is to verify."""
    one = verifier(name, public, kind)
    return f"{name}+{one.key_id.hex()}+{to_base64(bytes([kind]) + public)}"


def read_verifier_key(vkey: str) -> Verifier:
    """The verifier that `verifier_key` wrote; NoteError if it is malformed, of another kind, or its ID is wrong."""
    parts = vkey.split("+", 2)
    try:
        name, id_, key = parts[0], parts[1], from_base64(parts[2])
    except (IndexError, ValueError) as error:
        raise NoteError("公開鍵の形式が正しくありません") from error
    if len(key) != 1 + KEY_BYTES or key[0] not in (ED25519, COSIGNATURE):
        raise NoteError("公開鍵の種類に対応していません")
    one = verifier(name, key[1:], key[0])
    if one.key_id.hex() != id_:
        raise NoteError("公開鍵の識別子が鍵と一致しません")
    return one


def check_name(name: str) -> None:
    """NoteError if a key may not bear this name: it is one word without "+"."""
    if not name or "+" in name or any(character.isspace() or not character.isprintable() for character in name):
        raise NoteError("鍵の名前に空白や「+」は使えません")


def find(verifiers: Sequence[Verifier], name: str, id_: bytes) -> Verifier | None:
    """The verifier with this name and key ID; None where the key is not known."""
    return next((one for one in verifiers if (one.name, one.key_id) == (name, id_)), None)


def _signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
