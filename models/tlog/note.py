"""Signed notes (C2SP signed-note): a text, an empty line, and one line a signature."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.tlog.encoding import from_base64, to_base64
from models.tlog.keys import (
    ED25519,
    KEY_ID_BYTES,
    NoteError,
    Verifier,
    check_name,
    find,
    key_id,
    read_verifier_key,
    verifier_key,
)

__all__ = [
    "NoteError",
    "Opened",
    "Signature",
    "Verifier",
    "add_signature",
    "read_verifier_key",
    "sign",
    "sign_note",
    "split_note",
    "verified",
    "verifier_key",
]

DASH = "— "  # U+2014 and a space begin a signature line
MAX_SIGNATURES = 100


@dataclass(frozen=True)
class Signature:
    """One signature line, not yet verified. key_id: 4 bytes; value: what the key made, at least one byte."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, newline included."""
        return f"{DASH}{self.name} {to_base64(self.key_id + self.value)}\n"


@dataclass(frozen=True)
class Opened:
    """A note at least one known key signed. text: with its last newline; names: of the keys, in the note's order."""

    text: str
    names: tuple[str, ...]


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """A signature line over a note's text, which ends in a newline."""
    _check_text(text)
    check_name(name)
    return Signature(name, key_id(name, ED25519, key.public_key().public_bytes_raw()), key.sign(text.encode())).line


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The text as a note with one signature."""
    return f"{text}\n{sign(text, name, key)}"


def add_signature(note: str, line: str) -> str:
    """The note with a further signature line at its end; one that it already has is not added again."""
    _, signatures = split_note(note)
    added = _signature(line.removesuffix("\n"))
    return note if added in signatures else f"{note}{added.line}"


def verified(note: str, verifiers: Sequence[Verifier]) -> Opened:
    """Open a note; NoteError if a known key's signature is wrong or no known key signed.

    verifiers:  whom to trust, witnesses (kind COSIGNATURE) included; signatures of other keys are passed over
    """
    text, signatures = split_note(note)
    known = [(one, find(verifiers, one.name, one.key_id)) for one in signatures]
    names = []
    for signature, verifier in known:
        if verifier is None:
            continue
        if not verifier.accepts(text, signature.value):
            raise NoteError(f"署名が本文と一致しません: {verifier.name}")
        names.append(verifier.name)
    if not names:
        raise NoteError("既知の鍵による署名がありません")
    return Opened(text, tuple(dict.fromkeys(names)))


def split_note(note: str) -> tuple[str, list[Signature]]:
    """A note's text and its signatures, none of them verified; NoteError if it is no note."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise NoteError("署名付き文書の形式が正しくありません")
    _check_text(text + "\n")
    signatures = [_signature(line) for line in lines[:-1].split("\n")]
    if len(signatures) > MAX_SIGNATURES:
        raise NoteError("署名の数が多すぎます")
    return text + "\n", signatures


def _signature(line: str) -> Signature:
    """Read a signature line without its newline."""
    name, _, value = line.removeprefix(DASH).partition(" ")
    try:
        data = from_base64(value)
    except ValueError as error:
        raise NoteError("署名行の形式が正しくありません") from error
    if not line.startswith(DASH) or len(data) <= KEY_ID_BYTES:
        raise NoteError("署名行の形式が正しくありません")
    check_name(name)
    return Signature(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def _check_text(text: str) -> None:
    """NoteError unless the text ends in a newline and holds no other control character."""
    if not text.endswith("\n") or any(character < " " and character != "\n" for character in text):
        raise NoteError("署名する本文は改行で終わり、改行以外の制御文字を含まない必要があります")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NoteError("署名する本文は UTF-8 である必要があります") from error
