"""Inclusion and consistency proofs of RFC 6962, sections 2.1.1 and 2.1.2.

A proof is the roots of certain ranges of leaves. Which ranges depends on the sizes alone, so prover and verifier both
ask `inclusion_ranges` and `consistency_ranges`, and a store of tiles can prove without reading every leaf
(`models.tlog.tiles.range_root`). A range is (first, end): the end is not included.
"""

from collections.abc import Sequence

from models.tlog.merkle import HASH_BYTES, node_hash, root

Range = tuple[int, int]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges beside the path from leaf `index` (from 0) to the root of `size` leaves, lowest first."""
    if not 0 <= index < size:
        raise IndexError("the index lies outside the tree")
    ranges, first, end = [], 0, size
    while end - first > 1:
        middle = _split(first, end)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The ranges that show the tree of `new` leaves to begin with that of `old`; none where old is 0 or new."""
    if not 0 <= old <= new:
        raise IndexError("the old tree is larger than the new one")
    if old == 0:
        return []
    ranges, first, end = [], 0, new
    while end != old:
        middle = _split(first, end)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    if first:  # else the innermost range is the whole old tree, whose root the verifier has
        ranges.append((first, end))
    return ranges[::-1]


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int, size: int) -> list[bytes]:
    """Proof that leaf `index` is in the tree of the first `size` leaves; the leaf's sibling comes first."""
    return [root(leaf_hashes[first:end]) for first, end in inclusion_ranges(index, _within(leaf_hashes, size))]


def consistency_proof(leaf_hashes: Sequence[bytes], old: int, new: int) -> list[bytes]:
    """Proof that the tree of the first `new` leaves begins with that of the first `old`."""
    return [root(leaf_hashes[first:end]) for first, end in consistency_ranges(old, _within(leaf_hashes, new))]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the entry with leaf hash `leaf` is number `index` (from 0) in the tree of `size` leaves under `root`."""
    if not 0 <= index < size:
        return False
    ranges = inclusion_ranges(index, size)
    if not _fits([leaf, *proof], len(ranges) + 1):
        return False
    climbed = leaf
    for (first, _), hash_ in zip(ranges, proof, strict=True):
        climbed = node_hash(climbed, hash_) if first > index else node_hash(hash_, climbed)
    return climbed == root


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new` leaves under `new_root` begins with the tree of `old` leaves under `old_root`."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and old_root == (root([]) if old == 0 else new_root)
    ranges = consistency_ranges(old, new)
    if not _fits([old_root, *proof], len(ranges) + 1):
        return False
    hashes = list(proof)
    if ranges[0][0] < old:
        start, beside = hashes[0], list(zip(ranges[1:], hashes[1:], strict=True))
    else:
        start, beside = old_root, list(zip(ranges, hashes, strict=True))
    return _climb(start, beside, old) == (old_root, new_root)


def _climb(start: bytes, beside: Sequence[tuple[Range, bytes]], old: int) -> tuple[bytes, bytes]:
    """The old and the new root over `start`: what lies left belongs to both trees, what lies right to the new alone."""
    before = after = start
    for (first, _), hash_ in beside:
        if first >= old:
            after = node_hash(after, hash_)
        else:
            before, after = node_hash(hash_, before), node_hash(hash_, after)
    return before, after


def _split(first: int, end: int) -> int:
    """Where RFC 6962 splits a range of two leaves or more: after the largest power of two below its length."""
    return first + (1 << (end - first - 1).bit_length() - 1)


def _within(leaf_hashes: Sequence[bytes], size: int) -> int:
    if size > len(leaf_hashes):
        raise IndexError("the tree is larger than its leaves")
    return size


def _fits(hashes: Sequence[bytes], count: int) -> bool:
    """Whether these are `count` hashes: one of another length would move the border between left and right."""
    return len(hashes) == count and all(len(hash_) == HASH_BYTES for hash_ in hashes)
