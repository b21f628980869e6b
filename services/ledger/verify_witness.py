"""Whether the witnesses that somebody trusts have cosigned what is verified."""

from collections.abc import Sequence

from models.tlog import cosignature
from models.tlog.keys import NoteError, Verifier, read_verifier_key
from schemas.errors import UsageError
from services.ledger.verification import Verification


def check_witnesses(found: Verification, notes: Sequence[str], witnesses: Sequence[str]) -> None:
    """Name each witness (vkey) whose cosignature none of these checkpoint notes bears."""
    for vkey in witnesses:
        witness = _witness(vkey)
        if not any(_cosigned(note, witness) for note in notes):
            found.error("COSIGNATURE_MISSING", file=witness.name)


def _witness(vkey: str) -> Verifier:
    try:
        return read_verifier_key(vkey)
    except NoteError as error:
        raise UsageError(f"証人の公開鍵が読めません（{error}）。") from error


def _cosigned(note: str, witness: Verifier) -> bool:
    try:
        cosignature.verify(note, witness)
    except NoteError:
        return False
    return True
