"""Builds the tree of a published checkpoint again from the entries, and names the entry that no longer fits."""

from pathlib import Path
from typing import Any

from psycopg import Connection

from models.tlog.checkpoint import Checkpoint
from models.tlog.merkle import HASH_BYTES
from models.tlog.tiles import WIDTH
from services.ledger import folder as public
from services.ledger.errors import AlteredError
from services.ledger.tree import Tree, edge_paths, packed_hashes
from services.platform.files import replace


def rebuilt(conn: Connection[Any], folder: Path, checkpoint: Checkpoint) -> Tree:
    """The tree of `checkpoint` out of every entry below its size; tiles that are missing or spoiled are written again.

    Raises AlteredError where the entries give another root. Nothing is written before the root is seen to agree: it is what
    vouches for the tiles.
    """
    tree = Tree()
    differing: dict[str, bytes] = {}  # at most 32 bytes an entry
    for packed in packed_hashes(conn, 0, checkpoint.size):
        tree, new = tree.grown(packed)
        full = {path: tile for path, tile in new.items() if ".p/" not in path}
        differing |= {path: tile for path, tile in full.items() if public.read(folder, path) != tile}
    edge = {path: tile for path, tile in zip(edge_paths(checkpoint.size), tree.edge, strict=True) if path}
    differing |= {path: tile for path, tile in edge.items() if public.read(folder, path) != tile}
    if tree.root != checkpoint.root:
        raise AlteredError(size=checkpoint.size, index=_first_difference(folder, differing))
    for path, tile in differing.items():
        replace(folder / path, tile, lasting=False)
    return tree


def _first_difference(folder: Path, differing: dict[str, bytes]) -> int | None:
    """The first entry whose hash is not the one in its tile; None where no tile of level 0 is there to tell."""
    for path, tile in differing.items():
        found = public.read(folder, path) if path.startswith("tile/0/") else None
        if found is not None and len(found) == len(tile):
            hashes = range(0, len(tile), HASH_BYTES)
            at = next(i for i in hashes if tile[i : i + HASH_BYTES] != found[i : i + HASH_BYTES])
            return _number(path) * WIDTH + at // HASH_BYTES
    return None


def _number(path: str) -> int:
    """The number of a tile by its path, "tile/0/x001/067" or "tile/0/x001/067.p/5"."""
    words = path.partition(".p/")[0].split("/")[2:]
    return int("".join(word.removeprefix("x") for word in words))
