"""Checkpoints (C2SP tlog-checkpoint): the text that names a log, the size of its tree and the root over it."""

from dataclasses import dataclass

from models.tlog.encoding import from_base64, from_decimal, to_base64
from models.tlog.keys import NoteError
from models.tlog.merkle import HASH_BYTES


@dataclass(frozen=True)
class Checkpoint:
    """One state of a log. origin: the log's name; size: number of entries; root: 32 bytes."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text to sign as a note."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """Read a note's text as a checkpoint; NoteError if it is none. Extension lines are allowed and not kept."""
    try:
        origin, size, root, *extensions, last = text.split("\n")
        checkpoint = Checkpoint(origin, from_decimal(size), from_base64(root))
    except ValueError as error:
        raise NoteError("チェックポイントの形式が正しくありません") from error
    if not origin or last or not all(extensions) or len(checkpoint.root) != HASH_BYTES:
        raise NoteError("チェックポイントの形式が正しくありません")
    return checkpoint
