"""The public folder of the log: `checkpoint`, `keys`, `endorsements/NUMBER` and `tile/…`, static files alone.

The home keeps one (`$MIMAMORI_HOME/log`, hash tiles without the entries); an export is another, with the entries in it.
"""

import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.tlog.keys import NoteError, read_verifier_key
from models.tlog.merkle import HASH_BYTES
from models.tlog.tiles import LENGTH_BYTES, MAX_ENTRY_BYTES, TILE_BYTES, WIDTH, edge_widths, tile_path
from schemas.errors import MimamoriError, UsageError
from services.ledger.errors import TileConflictError
from services.ledger.keys import PublicKey
from services.ledger.tree import Tree, edge_paths
from services.platform.files import replace

CHECKPOINT, COSIGNED, KEYS, ENDORSEMENTS = "checkpoint", "cosigned", "keys", "endorsements"
MAX_FILE_BYTES = WIDTH * (
    LENGTH_BYTES + MAX_ENTRY_BYTES
)  # a full bundle of the longest entries: no file of a log is larger
MAX_NOTE_BYTES = 1 << 18  # a proof with the longest entry and a hundred signatures
BOM = b"\xef\xbb\xbf"


class UnreadableError(MimamoriError):
    """Something lies where a file of the log is expected, and cannot be read as one."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path} を読めません。{why}")


def of_home(home: Path) -> Path:
    """Where the home keeps its public folder."""
    return home / "log"


def read_tree(folder: Path, size: int) -> Tree | None:
    """The tree of this size by the partial tiles in the folder; None where one is missing or cut short."""
    edge = []
    for path in edge_paths(size):
        tile = read(folder, path) if path else b""
        if tile is None or (path and len(tile) != HASH_BYTES * int(path.rpartition("/")[2])):
            return None
        edge.append(tile)
    return Tree(size, tuple(edge))


def read(folder: Path, path: str, *, most: int = MAX_FILE_BYTES) -> bytes | None:
    """A file's bytes; None where there is none. most: bytes that it may have.

    Raises UnreadableError for what is no file, may not be read, or is larger.
    """
    try:
        descriptor = os.open(folder / path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would wait for a writer
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableError(path, "読み取る権限があるか確かめてください。") from error
    try:
        seen = os.fstat(descriptor)
        if not stat.S_ISREG(seen.st_mode):
            raise UnreadableError(path, "ファイルではありません。")
        if seen.st_size > most:
            raise UnreadableError(path, f"大きすぎます（{most}バイトまで）。")
        with open(descriptor, "rb", buffering=0, closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def read_note(folder: Path, path: str) -> str | None:
    """A signed note or proof as it was written; None where there is none. Raises UnreadableError where it was converted."""
    content = read(folder, path, most=MAX_NOTE_BYTES)
    if content is None:
        return None
    if content.startswith(BOM):
        raise UnreadableError(path, "先頭に BOM が付いています。書き出されたままのファイルを使ってください。")
    if b"\r" in content:
        raise UnreadableError(path, "改行が CRLF に変わっています。書き出されたままのファイルを使ってください。")
    return content.decode("utf-8", errors="replace")


def write_new(folder: Path, tiles: Mapping[str, bytes]) -> None:
    """Write tiles of a tree that is not published yet; what lies there already, from a killed writer, is the same.

    A full tile that says something else raises TileConflictError. One of another length was cut short by a power cut:
    tiles are not synced, as they can be derived again.
    """
    for path, tile in tiles.items():
        found = read(folder, path)
        if found is not None and len(found) == len(tile) == TILE_BYTES and found != tile:
            raise TileConflictError(path)
        if found != tile:
            replace(folder / path, tile, lasting=False)


def prune(folder: Path, since: int, size: int) -> None:
    """Remove partial tiles whose full tile a published tree of `size` has: clients take the full one instead (C2SP tlog-tiles).

    since:  size of the tree up to which this was done before
    """
    for level, _ in enumerate(edge_widths(size)):
        for n in range(since // WIDTH >> 8 * level, size // WIDTH >> 8 * level):
            shutil.rmtree(folder / f"{tile_path(level, n)}.p", ignore_errors=True)


def write_checkpoint(folder: Path, note: str) -> None:
    """The checkpoint that readers find."""
    replace(folder / CHECKPOINT, note.encode())


def write_keys(folder: Path, keys: Sequence[PublicKey]) -> None:
    """The log's public keys, one a line, oldest first, and each endorsement as a note; what is the same is not touched."""
    files = {KEYS: "".join(f"{key.vkey}\n" for key in keys)}
    files |= {f"{ENDORSEMENTS}/{key.number}": key.endorsement for key in keys if key.endorsement}
    for path, text in files.items():
        if read(folder, path) != text.encode():
            replace(folder / path, text.encode())


def read_keys(folder: Path) -> list[PublicKey]:
    """The public keys that an exported folder names; nothing vouches for the first of them but who handed it over."""
    content = read(folder, KEYS)
    if content is None:
        raise UsageError(
            f"{folder} に公開鍵（{KEYS}）がありません。mimamori log export で書き出したフォルダーを指定してください。"
        )
    keys = []
    for number, vkey in enumerate(content.decode("utf-8", errors="replace").splitlines(), start=1):
        try:
            read_verifier_key(vkey)
        except NoteError as error:
            raise UsageError(f"{folder / KEYS} の{number}行目が公開鍵として読めません。") from error
        note = read(folder, f"{ENDORSEMENTS}/{number}")
        keys.append(PublicKey(number, vkey, None if note is None else note.decode("utf-8", errors="replace")))
    return keys
