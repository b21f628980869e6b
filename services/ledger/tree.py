"""The tree over the entries: their hashes come out of the database in bulk, and a tree grows from its edge alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from models.tlog.tiles import WIDTH, edge_root, edge_widths, grown, split_hashes, tile_path
from services.ledger.errors import EntryMissingError
from services.platform.queries import queries

SQL = queries("services.ledger")
CHUNK = 64 * WIDTH  # entries asked for at once: some megabytes


@dataclass(frozen=True)
class Tree:
    """A tree by its edge. edge: the partial tile of each level, level 0 first; b"" where a level has none."""

    size: int = 0
    edge: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The root, 32 bytes."""
        return edge_root(self.edge)

    def grown(self, added: bytes) -> tuple["Tree", dict[str, bytes]]:
        """The tree with further leaf hashes (joined, in order), and every tile that it has and this one had not."""
        hashes = split_hashes(added)
        new = dict(grown(self.size, self.edge, hashes))
        size = self.size + len(hashes)
        edge = []
        for level, path in enumerate(edge_paths(size)):
            before = self.edge[level] if level < len(self.edge) else b""
            edge.append(new.get(path, before) if path else b"")
        return Tree(size, tuple(edge)), new


def edge_paths(size: int) -> list[str]:
    """Where the partial tile of each level lies, level 0 first; "" where a level has none."""
    return [
        tile_path(level, (size >> 8 * level) // WIDTH, width) if width else ""
        for level, width in enumerate(edge_widths(size))
    ]


def full_paths(size: int) -> Iterator[str]:
    """Where the full tiles of a tree of this size lie, level by level."""
    for level, _ in enumerate(edge_widths(size)):
        for n in range((size >> 8 * level) // WIDTH):
            yield tile_path(level, n)


def log_size(conn: Connection[Any]) -> int:
    """How many entries the log has."""
    row = conn.execute(SQL["size"]).fetchone()
    assert row is not None
    return int(row[0])


def leaf_hashes(conn: Connection[Any], since: int = 0) -> Iterator[bytes]:
    """The leaf hash of every entry from index `since` on, in order; raises EntryMissingError where one is missing."""
    for packed in packed_hashes(conn, since, log_size(conn)):
        yield from split_hashes(packed)


def packed_hashes(conn: Connection[Any], first: int, end: int) -> Iterator[bytes]:
    """The leaf hashes of entries first … end - 1, joined, in pieces that end at whole tiles."""
    for a, b in chunks(first, end):
        row = conn.execute(SQL["hashes"], {"a": a, "b": b}, binary=True).fetchone()
        assert row is not None
        if row[0] != b - a:
            raise EntryMissingError(first_missing(conn, a, b))
        yield bytes(row[1])


def first_missing(conn: Connection[Any], first: int, end: int) -> int:
    """The first index from `first` that has no entry; `end` where all have."""
    row = conn.execute(SQL["first_missing"], {"a": first, "b": end}).fetchone()
    assert row is not None
    return int(row[0])


def chunks(first: int, end: int) -> Iterator[tuple[int, int]]:
    """Ranges (end not included) that cover first … end - 1; all but the last end at a multiple of CHUNK."""
    while first < end:
        stop = min(end, (first // CHUNK + 1) * CHUNK)
        yield first, stop
        first = stop
