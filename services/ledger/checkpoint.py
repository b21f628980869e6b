"""Publishes the tree: tiles and a signed checkpoint, each an extension of the last, whoever writes and whatever is killed.

Order, under one lock: see that the last checkpoint still holds, write the new tiles, sign, commit the checkpoint to the
database, put the file in place. A kill before the commit leaves tiles that the next writer makes again, byte for byte, and a
signature that nobody saw; a kill after it leaves an old file that the next writer replaces from the database.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection

from models.tlog.checkpoint import Checkpoint, read_checkpoint
from models.tlog.keys import NoteError
from models.tlog.note import verified
from services.ledger import folder as public
from services.ledger.errors import CheckpointForgedError, ForkError, LogError, RolledBackError
from services.ledger.keys import origin, public_keys, signed, signing_keys, verifiers
from services.ledger.rebuild import rebuilt
from services.ledger.tree import SQL, Tree, edge_paths, log_size, packed_hashes
from services.platform.database import Database


@dataclass(frozen=True)
class Published:
    """A checkpoint as the database keeps it. note: with the log's signatures."""

    checkpoint: Checkpoint
    note: str


def publish(database: Database, *, whole: bool = False) -> Checkpoint:
    """Sign the log as it stands and write its files; where nothing was added, nothing is signed.

    whole: every entry is hashed again, where else only those since the last checkpoint are
    Raises a LogError, and signs nothing, where the log is no extension of what was published; the gate then permits nothing
    until a checkpoint is published again.
    """
    with database.connect("ledger") as conn:
        conn.execute(SQL["lock"])
        try:
            return _publish(conn, database.settings.home, whole=whole)
        except LogError as error:
            conn.rollback()
            conn.execute(SQL["halt"], {"why": type(error).__name__})
            conn.commit()
            raise


def _publish(conn: Connection[Any], home: Path, *, whole: bool) -> Checkpoint:
    """As `publish`, under its lock."""
    folder = public.of_home(home)
    halted = conn.execute(SQL["halted"]).fetchone() is not None
    whole = whole or halted  # what was found among old entries would not be found again else
    keys = signing_keys(conn, home)
    last = last_published(conn)
    _check_file(conn, folder, last)
    tree, size = _last_tree(conn, folder, last, whole=whole), log_size(conn)
    pruned = 0 if whole else tree.size
    if last is None or size > tree.size:
        tree = _extend(conn, folder, tree, size)
        checkpoint = Checkpoint(origin(home), tree.size, tree.root)
        last = Published(checkpoint, signed(checkpoint.text, checkpoint.origin, keys))
        conn.execute(SQL["add_checkpoint"], {"size": tree.size, "root": tree.root, "note": last.note})
    public.write_keys(folder, public_keys(conn))
    if halted:
        conn.execute(SQL["halt"], {"why": None})
    conn.commit()  # what is seen is committed; the lock belongs to the connection and lasts until it closes
    if public.read(folder, public.CHECKPOINT) != last.note.encode():
        public.write_checkpoint(folder, last.note)
    public.prune(folder, pruned, last.checkpoint.size)
    return last.checkpoint


def last_published(conn: Connection[Any]) -> Published | None:
    """The last checkpoint; None where there is none yet. Raises CheckpointForgedError where the log did not sign it."""
    row = conn.execute(SQL["last_checkpoint"]).fetchone()
    if row is None:
        return None
    size, root, note = row
    try:
        checkpoint = read_checkpoint(verified(note, verifiers(public_keys(conn))).text)
    except NoteError as error:
        raise CheckpointForgedError(size) from error
    if (checkpoint.size, checkpoint.root) != (size, bytes(root)):
        raise CheckpointForgedError(size)
    return Published(checkpoint, note)


def _check_file(conn: Connection[Any], folder: Path, last: Published | None) -> None:
    """What lies in the folder was committed before it was written, so the database knows it, unless it was rolled back.

    Keys that the folder names count as well: a database rolled back behind a rotation has forgotten the newer one.
    """
    content = public.read(folder, public.CHECKPOINT)
    if content is None:
        return
    known = public_keys(conn) + (public.read_keys(folder) if (folder / public.KEYS).exists() else [])
    try:
        seen = read_checkpoint(verified(content.decode("utf-8", "replace"), verifiers(known)).text)
    except NoteError:
        return  # not of this log's keys: it is replaced by what the database vouches for
    if last is None or seen.size > last.checkpoint.size:
        raise RolledBackError(published=seen.size, found=0 if last is None else last.checkpoint.size)
    row = conn.execute(SQL["checkpoint_at"], {"size": seen.size}).fetchone()
    if row is None or bytes(row[0]) != seen.root:
        raise ForkError(seen.size)


def _last_tree(conn: Connection[Any], folder: Path, last: Published | None, *, whole: bool) -> Tree:
    """The tree of the last checkpoint: by its tiles where they give its root, else by the entries, which then must."""
    if last is None:
        return Tree()
    checkpoint, found = last.checkpoint, log_size(conn)
    if found < checkpoint.size:
        raise RolledBackError(published=checkpoint.size, found=found)
    tree = public.read_tree(folder, checkpoint.size)
    if whole or tree is None or tree.root != checkpoint.root:
        return rebuilt(conn, folder, checkpoint)
    return tree


def _extend(conn: Connection[Any], folder: Path, tree: Tree, size: int) -> Tree:
    """Add the entries up to `size`, writing full tiles as they come and the partial ones at the end."""
    for packed in packed_hashes(conn, tree.size, size):
        tree, new = tree.grown(packed)
        public.write_new(folder, {path: tile for path, tile in new.items() if ".p/" not in path})
    public.write_new(folder, {path: tile for path, tile in zip(edge_paths(size), tree.edge, strict=True) if path})
    return tree
