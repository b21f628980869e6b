"""Checks that every published checkpoint is a state of one and the same tree, signed by a key of the log."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from models.tlog.checkpoint import read_checkpoint
from models.tlog.growing import GrowingTree
from models.tlog.keys import NoteError, Verifier, read_verifier_key
from models.tlog.note import verified
from services.ledger.fault import Fault


@dataclass(frozen=True)
class _Published:
    """One row of ledger.checkpoint."""

    size: int
    root: bytes
    note: str


@dataclass
class Checkpoints:
    """The published checkpoints, met in order while the tree grows past their sizes.

    agreed:  size of the last one that the entries give
    differs: the first one that they do not give; those after it are its consequence
    """

    waiting: list[_Published]
    count: int
    agreed: int = 0
    differs: _Published | None = None
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def read(cls, conn: Connection[Any]) -> "Checkpoints":
        """All that were published, their notes checked."""
        rows = [
            _Published(*row) for row in conn.execute("SELECT size, root, note FROM ledger.checkpoint ORDER BY size")
        ]
        return cls(rows[::-1], len(rows), faults=list(_badly_signed(conn, rows)))

    def meet(self, tree: GrowingTree) -> None:
        """Compare the tree with what was published of its size, if anything was."""
        while self.waiting and self.waiting[-1].size == tree.size:
            published = self.waiting.pop()
            if self.differs is None and published.root == tree.root():
                self.agreed = published.size
            elif self.differs is None:
                self.differs = published

    def all_faults(self, size: int) -> Iterator[Fault]:
        """What was found; size: how many entries there are."""
        yield from self.faults
        if self.differs is not None:
            where = f"（番号 {self.agreed}〜{self.differs.size - 1} のどれかが書き換えられています）"
            text = f"記録から作った木が、{self.differs.size}件のチェックポイントと合いません{where}。"
            yield Fault("TREE_DIFFERS", text, index=self.agreed, id=f"checkpoint {self.differs.size}")
        if self.waiting:
            text = f"公開済みのチェックポイント（{self.waiting[0].size}件）より記録が少なく、巻き戻されています（{size}件）。"
            yield Fault("ROLLED_BACK", text, index=size, id=f"checkpoint {self.waiting[0].size}")


def _badly_signed(conn: Connection[Any], rows: list[_Published]) -> Iterator[Fault]:
    keys = []
    for number, key in conn.execute("SELECT number, verifier FROM ledger.log_key ORDER BY number"):
        try:
            keys.append(read_verifier_key(key))
        except NoteError:  # named, and the rest is checked: whoever put it there would not be found else
            yield Fault("KEY_UNREADABLE", "ログの公開鍵として読めないものがあります。", id=f"key {number}")
    for row in rows:
        if not _says_and_signs(row, keys):
            text = "チェックポイントに、ログの鍵の有効な署名がありません。"
            yield Fault("CHECKPOINT_NOT_SIGNED", text, id=f"checkpoint {row.size}")


def _says_and_signs(row: _Published, keys: list[Verifier]) -> bool:
    """Whether the note names this size and root under a signature of the log."""
    try:
        checkpoint = read_checkpoint(verified(row.note, keys).text)
    except NoteError:
        return False
    return (checkpoint.size, checkpoint.root) == (row.size, row.root)
