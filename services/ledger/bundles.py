"""Hashes exported entries again, bundle by bundle, beside their tiles of level 0; large exports on all cores at once."""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from models.tlog.merkle import HASH_BYTES, LEAF, root
from models.tlog.tiles import WIDTH, bundle_path, read_bundle, split_hashes, tile_path
from services.ledger import folder as public

AT_ONCE = 128  # bundles a task
WORTH_IT = 400  # bundles from which further processes pay
DAY, DAY_LENGTH = b'"day":"', 10  # cannot stand inside a canonical string, whose quotation marks are escaped


@dataclass(frozen=True)
class Bundle:
    """Up to 256 entries as they were found, and the tile beside them.

    number, width:  of the bundle, from 0; how many entries the tree has in it
    entries, tile:  how many hashes each gives; None where the file is missing
    differing:      indices where both give a hash and the two disagree
    hashes:         out of the entries, and out of the tile where that is there: the root where it is full, else the hashes
    days:           (day, index) wherever the day is another than that of the entry before, the first included
    """

    number: int
    width: int
    entries: int | None
    tile: int | None
    differing: tuple[int, ...]
    hashes: tuple[bytes, bytes]
    days: tuple[tuple[bytes, int], ...]

    @property
    def first(self) -> int:
        """Index of its first entry."""
        return self.number * WIDTH

    @property
    def paths(self) -> tuple[str, str]:
        """Of the entries and of the tile."""
        return bundle_path(self.number, self.width), tile_path(0, self.number, self.width)


def bundles(folder: Path, size: int) -> Iterator[Bundle]:
    """Every bundle of an export of this size, in order; on several cores where there are many."""
    count = -(-size // WIDTH)
    starts = range(0, count, AT_ONCE)
    task = partial(_read_some, folder, size, count)
    if count < WORTH_IT or (os.cpu_count() or 1) < 2:
        for start in starts:
            yield from task(start)
        return
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for part in pool.map(task, starts):
            yield from part


def entry_hashes(folder: Path, size: int, number: int) -> bytes | None:
    """The leaf hashes of one bundle's entries, joined; of one cut short, what is there; None where it is missing."""
    entries = _entries(folder, bundle_path(number, min(WIDTH, size - number * WIDTH)))
    return None if entries is None else _joined_hashes(entries)


def readable(folder: Path, path: str) -> bytes | None:
    """A file's bytes; None where there is none that can be read."""
    try:
        return public.read(folder, path)
    except public.UnreadableError:
        return None


def _read_some(folder: Path, size: int, count: int, start: int) -> list[Bundle]:
    return [_read(folder, size, number) for number in range(start, min(start + AT_ONCE, count))]


def _read(folder: Path, size: int, number: int) -> Bundle:
    first, width = number * WIDTH, min(WIDTH, size - number * WIDTH)
    entries = _entries(folder, bundle_path(number, width))
    tile = readable(folder, tile_path(0, number, width))
    found = _joined_hashes(entries or [])
    beside = found if tile is None else tile
    return Bundle(
        number,
        width,
        None if entries is None else len(entries),
        None if tile is None else len(tile) // HASH_BYTES,
        () if beside == found else _differing(found, beside, first),
        _roots(found, beside) if width == WIDTH else (found, beside),
        _days(entries or [], first),
    )


def _entries(folder: Path, path: str) -> list[bytes] | None:
    content = readable(folder, path)
    if content is None:
        return None
    try:
        return read_bundle(content)
    except ValueError:
        return []  # ends within an entry: none of it can be trusted to be one


def _joined_hashes(entries: list[bytes]) -> bytes:
    sha256 = hashlib.sha256
    return b"".join([sha256(LEAF + entry).digest() for entry in entries])  # merkle.leaf_hash, without a call an entry


def _differing(found: bytes, beside: bytes, first: int) -> tuple[int, ...]:
    pairs = zip(split_hashes(found), split_hashes(beside), strict=False)
    return tuple(index for index, (one, other) in enumerate(pairs, first) if one != other)


def _roots(found: bytes, beside: bytes) -> tuple[bytes, bytes]:
    over = root(split_hashes(found))
    return over, over if beside == found else root(split_hashes(beside))


def _days(entries: list[bytes], first: int) -> tuple[tuple[bytes, int], ...]:
    changes: list[tuple[bytes, int]] = []
    last = b""
    for index, entry in enumerate(entries, first):
        at = entry.find(DAY) + len(DAY)
        day = entry[at : at + DAY_LENGTH]
        if day != last:
            changes.append((day, index))
            last = day
    return tuple(changes)
