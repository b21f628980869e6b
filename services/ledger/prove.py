"""Proves that an entry is in the log: one file that needs no service of ours (C2SP tlog-proof)."""

from pathlib import Path

from models.tlog.checkpoint import read_checkpoint
from models.tlog.merkle import HASH_BYTES, leaf_hash
from models.tlog.note import split_note
from models.tlog.proof import write_proof
from models.tlog.proofs import inclusion_ranges, verify_inclusion
from models.tlog.tiles import range_root, tile_path
from schemas.errors import MimamoriError, UsageError
from services.ledger import folder as public
from services.ledger.checkpoint import Published, last_published, publish
from services.ledger.cosigned import kept_note
from services.ledger.errors import AlteredError
from services.ledger.tree import SQL
from services.platform.database import Database


class TileMissingError(MimamoriError):
    """公開フォルダーのタイルが足りません。mimamori log checkpoint で作り直してください。"""


def prove(database: Database, index: int) -> tuple[Published, str]:
    """The checkpoint that covers entry `index`, and the proof under it; the entry's own bytes stand in it as `extra`.

    Raises UsageError where there is no such entry, AlteredError where it is not the one that was published.
    """
    published, entry = _published(database, index)
    folder = public.of_home(database.settings.home)
    published = _cosigned(folder, published, index) or published
    checkpoint = published.checkpoint

    def tile(level: int, n: int, width: int) -> bytes:
        return _tile(folder, level, n, width)

    ranges = inclusion_ranges(index, checkpoint.size)
    hashes = [range_root(first, end, checkpoint.size, tile) for first, end in ranges]
    if not verify_inclusion(leaf_hash(entry), index, checkpoint.size, hashes, checkpoint.root):
        raise AlteredError(size=checkpoint.size, index=index)
    return published, write_proof(index, hashes, published.note, entry)


def _published(database: Database, index: int) -> tuple[Published, bytes]:
    """The last checkpoint and the entry's bytes; a new one is published for an entry that the last does not cover yet."""
    with database.connect("auditor") as conn:
        row = conn.execute(SQL["entry"], {"index": index}).fetchone()
        last = last_published(conn)
    if row is None:
        raise UsageError(f"番号{index}の記録はありません。")
    if last is None or index >= last.checkpoint.size:
        publish(database)
        with database.connect("auditor") as conn:
            last = last_published(conn)
    assert last is not None
    return last, bytes(row[0])


def _cosigned(folder: Path, last: Published, index: int) -> Published | None:
    """The checkpoint that witnesses cosigned, where it covers the entry: it says more than one that the log alone signed."""
    note = kept_note(folder)
    if note is None:
        return None
    checkpoint = read_checkpoint(split_note(note)[0])
    return Published(checkpoint, note) if index < checkpoint.size <= last.checkpoint.size else None


def _tile(folder: Path, level: int, n: int, width: int) -> bytes:
    """A tile of at least this width: the partial one is gone as soon as there is a full one."""
    for path in (tile_path(level, n, width), tile_path(level, n)):
        tile = public.read(folder, path)
        if tile is not None and len(tile) >= width * HASH_BYTES:
            return tile[: width * HASH_BYTES]
    raise TileMissingError
