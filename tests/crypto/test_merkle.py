"""Trees and proofs against a plain recursive reading of RFC 6962 §2.1."""

from __future__ import annotations

import functools
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crypto import CryptoError, FormatError, ProofError
from crypto.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_from_known,
    consistency_proof,
    frontier_at,
    frontier_nodes,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY = 131
LARGE = 5000
LEAVES = [sha256(b"\x00" + b"leaf %d" % i).digest() for i in range(LARGE)]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


@functools.cache
def mth(begin: int, end: int) -> bytes:
    """MTH(D[begin:end]) of RFC 6962 §2.1."""
    n = end - begin
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return LEAVES[begin]
    k = split(n)
    return sha256(b"\x01" + mth(begin, begin + k) + mth(begin + k, end)).digest()


def path(m: int, begin: int, end: int) -> list[bytes]:
    """PATH(m, D[begin:end]) of RFC 6962 §2.1.1."""
    n = end - begin
    if n == 1:
        return []
    k = split(n)
    if m < k:
        return [*path(m, begin, begin + k), mth(begin + k, end)]
    return [*path(m - k, begin + k, end), mth(begin, begin + k)]


def subproof(m: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[begin:end], b) of RFC 6962 §2.1.2."""
    n = end - begin
    if m == n:
        return [] if whole else [mth(begin, end)]
    k = split(n)
    if m <= k:
        return [*subproof(m, begin, begin + k, whole=whole), mth(begin + k, end)]
    return [*subproof(m - k, begin + k, end, whole=False), mth(begin, begin + k)]


class Reader:
    """Reads subtrees of the reference tree and counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, nodes: Sequence[tuple[int, int]]) -> list[bytes]:
        self.calls += 1
        return [mth(i << level, (i + 1) << level) for level, i in nodes]


def frontier(size: int) -> Frontier:
    return Frontier.empty().extend(LEAVES[:size])


def test_published_roots() -> None:
    """The eight inputs with which implementations of RFC 6962 are compared."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    inputs.append("606162636465666768696a6b6c6d6e6f")
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    hashes = leaf_hashes(bytes.fromhex(data) for data in inputs)
    assert hashes == [leaf_hash(bytes.fromhex(data)) for data in inputs]
    for size, root in roots.items():
        assert Frontier.empty().extend(hashes[:size]).root().hex() == root
    assert Frontier.empty().root() == EMPTY_ROOT == sha256(b"").digest()


def test_every_size_grows_the_same_in_one_step_and_leaf_by_leaf() -> None:
    stepwise = Frontier.empty()
    for size in range(EVERY):
        assert stepwise.root() == mth(0, size) == root_of(LEAVES[:size])
        assert stepwise == frontier(size) == frontier_at(size, Reader())
        stepwise = stepwise.extend([LEAVES[size]])


@settings(deadline=None)
@given(st.integers(0, 2000), st.integers(0, 3000))
@example(1023, 1)
@example(1024, 1024)
@example(255, 2)
def test_growing_in_two_batches(first: int, second: int) -> None:
    grown = frontier(first).extend(LEAVES[first : first + second])
    assert grown.size == first + second
    assert grown.root() == mth(0, first + second)


def test_every_inclusion_proof() -> None:
    for size in range(1, EVERY):
        root = mth(0, size)
        for index in range(size):
            reader = Reader()
            proof = inclusion_proof(index, size, reader)
            assert proof == path(index, 0, size)
            assert reader.calls == (1 if proof else 0)
            verify_inclusion(
                index=index, size=size, leaf_hash=LEAVES[index], proof=proof, root=root
            )


def test_every_consistency_proof() -> None:
    for new in range(EVERY):
        for old in range(new + 1):
            reader = Reader()
            proof = consistency_proof(old, new, reader)
            assert proof == (subproof(old, 0, new, whole=True) if 0 < old < new else [])
            assert reader.calls == (1 if proof else 0)
            verify_consistency(
                old_size=old,
                new_size=new,
                old_root=mth(0, old),
                new_root=mth(0, new),
                proof=proof,
            )


@settings(deadline=None)
@given(st.data())
def test_larger_proofs(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, LARGE))
    old = data.draw(st.integers(1, new))
    index = data.draw(st.integers(0, new - 1))
    root = mth(0, new)
    proof = inclusion_proof(index, new, Reader())
    verify_inclusion(index=index, size=new, leaf_hash=LEAVES[index], proof=proof, root=root)
    proof = consistency_proof(old, new, Reader())
    verify_consistency(old_size=old, new_size=new, old_root=mth(0, old), new_root=root, proof=proof)


def mutate(data: st.DataObject, proof: list[bytes]) -> list[bytes]:
    """Change a proof in one way: a bit, a hash too few, too many, or two swapped."""
    how = data.draw(st.sampled_from(["bit", "drop", "add", "swap"] if proof else ["add"]))
    at = data.draw(st.integers(0, max(0, len(proof) - 1)))
    if how == "bit":
        bit = data.draw(st.integers(0, 255))
        changed = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
        return [*proof[:at], changed, *proof[at + 1 :]]
    if how == "drop":
        return proof[:at] + proof[at + 1 :]
    if how == "add":
        return [*proof[:at], data.draw(st.binary(min_size=32, max_size=32)), *proof[at:]]
    return proof[:at] + proof[at:][::-1]


@settings(deadline=None)
@given(st.data())
def test_changed_inclusion_proofs_fail(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    good = path(index, 0, size)
    bad = mutate(data, good)
    if bad == good:
        return
    with pytest.raises(ProofError):
        verify_inclusion(
            index=index, size=size, leaf_hash=LEAVES[index], proof=bad, root=mth(0, size)
        )


@settings(deadline=None)
@given(st.data())
def test_changed_consistency_proofs_fail(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 300))
    old = data.draw(st.integers(0, new))
    good = consistency_proof(old, new, Reader())
    bad = mutate(data, good)
    if bad == good:
        return
    with pytest.raises(ProofError):
        verify_consistency(
            old_size=old,
            new_size=new,
            old_root=mth(0, old),
            new_root=mth(0, new),
            proof=bad,
        )


def test_a_proof_longer_than_the_tree_is_high_fails_even_if_the_root_fits() -> None:
    """A log can sign any root: the size it claims must bound the proof."""
    extra = LEAVES[99]
    for size in (1, 2, 3, 8):
        root = node_hash(extra, mth(0, size))
        proof = [*path(size - 1, 0, size), extra]
        with pytest.raises(ProofError, match="too many"):
            verify_inclusion(
                index=size - 1, size=size, leaf_hash=LEAVES[size - 1], proof=proof, root=root
            )
    with pytest.raises(ProofError, match="too long"):
        verify_consistency(
            old_size=3,
            new_size=5,
            old_root=node_hash(extra, mth(0, 3)),
            new_root=node_hash(extra, mth(0, 5)),
            proof=[*subproof(3, 0, 5, whole=True), extra],
        )


def test_another_place_or_leaf_or_root_fails() -> None:
    size = 37
    for index in range(size):
        proof = path(index, 0, size)
        for place in range(size):
            if place == index:
                continue
            with pytest.raises(ProofError):
                verify_inclusion(
                    index=place,
                    size=size,
                    leaf_hash=LEAVES[index],
                    proof=proof,
                    root=mth(0, size),
                )
        with pytest.raises(ProofError):
            verify_inclusion(
                index=index, size=size, leaf_hash=LEAVES[50], proof=proof, root=mth(0, size)
            )


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (5, 5), (-1, 5), (6, 5)])
def test_index_outside_of_the_tree(index: int, size: int) -> None:
    with pytest.raises(ProofError):
        verify_inclusion(index=index, size=size, leaf_hash=LEAVES[0], proof=[], root=mth(0, size))
    with pytest.raises(ProofError):
        inclusion_proof(index, size, Reader())


def test_empty_hashes_are_refused() -> None:
    """An empty root must not match an empty leaf."""
    with pytest.raises(FormatError):
        verify_inclusion(index=0, size=1, leaf_hash=b"", proof=[], root=b"")
    with pytest.raises(FormatError):
        verify_inclusion(index=0, size=2, leaf_hash=LEAVES[0], proof=[b""], root=mth(0, 2))
    with pytest.raises(FormatError):
        verify_consistency(old_size=1, new_size=1, old_root=b"", new_root=b"", proof=[])
    with pytest.raises(FormatError):
        Frontier(size=1, hashes=(b"",))
    with pytest.raises(FormatError):
        Frontier.empty().extend([LEAVES[0], b"short"])


def test_trivial_consistency() -> None:
    one, two = mth(0, 1), mth(0, 2)
    verify_consistency(old_size=0, new_size=2, old_root=EMPTY_ROOT, new_root=two, proof=[])
    verify_consistency(old_size=2, new_size=2, old_root=two, new_root=two, proof=[])
    bad: list[tuple[int, int, bytes, bytes, list[bytes]]] = [
        (0, 2, one, two, []),
        (0, 2, EMPTY_ROOT, two, [one]),
        (0, 0, EMPTY_ROOT, one, []),
        (0, 0, one, one, []),
        (2, 2, two, two, [one]),
        (2, 2, two, one, []),
        (2, 1, two, one, []),
        (-1, 1, two, one, []),
        (1, 2, one, two, []),
        (3, 7, mth(0, 3), mth(0, 7), []),
    ]
    for old, new, old_root, new_root, proof in bad:
        with pytest.raises(ProofError):
            verify_consistency(
                old_size=old, new_size=new, old_root=old_root, new_root=new_root, proof=proof
            )


def test_frontier_knows_how_many_hashes_it_has() -> None:
    assert frontier_nodes(0) == []
    assert frontier_nodes(13) == [(3, 0), (2, 2), (0, 12)]
    for size, count in ((0, 1), (3, 1), (4, 2), (-1, 0), (1 << 63, 1)):
        with pytest.raises(FormatError):
            Frontier(size=size, hashes=tuple(LEAVES[:count]))
    with pytest.raises(FormatError):
        Frontier(size=2**62, hashes=(LEAVES[0],)).extend([LEAVES[0]] * 2).extend([b""])


def test_a_reader_that_answers_wrongly() -> None:
    with pytest.raises(ProofError):
        inclusion_proof(0, 5, lambda _: [LEAVES[0]])
    with pytest.raises(FormatError):
        inclusion_proof(0, 5, lambda nodes: [b"x"] * len(nodes))
    with pytest.raises(ProofError):
        consistency_proof(5, 4, Reader())


def test_every_path_from_known_leaves() -> None:
    """From k, the leaves k..m and a path m → n follows the path k → n."""
    sizes = range(34)
    for n in sizes:
        for m in range(n + 1):
            given_path = consistency_proof(m, n, Reader())
            for k in range(m + 1):
                made = consistency_from_known(k, frontier(k), LEAVES[k:m], n, given_path)
                assert made == consistency_proof(k, n, Reader())


@settings(deadline=None)
@given(st.data())
def test_larger_paths_from_known_leaves(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, LARGE))
    m = data.draw(st.integers(1, n))
    k = data.draw(st.integers(max(1, m - 1500), m))
    given_path = consistency_proof(m, n, Reader())
    made = consistency_from_known(k, frontier(k), LEAVES[k:m], n, given_path)
    assert made == consistency_proof(k, n, Reader())
    verify_consistency(old_size=k, new_size=n, old_root=mth(0, k), new_root=mth(0, n), proof=made)


def test_paths_from_known_leaves_refuse_what_does_not_fit() -> None:
    good = consistency_proof(6, 11, Reader())
    bad: list[tuple[int, Frontier, list[bytes], int, list[bytes]]] = [
        (4, frontier(3), LEAVES[4:6], 11, good),
        (4, frontier(4), LEAVES[4:6], 5, good),
        (4, frontier(4), LEAVES[4:6], 11, good[:-1]),
        (4, frontier(4), LEAVES[4:6], 11, [*good, LEAVES[0]]),
        (4, frontier(4), LEAVES[4:6], 11, [*good[:-1], b""]),
        (4, frontier(4), [LEAVES[4], b""], 11, good),
    ]
    for k, edge, leaves, n, given_path in bad:
        with pytest.raises(CryptoError):
            consistency_from_known(k, edge, leaves, n, given_path)


def test_node_hash() -> None:
    assert node_hash(LEAVES[0], LEAVES[1]) == mth(0, 2)
