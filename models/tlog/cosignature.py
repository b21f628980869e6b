"""Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519): this tree, at this time, extends all I saw before."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.tlog.checkpoint import read_checkpoint
from models.tlog.keys import COSIGNATURE, MAX_TIME, TIME_BYTES, NoteError, Verifier, check_name, key_id, timed_message
from models.tlog.note import Signature, split_note

SIGNATURE_BYTES = 64


def is_cosignature(signature: Signature) -> bool:
    """Whether a signature line has the length of a witness's: a time and an Ed25519 signature. Not whether it holds."""
    return len(signature.value) == TIME_BYTES + SIGNATURE_BYTES


def cosign(text: str, name: str, key: Ed25519PrivateKey, at: int) -> str:
    """A witness's signature line over a checkpoint.

    text:  the checkpoint's text alone, without its signatures
    at:    when the witness saw the log in this state, in POSIX seconds
    """
    read_checkpoint(text)
    check_name(name)
    if not 0 <= at <= MAX_TIME:
        raise NoteError("副署の時刻が範囲外です")
    value = at.to_bytes(TIME_BYTES, "big") + key.sign(timed_message(text, at))
    return Signature(name, key_id(name, COSIGNATURE, key.public_key().public_bytes_raw()), value).line


def verify(note: str, witness: Verifier) -> int:
    """When the witness cosigned this checkpoint note, in POSIX seconds (the latest); NoteError if it did not."""
    text, signatures = split_note(note)
    read_checkpoint(text)
    values = [one.value for one in signatures if (one.name, one.key_id) == (witness.name, witness.key_id)]
    if witness.kind != COSIGNATURE or not values:
        raise NoteError(f"証人の副署がありません: {witness.name}")
    if not all(witness.accepts(text, value) for value in values):
        raise NoteError(f"証人の副署が一致しません: {witness.name}")
    return max(int.from_bytes(value[:TIME_BYTES], "big") for value in values)
