"""The public folder of the log: `checkpoint`, `keys`, `endorsements/NUMBER` and `tile/…`, static files alone.

The home keeps one (`$MIMAMORI_HOME/log`, hash tiles without the entries); an export is another, with the entries in it.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.tlog.keys import NoteError, read_verifier_key
from models.tlog.merkle import HASH_BYTES
from models.tlog.tiles import TILE_BYTES
from schemas.errors import UsageError
from services.ledger.errors import TileConflictError
from services.ledger.keys import PublicKey
from services.ledger.tree import Tree, edge_paths
from services.platform.files import replace

CHECKPOINT, KEYS, ENDORSEMENTS = "checkpoint", "keys", "endorsements"


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


def read(folder: Path, path: str) -> bytes | None:
    """A file's bytes; None where there is none."""
    try:
        return (folder / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


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
        if len(tile) == TILE_BYTES:
            shutil.rmtree(
                folder / f"{path}.p", ignore_errors=True
            )  # its partial states; clients take the full one instead


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
