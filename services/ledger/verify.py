"""Verifies an exported log from its files alone: every hash is made again, compared with tiles, checkpoint and signatures.

The checkpoint's root decides whom to believe. Where the entries give it, a tile that disagrees was altered; where the tiles of
level 0 give it, an entry that disagrees was; where neither does, a bundle's own tile is believed if the level above has its
root.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.tlog.checkpoint import Checkpoint, read_checkpoint
from models.tlog.keys import NoteError, read_verifier_key
from models.tlog.merkle import HASH_BYTES
from models.tlog.note import split_note, verified
from models.tlog.tiles import WIDTH, edge_root, split_hashes, tile_path
from schemas.errors import UsageError
from services.ledger import folder as public
from services.ledger.bundles import Bundle, bundles, entry_hashes, readable
from services.ledger.keys import PublicKey, endorsed, verifiers
from services.ledger.tree import Tree
from services.ledger.verification import Verification
from services.ledger.verify_witness import check_witnesses

MISSING_AT_MOST = 64  # bundles that are named one by one where they are missing; beyond that the log is cut short


@dataclass
class Hashes:
    """A tree from level 1 upwards. full: the root of each full tile of level 0; last: the hashes of its partial tile, joined."""

    full: list[bytes] = field(default_factory=list)
    last: bytes = b""

    def add(self, bundle: Bundle, hashes: bytes) -> None:
        """Add what the next bundle gives."""
        if bundle.width == WIDTH:
            self.full.append(hashes)
        else:
            self.last = hashes

    @property
    def root(self) -> bytes:
        """The root over all."""
        return edge_root((self.last, *Tree().grown(b"".join(self.full))[0].edge))

    def root_at(self, size: int, partial: bytes) -> bytes:
        """The root of the first `size` leaves. partial: the leaf hashes of the tile that this size cuts, all of them."""
        upper, _ = Tree().grown(b"".join(self.full[: size // WIDTH]))
        return edge_root((partial[: size % WIDTH * HASH_BYTES], *upper.edge))


def verify(
    folder: Path, *, against: Sequence[str] = (), pinned: str | None = None, witnesses: Sequence[str] = ()
) -> Verification:
    """Verify an export.

    against:  checkpoints seen earlier, as signed notes, of which this log must be an extension
    pinned:   the one key (vkey) where trust begins; None = all that the folder names, which shows that the folder agrees
              with itself and no more
    witnesses:  witnesses' keys (vkey), each of which must have cosigned `checkpoint` or `cosigned`
    """
    found = Verification(trusted(public.read_keys(folder), pinned))
    found.checkpoint = _claimed(found, folder, public.CHECKPOINT, missing="")
    found.cosigned = _claimed(found, folder, public.COSIGNED)
    if found.checkpoint is not None and _is_there(found, folder, found.checkpoint):
        tree = _check_tree(found, folder, found.checkpoint)
        for older in [opened(found, note) for note in against] + [found.cosigned]:
            if older is not None:
                _check_extension(found, folder, found.checkpoint, tree, older)
    check_witnesses(found, _notes(folder), witnesses)
    found.errors.sort(key=lambda fault: -1 if fault.index is None else fault.index)
    return found


def _notes(folder: Path) -> list[str]:
    """The notes of the folder that may bear a cosignature; one that was converted bears none that holds."""
    contents = (readable(folder, file) for file in (public.CHECKPOINT, public.COSIGNED))
    return [content.decode("utf-8", errors="replace") for content in contents if content is not None]


def _is_there(found: Verification, folder: Path, checkpoint: Checkpoint) -> bool:
    """Whether the folder holds about as much as the checkpoint claims: a forged size is not walked to its end."""
    files = sum(len(names) for _, _, names in os.walk(folder / "tile" / "entries"))
    if checkpoint.size <= (files + MISSING_AT_MOST) * WIDTH:
        return True
    found.error("TRUNCATED", files * WIDTH, public.CHECKPOINT)
    return False


def trusted(keys: Sequence[PublicKey], pinned: str | None) -> list[PublicKey]:
    """The keys to believe: all that the folder names, or the pinned one and those that endorsements lead to from it."""
    if pinned is None:
        return list(keys)
    try:
        read_verifier_key(pinned)
    except NoteError as error:
        raise UsageError(f"指定された公開鍵が読めません（{error}）。") from error
    chain = [PublicKey(0, pinned)]
    for key in keys:
        if key.endorsement is not None and endorsed(chain[-1].vkey, key.vkey, key.endorsement):
            chain.append(key)
    return chain


def _claimed(found: Verification, folder: Path, file: str, *, missing: str | None = None) -> Checkpoint | None:
    """The checkpoint that a file of the folder claims. missing: the note to take where there is no such file; None = none."""
    try:
        note = public.read_note(folder, file)
    except public.UnreadableError as error:
        found.error("CHECKPOINT_UNREADABLE", file=file, text=str(error))
        return None
    note = missing if note is None else note
    return None if note is None else opened(found, note, file)


def opened(found: Verification, note: str, file: str = public.CHECKPOINT) -> Checkpoint | None:
    """What a note claims, the signature named where it is wrong; None where it is no checkpoint at all."""
    checkpoint = None
    try:
        checkpoint = read_checkpoint(split_note(note)[0])
        verified(note, [one for one in verifiers(found.keys) if one.name == checkpoint.origin])
    except NoteError:
        found.error("CHECKPOINT_SIGNATURE", file=file)
    return checkpoint


def _check_tree(found: Verification, folder: Path, checkpoint: Checkpoint) -> Hashes:
    """Hold entries and tiles against each other and the root; the tree that is to be believed."""
    of_entries, of_tiles = Hashes(), Hashes()
    differing: list[Bundle] = []
    day, before = b"", len(found.errors)
    for bundle in bundles(folder, checkpoint.size):
        _check_there(found, bundle)
        of_entries.add(bundle, bundle.hashes[0])
        of_tiles.add(bundle, bundle.hashes[1])
        if bundle.differing:
            differing.append(bundle)
        day = _check_days(found, bundle, day)
    entries_hold = of_entries.root == checkpoint.root
    tiles_hold = entries_hold or of_tiles.root == checkpoint.root
    for bundle in differing:
        believed = tiles_hold or _above_agrees(folder, checkpoint.size, bundle)
        _name(found, bundle, "TILE_ALTERED" if entries_hold or not believed else "ENTRY_ALTERED")
    tree = of_entries if entries_hold else of_tiles
    _check_upper_tiles(found, folder, tree)
    if not tiles_hold and len(found.errors) == before:
        found.error("ROOT_DIFFERS", file=public.CHECKPOINT)
    return tree


def _check_there(found: Verification, bundle: Bundle) -> None:
    """Both files there, and as long as the tree says."""
    for count, path in zip((bundle.entries, bundle.tile), bundle.paths, strict=True):
        if count is None:
            found.error("TILE_MISSING", bundle.first, path)
        elif count < bundle.width:
            found.error("TRUNCATED", bundle.first + count, path)
        elif count > bundle.width:
            found.error("TILE_ALTERED", bundle.first + bundle.width, path)


def _check_days(found: Verification, bundle: Bundle, day: bytes) -> bytes:
    """Warn where an entry's day lies before that of the entry before it; the bundle's last day."""
    for then, index in bundle.days:
        if then < day:
            found.warn("CLOCK_SET_BACK", index)
        day = then
    return day


def _name(found: Verification, bundle: Bundle, kind: str) -> None:
    """Every altered entry by its index, an altered tile by its first hash."""
    entries, tile = bundle.paths
    if kind == "ENTRY_ALTERED":
        for index in bundle.differing:
            found.error(kind, index, entries)
    else:
        found.error(kind, bundle.differing[0], tile)


def _above_agrees(folder: Path, size: int, bundle: Bundle) -> bool:
    """Whether level 1 has the root of this bundle's tile; a partial tile is in no level above, and is believed."""
    if bundle.width < WIDTH:
        return True
    n, at = divmod(bundle.number, WIDTH)
    above = readable(folder, tile_path(1, n, min(WIDTH, size // WIDTH - n * WIDTH))) or b""
    return above[at * HASH_BYTES : (at + 1) * HASH_BYTES] == bundle.hashes[1]


def _check_upper_tiles(found: Verification, folder: Path, tree: Hashes) -> None:
    """Hold the tiles from level 1 upwards against those that follow from level 0."""
    _, tiles = Tree().grown(b"".join(tree.full))
    for below, tile in tiles.items():
        _, level, rest = below.split("/", 2)
        path = f"tile/{int(level) + 1}/{rest}"  # a tree whose leaves are the hashes of level 1 has each tile one level lower
        content = readable(folder, path)
        if content is None:
            found.error("TILE_MISSING", file=path)
        elif len(content) < len(tile):
            found.error("TRUNCATED", file=path)
        elif content != tile:
            found.error("TILE_ALTERED", file=path)


def _check_extension(found: Verification, folder: Path, now: Checkpoint, tree: Hashes, older: Checkpoint) -> None:
    """Whether the tree of an older checkpoint is the beginning of this one."""
    agrees = older.origin == now.origin and older.size <= now.size
    if agrees:
        partial = tree.last if older.size // WIDTH == now.size // WIDTH else b""
        if not partial and older.size % WIDTH:
            partial = entry_hashes(folder, now.size, older.size // WIDTH) or b""
        agrees = len(split_hashes(partial)) >= older.size % WIDTH and tree.root_at(older.size, partial) == older.root
    if not agrees:
        found.error("NOT_AN_EXTENSION", older.size, public.CHECKPOINT)
