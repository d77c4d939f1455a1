"""Checking Merkle proofs (RFC 9162 §§2.1.3.2, 2.1.4.2; the trees are those of RFC 6962)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crypto._tree import EMPTY_ROOT, node_hash, require_hashes
from crypto.errors import ProofError
from crypto.strict import MAX_SIZE, require_range

if TYPE_CHECKING:
    from collections.abc import Sequence


def verify_inclusion(
    *, index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf stands at ``index`` in the tree of ``size`` leaves under ``root``.

    Follows RFC 9162 §2.1.3.2 step by step.

    Args:
        index: place of the leaf, from 0.
        size: number of leaves of the tree.
        leaf_hash: ``leaf_hash(entry)``, 32 bytes.
        proof: hashes, the leaf's sibling first.
        root: root of a checkpoint that the caller has verified.

    Raises:
        ProofError: the index is not in the tree, the proof is too short or too long, or
            it leads to another root.
        FormatError: a hash has not 32 bytes, or the size is out of range.
    """
    require_hashes("inclusion proof", (leaf_hash, root, *proof))
    require_range("tree size", size, 0, MAX_SIZE)
    if not 0 <= index < size:  # step 1
        msg = f"expected an index below the size {size}, got {index}"
        raise ProofError(msg)
    fn, sn, found = index, size - 1, leaf_hash  # steps 2, 3
    for sibling in proof:  # step 4
        if sn == 0:
            msg = f"inclusion proof of {index} in {size} has too many hashes: {len(proof)}"
            raise ProofError(msg)
        if fn & 1 or fn == sn:
            found = node_hash(sibling, found)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            found = node_hash(found, sibling)
        fn >>= 1
        sn >>= 1
    if sn != 0:  # step 5
        msg = f"inclusion proof of {index} in {size} has too few hashes: {len(proof)}"
        raise ProofError(msg)
    if found != root:
        msg = f"inclusion of {index} in {size}: expected root {root.hex()}, got {found.hex()}"
        raise ProofError(msg)


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of ``new_size`` begins with the tree of ``old_size``.

    Follows RFC 9162 §2.1.4.2 for 0 < old < new. Equal sizes need an empty proof and equal
    roots. From the empty tree everything is consistent: the proof is empty and the old root
    is ``EMPTY_ROOT`` (tlog-witness: a proof with an old size of 0 is refused).

    Raises:
        ProofError: old larger than new, a proof of the wrong length, or one that does not
            lead to both roots.
        FormatError: a hash has not 32 bytes, or a size is out of range.
    """
    require_hashes("consistency proof", (old_root, new_root, *proof))
    require_range("new size", new_size, 0, MAX_SIZE)
    if not 0 <= old_size <= new_size:
        msg = f"expected an old size of at most {new_size}, got {old_size}"
        raise ProofError(msg)
    if old_size in {0, new_size}:
        _verify_trivial(old_size, new_size, old_root, new_root, proof)
        return
    old_found, new_found = _roots_of_path(old_size, new_size, old_root, proof)
    _require_root("old", old_size, old_root, old_found)
    _require_root("new", new_size, new_root, new_found)


def _roots_of_path(
    old_size: int, new_size: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Give the two roots to which a path leads, for 0 < old < new."""
    path = list(proof)
    if not old_size & (old_size - 1):  # step 2: the old tree is itself a node of the new one
        path.insert(0, old_root)
    if not path:  # step 1
        msg = f"consistency proof {old_size} to {new_size} is empty"
        raise ProofError(msg)
    fn, sn = old_size - 1, new_size - 1  # step 3
    while fn & 1:  # step 4
        fn >>= 1
        sn >>= 1
    old_found = new_found = path[0]  # step 5
    for sibling in path[1:]:  # step 6
        if sn == 0:
            msg = f"consistency proof {old_size} to {new_size} is too long: {len(proof)}"
            raise ProofError(msg)
        if fn & 1 or fn == sn:
            old_found = node_hash(sibling, old_found)
            new_found = node_hash(sibling, new_found)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            new_found = node_hash(new_found, sibling)
        fn >>= 1
        sn >>= 1
    if sn != 0:  # step 7
        msg = f"consistency proof {old_size} to {new_size} is too short: {len(proof)}"
        raise ProofError(msg)
    return old_found, new_found


def _verify_trivial(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    if proof:
        msg = f"expected an empty proof {old_size} to {new_size}, got {len(proof)} hashes"
        raise ProofError(msg)
    if old_size == 0:
        _require_root("old", 0, old_root, EMPTY_ROOT)
    if old_size == new_size:
        _require_root("new", new_size, new_root, old_root)


def _require_root(which: str, size: int, expected: bytes, found: bytes) -> None:
    if found != expected:
        msg = f"{which} root at {size}: expected {expected.hex()}, got {found.hex()}"
        raise ProofError(msg)
