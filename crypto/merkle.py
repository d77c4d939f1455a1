"""The Merkle tree of a log: growing it, proving with it, checking its proofs.

RFC 6962 §2.1, whose trees and proofs RFC 9162 §2.1 repeats and C2SP builds on. A tree is
known by its `Frontier`; proofs are made from stored perfect subtrees through a `NodeReader`.
"""

from crypto._paths import (
    NodeReader,
    consistency_from_known,
    consistency_proof,
    frontier_at,
    frontier_nodes,
    inclusion_proof,
)
from crypto._tree import (
    EMPTY_ROOT,
    HASH_SIZE,
    Frontier,
    leaf_hash,
    leaf_hashes,
    node_hash,
    root_of,
)
from crypto._verify import verify_consistency, verify_inclusion

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "Frontier",
    "NodeReader",
    "consistency_from_known",
    "consistency_proof",
    "frontier_at",
    "frontier_nodes",
    "inclusion_proof",
    "leaf_hash",
    "leaf_hashes",
    "node_hash",
    "root_of",
    "verify_consistency",
    "verify_inclusion",
]
