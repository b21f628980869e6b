"""The Merkle tree of RFC 6962 (and RFC 9162): hashes of leaves and the root over them."""

from models.tlog.merkle import leaf_hash, root

__all__ = ["leaf_hash", "root"]
