"""Verifies one proof file (C2SP tlog-proof) on its own: the entry in it is in the tree that its checkpoint signs."""

from collections.abc import Sequence
from pathlib import Path

from models.tlog.keys import NoteError
from models.tlog.merkle import leaf_hash
from models.tlog.proof import Proof, read_proof
from models.tlog.proofs import verify_inclusion
from services.ledger import folder as public
from services.ledger.folder import UnreadableError
from services.ledger.verification import Verification
from services.ledger.verify import opened, trusted
from services.ledger.verify_witness import check_witnesses


def verify_proof(file: Path, *, pinned: str | None = None, witnesses: Sequence[str] = ()) -> Verification:
    """Verify a proof as `log prove` writes it, with the entry itself as `extra`.

    pinned:  the one key (vkey) where trust begins; None = the public keys (`keys`) that lie beside the file
    witnesses:  witnesses' keys (vkey), each of which must have cosigned the proof's checkpoint
    """
    beside = public.read_keys(file.parent) if pinned is None or (file.parent / public.KEYS).is_file() else []
    found = Verification(trusted(beside, pinned))
    proof = _read(found, file)
    if proof is None:
        return found
    found.entry = proof.index
    signed = found.checkpoint = opened(found, proof.checkpoint, file.name)
    check_witnesses(found, [proof.checkpoint], witnesses)
    if not proof.extra:
        found.error("ENTRY_ABSENT", proof.index, file.name)
    elif signed is not None and not verify_inclusion(
        leaf_hash(proof.extra), proof.index, signed.size, proof.hashes, signed.root
    ):
        found.error("PROOF_DIFFERS", proof.index, file.name)
    return found


def _read(found: Verification, file: Path) -> Proof | None:
    try:
        text = public.read_note(file.parent, file.name)
        return read_proof(text or "")
    except (NoteError, UnreadableError) as error:
        found.error("PROOF_UNREADABLE", file=file.name, text=str(error))
        return None
