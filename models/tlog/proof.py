"""Self-contained proof that an entry is in a log (C2SP tlog-proof): index, inclusion proof and signed checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.tlog.encoding import from_base64, from_decimal, to_base64
from models.tlog.keys import NoteError
from models.tlog.merkle import HASH_BYTES

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Proof:
    """What a proof file says, nothing of it verified.

    index:       of the entry, from 0
    hashes:      the inclusion proof, the leaf's sibling first
    checkpoint:  the signed checkpoint, a note
    extra:       what the writer added; nothing vouches for it. b"" where there is none
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""


def write_proof(index: int, proof: Sequence[bytes], checkpoint_note: str, extra: bytes = b"") -> str:
    """The text of a .tlog-proof file."""
    lines = [HEADER, f"index {index}", *map(to_base64, proof), "", checkpoint_note]
    if extra:
        lines.insert(1, f"extra {to_base64(extra)}")
    return "\n".join(lines)


def read_proof(text: str) -> Proof:
    """Read a .tlog-proof file; NoteError if it is none."""
    head, gap, checkpoint = text.partition("\n\n")
    header, *lines = head.split("\n")
    try:
        extra = _after("extra ", lines.pop(0)) if lines and lines[0].startswith("extra ") else None
        index = from_decimal(_after("index ", lines.pop(0) if lines else ""))
        proof = Proof(index, tuple(map(from_base64, lines)), checkpoint, from_base64(extra or ""))
    except ValueError as error:
        raise NoteError("証明ファイルの形式が正しくありません") from error
    if header != HEADER or not gap or extra == "" or any(len(hash_) != HASH_BYTES for hash_ in proof.hashes):
        raise NoteError("証明ファイルの形式が正しくありません")
    return proof


def _after(word: str, line: str) -> str:
    if not line.startswith(word):
        raise ValueError(f"no line that begins with {word!r}")
    return line.removeprefix(word)
