"""The root of a tree that grows leaf by leaf, in memory that grows with the logarithm of its size."""

import hashlib

from models.tlog.merkle import node_hash


class GrowingTree:
    """Holds the roots of the perfect subtrees that the leaves so far split into, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append one leaf hash. Each bit set at the low end of the old size is a subtree that the new leaf completes."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self._peaks.pop(), node)
            size >>= 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over the leaves so far; of an empty tree, SHA-256 of nothing."""
        if not self._peaks:
            return hashlib.sha256().digest()
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = node_hash(peak, node)
        return node
