"""Making Merkle proofs (RFC 6962 §§2.1.1, 2.1.2) out of stored perfect subtrees.

A proof is first planned as ranges of leaves, without any hash. Each range is a subtree: a
perfect one, or the right edge of the tree, which falls into perfect ones. All of them are
then read in one batch, so that a store answers a proof with one query.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from crypto._tree import Frontier, fold, node_hash, require_hashes, root_of
from crypto.errors import ProofError
from crypto.strict import MAX_SIZE, require_range

NodeReader: TypeAlias = Callable[[Sequence[tuple[int, int]]], Sequence[bytes]]
"""Reads perfect subtrees: (level, index) stands for the leaves from ``index * 2**level`` up
to, not including, ``(index + 1) * 2**level``. Gives one hash for each pair, in order."""

_Range: TypeAlias = tuple[int, int]


def frontier_nodes(size: int) -> list[tuple[int, int]]:
    """Name the perfect subtrees, as (level, index), of which a tree of ``size`` consists.

    Raises:
        FormatError: the size is out of range.
    """
    require_range("tree size", size, 0, MAX_SIZE)
    return _perfect((0, size))


def frontier_at(size: int, read: NodeReader) -> Frontier:
    """Read the frontier of the tree as it was at ``size``, in one batch.

    Raises:
        FormatError: the size is out of range, or the reader gave something else than hashes.
        ProofError: the reader gave another number of hashes than it was asked for.
    """
    return Frontier(size=size, hashes=tuple(_read(frontier_nodes(size), read)))


def inclusion_proof(index: int, size: int, read: NodeReader) -> list[bytes]:
    """Make the proof that the leaf at ``index`` stands in the tree of ``size``.

    Returns:
        The hashes, the leaf's sibling first (RFC 6962 §2.1.1).

    Raises:
        ProofError: the index is not below the size; or the reader misbehaved.
        FormatError: the size is out of range.
    """
    require_range("tree size", size, 0, MAX_SIZE)
    if not 0 <= index < size:
        msg = f"expected an index below the size {size}, got {index}"
        raise ProofError(msg)
    return _roots(_inclusion_ranges(index, size), read)


def consistency_proof(old: int, new: int, read: NodeReader) -> list[bytes]:
    """Make the proof that the tree of ``new`` leaves begins with that of ``old`` leaves.

    Returns:
        The hashes as RFC 6962 §2.1.2 orders them; none if ``old`` is 0 or equals ``new``.

    Raises:
        ProofError: old is larger than new; or the reader misbehaved.
        FormatError: a size is out of range.
    """
    return _roots(_consistency_ranges(old, new), read)


def consistency_from_known(
    k: int, frontier_k: Frontier, leaves: Sequence[bytes], n: int, path_m_to_n: Sequence[bytes]
) -> list[bytes]:
    """Make the path k → n from what is known up to m and a verified path m → n.

    A reader that finds a fork holds its own tree up to k, has the other history's leaves
    only up to m, and must write the evidence before the rest is downloaded. Every subtree
    that the path k → n needs lies before m, and is hashed here; or begins at or after m, and
    then stands in the path m → n; or holds m inside, and then consists of such two.

    Args:
        k: size of the tree that the path starts from.
        frontier_k: frontier at ``k``.
        leaves: leaf hashes from ``k`` up to, not including, m = ``k + len(leaves)``.
        n: size that both paths lead to.
        path_m_to_n: the path m → n, which the caller has verified.

    Returns:
        The path k → n, which verifies from the root at k to the root at n.

    Raises:
        ProofError: the sizes do not fit each other or the path has not the right length.
        FormatError: a hash has not 32 bytes.
    """
    m = k + len(leaves)
    if frontier_k.size != k or m > n:
        msg = (
            f"expected a frontier at {k} and at most {n - k} leaves, got {frontier_k.size}, {m - k}"
        )
        raise ProofError(msg)
    require_hashes("consistency path", path_m_to_n)
    given = _consistency_ranges(m, n)
    if len(given) != len(path_m_to_n):
        msg = f"path {m} to {n}: expected {len(given)} hashes, got {len(path_m_to_n)}"
        raise ProofError(msg)
    known: dict[_Range, bytes] = dict(zip(given, path_m_to_n, strict=True))
    for (level, index), found in zip(_perfect((0, k)), frontier_k.hashes, strict=True):
        known[index << level, (index + 1) << level] = found

    def root(span: _Range) -> bytes:
        begin, end = span
        if (found := known.get(span)) is not None:
            return found
        if end <= m:
            return root_of(leaves[begin - k : end - k])
        middle = begin + _split(end - begin)
        return node_hash(root((begin, middle)), root((middle, end)))

    require_hashes("leaf hashes", leaves)
    return [root(span) for span in _consistency_ranges(k, n)]


def _split(count: int) -> int:
    """Give the largest power of two smaller than ``count``, for a count of at least 2."""
    return 1 << (count - 1).bit_length() - 1


def _inclusion_ranges(index: int, size: int) -> list[_Range]:
    """Plan PATH(index, D[size]) of RFC 6962 §2.1.1, walking down from the root."""
    begin, end = 0, size
    path: list[_Range] = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin = middle
    path.reverse()
    return path


def _consistency_ranges(old: int, new: int) -> list[_Range]:
    """Plan PROOF(old, D[new]) of RFC 6962 §2.1.2, walking down from the root.

    The last subtree of the old tree is left out where it is the whole old tree: the verifier
    has that root (the flag b of SUBPROOF).
    """
    require_range("new size", new, 0, MAX_SIZE)
    if not 0 <= old <= new:
        msg = f"expected an old size of at most {new}, got {old}"
        raise ProofError(msg)
    if old == 0:
        return []
    begin, end = 0, new
    path: list[_Range] = []
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin = middle
    if begin:
        path.append((begin, end))
    path.reverse()
    return path


def _perfect(span: _Range) -> list[tuple[int, int]]:
    """Name the perfect subtrees of a range that is itself a subtree, the largest first."""
    begin, end = span
    nodes: list[tuple[int, int]] = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        nodes.append((level, begin >> level))
        begin += 1 << level
    return nodes


def _read(nodes: Sequence[tuple[int, int]], read: NodeReader) -> Sequence[bytes]:
    if not nodes:
        return ()
    hashes = read(nodes)
    if len(hashes) != len(nodes):
        msg = f"expected {len(nodes)} hashes from the reader, got {len(hashes)}"
        raise ProofError(msg)
    require_hashes("nodes read", hashes)
    return hashes


def _roots(spans: Sequence[_Range], read: NodeReader) -> list[bytes]:
    parts = [_perfect(span) for span in spans]
    hashes = iter(_read([node for part in parts for node in part], read))
    return [fold([next(hashes) for _ in part]) for part in parts]
