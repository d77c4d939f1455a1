"""Hashes of the Merkle tree and its growing edge (RFC 6962 §2.1 = RFC 9162 §2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from crypto.errors import FormatError
from crypto.strict import MAX_SIZE, require_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASH_SIZE = 32
"""Bytes of a SHA-256 hash."""

EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962 §2.1: the hash of the empty string)."""


def leaf_hash(data: bytes) -> bytes:
    """Hash one leaf: ``SHA-256(0x00 || data)`` (RFC 6962 §2.1)."""
    return sha256(b"\x00" + data).digest()


def leaf_hashes(datas: Iterable[bytes]) -> list[bytes]:
    """Hash many leaves, in order; the same as ``leaf_hash`` of each."""
    return [sha256(b"\x00" + data).digest() for data in datas]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node: ``SHA-256(0x01 || left || right)`` (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def require_hashes(what: str, hashes: Iterable[bytes]) -> None:
    """Refuse anything that is not a hash of 32 bytes.

    Without this, an empty string passed as a root matches an empty string passed as a leaf.

    Raises:
        FormatError: one of them has another length.
    """
    if not set(map(len, hashes)) <= {HASH_SIZE}:
        msg = f"{what}: expected hashes of {HASH_SIZE} bytes"
        raise FormatError(msg)


def level_above(nodes: Sequence[bytes]) -> list[bytes]:
    """Hash the nodes of one level in pairs; a last one without partner is left out.

    One comprehension over a whole level costs a third of pushing leaf by leaf.
    """
    each = iter(nodes)
    return [
        sha256(b"\x01" + left + right).digest() for left, right in zip(each, each, strict=False)
    ]


def root_of(level_hashes: Sequence[bytes]) -> bytes:
    """Fold neighbouring nodes of one level into the root of the tree over them.

    Handing the last odd node up unchanged at each level gives the same tree as splitting at
    the largest power of two (RFC 9162 §2.1.1).

    Args:
        level_hashes: hashes of 32 bytes, from left to right; none gives ``EMPTY_ROOT``.
    """
    if not level_hashes:
        return EMPTY_ROOT
    nodes = list(level_hashes)
    while len(nodes) > 1:
        above = level_above(nodes)
        if len(nodes) & 1:
            above.append(nodes[-1])
        nodes = above
    return nodes[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The right edge of a tree: all that is needed to grow it and to know its root.

    Attributes:
        size: number of leaves.
        hashes: roots of the perfect subtrees from left to right, the largest first; one
            for each bit that is set in ``size``.
    """

    size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Check that the hashes can be those of a tree of this size.

        Raises:
            FormatError: wrong size, number of hashes, or length of a hash.
        """
        require_range("tree size", self.size, 0, MAX_SIZE)
        if len(self.hashes) != self.size.bit_count():
            msg = (
                f"frontier of {self.size} leaves: expected {self.size.bit_count()} hashes, "
                f"got {len(self.hashes)}"
            )
            raise FormatError(msg)
        require_hashes("frontier", self.hashes)

    @classmethod
    def empty(cls) -> Frontier:
        """Give the frontier of the tree without leaves."""
        return cls(size=0, hashes=())

    def root(self) -> bytes:
        """Give the root: the perfect subtrees folded from the right (RFC 6962 §2.1)."""
        return fold(self.hashes)

    def extend(self, hashes: Sequence[bytes]) -> Frontier:
        """Give the frontier after these leaves were added.

        Works level by level: a level that begins at an odd place takes the subtree waiting
        there from the old frontier, and a last node without partner waits in the new one.

        Args:
            hashes: leaf hashes of 32 bytes, in order.

        Raises:
            FormatError: a hash of another length, or more than ``MAX_SIZE`` leaves.
        """
        require_hashes("leaf hashes", hashes)
        higher = list(self.hashes)
        waiting: list[bytes] = []  # from the lowest level up
        nodes = list(hashes)
        begin = self.size
        while nodes:
            if begin & 1:
                nodes.insert(0, higher.pop())
            if len(nodes) & 1:
                waiting.append(nodes[-1])
            nodes = level_above(nodes)
            begin >>= 1
        return Frontier(size=self.size + len(hashes), hashes=(*higher, *reversed(waiting)))


def fold(hashes: Sequence[bytes]) -> bytes:
    """Fold perfect subtrees, the largest first, into the root over all of them."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root
