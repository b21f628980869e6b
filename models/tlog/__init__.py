"""A transparency log without effects: Merkle tree (RFC 6962), tiles, proofs, signed notes and checkpoints (C2SP)."""

from models.tlog.merkle import leaf_hash, root

__all__ = ["leaf_hash", "root"]
