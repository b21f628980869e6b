"""Hash tiles and entry bundles of a tiled log (C2SP tlog-tiles): which files a tree has, and what is in them.

A tile of level 0 holds up to 256 leaf hashes, one of level l + 1 the roots of full tiles of level l. The *edge* of a
tree is its partial tiles, one a level from 0 upwards (b"" where a level has none): it is all that is needed to let the
tree grow and to tell its root.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

from models.tlog.merkle import HASH_BYTES, NODE, node_hash, root

WIDTH = 256  # hashes in a full tile, entries in a full bundle
LEVELS_IN_TILE = 8  # of the binary tree
TILE_BYTES = WIDTH * HASH_BYTES
LENGTH_BYTES = 2  # big-endian, before each entry of a bundle
MAX_ENTRY_BYTES = (1 << 8 * LENGTH_BYTES) - 1

ReadTile = Callable[[int, int, int], bytes]  # level, number from 0, width 1 to 256 → the tile's hashes


def tile_path(level: int, n: int, width: int = WIDTH) -> str:
    """Where hash tile `n` of a level lies, as "tile/0/x001/067"; narrower than 256, it ends in ".p/WIDTH"."""
    return f"tile/{level}/{_number(n)}{_suffix(width)}"


def bundle_path(n: int, width: int = WIDTH) -> str:
    """Where entry bundle `n` lies, as "tile/entries/x001/067"; narrower than 256, it ends in ".p/WIDTH"."""
    return f"tile/entries/{_number(n)}{_suffix(width)}"


def tiles(leaf_hashes: Sequence[bytes], *, since: int = 0) -> Iterator[tuple[str, bytes]]:
    """Path and content of every hash tile that this tree has and the tree of its first `since` leaves had not."""
    level, count, hashes = 0, since, b"".join(leaf_hashes)
    while hashes:
        yield from _of_level(level, 0, hashes, count)
        level, count, hashes = level + 1, count // WIDTH, _roots_of_full_tiles(hashes)


def grown(size: int, edge: Sequence[bytes], added: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """What `tiles` gives when leaf hashes are added to a tree of `size` leaves, from its edge instead of all leaves."""
    level, count, new = 0, size, b"".join(added)
    while new:
        hashes = (edge[level] if level < len(edge) else b"") + new
        yield from _of_level(level, count // WIDTH, hashes, count)
        level, count, new = level + 1, count // WIDTH, _roots_of_full_tiles(hashes)


def edge_widths(size: int) -> list[int]:
    """How many hashes the partial tile of each level has in a tree of `size` leaves: 0 to 255, level 0 first."""
    widths = []
    while size:
        widths.append(size % WIDTH)
        size //= WIDTH
    return widths


def edge_root(edge: Sequence[bytes]) -> bytes:
    """The root of the tree with this edge: what a level leaves over stands beside the hashes of the next."""
    over: list[bytes] = []
    for tile in edge:
        hashes = split_hashes(tile) + over
        over = [root(hashes)] if hashes else []
    return root(over)


def range_root(first: int, end: int, size: int, read: ReadTile) -> bytes:
    """The root over leaves first … end - 1 of a tree of `size` leaves, out of its tiles.

    first, end:  one of the ranges that `models.tlog.proofs` asks for
    """
    length = end - first
    if length & (length - 1):
        middle = first + (1 << length.bit_length() - 1)
        return node_hash(range_root(first, middle, size, read), range_root(middle, end, size, read))
    level = (length.bit_length() - 1) // LEVELS_IN_TILE
    start, count = first >> LEVELS_IN_TILE * level, length >> LEVELS_IN_TILE * level
    n = start // WIDTH
    width = min(WIDTH, (size >> LEVELS_IN_TILE * level) - n * WIDTH)
    offset = start - n * WIDTH
    return root(split_hashes(read(level, n, width))[offset : offset + count])


def split_hashes(tile: bytes) -> list[bytes]:
    """The hashes of a tile, in order."""
    return [tile[i : i + HASH_BYTES] for i in range(0, len(tile), HASH_BYTES)]


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries one after the other, the length of each before it; ValueError for an entry above 65,535 bytes."""
    if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise ValueError("an entry is too long for a bundle")
    return b"".join(part for entry in entries for part in (len(entry).to_bytes(LENGTH_BYTES, "big"), entry))


def read_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle in order; ValueError where it ends within an entry."""
    entries, at = [], 0
    try:
        while at < len(bundle):
            start = at + LENGTH_BYTES
            at = start + (bundle[at] << 8 | bundle[at + 1])
            entries.append(bundle[start:at])
    except IndexError as error:
        raise ValueError("the bundle ends within an entry's length") from error
    if at > len(bundle):
        raise ValueError("the bundle ends within an entry")
    return entries


def _of_level(level: int, first: int, hashes: bytes, before: int) -> Iterator[tuple[str, bytes]]:
    """The tiles of one level whose hashes begin with tile `first`, but for those a level of `before` hashes had."""
    for n in range(before // WIDTH, first + -(-len(hashes) // TILE_BYTES)):
        tile = hashes[(n - first) * TILE_BYTES : (n - first + 1) * TILE_BYTES]
        width = len(tile) // HASH_BYTES
        if n * WIDTH + width > before:
            yield tile_path(level, n, width), tile


def _roots_of_full_tiles(hashes: bytes) -> bytes:
    """One hash for every 256 in order; those of a last partial tile are left out."""
    sha256 = hashlib.sha256
    level = hashes[: len(hashes) // TILE_BYTES * TILE_BYTES]
    for _ in range(LEVELS_IN_TILE):
        # merkle.node_hash in one expression: a call more for each of a million nodes would double the time
        level = b"".join([sha256(NODE + level[i : i + 64]).digest() for i in range(0, len(level), 64)])
    return level


def _number(n: int) -> str:
    """Zero-padded groups of three digits, all but the last begun by x: no tile is ever a folder of another."""
    groups = [f"{n % 1000:03}"]
    while n := n // 1000:
        groups.append(f"x{n % 1000:03}")
    return "/".join(reversed(groups))


def _suffix(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"
