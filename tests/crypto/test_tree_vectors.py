"""Raw inclusion and consistency proofs, and those that one step of RFC 9162 refuses (SPEC §2.1).

A false proof comes with the very root to which its hashes lead, so that no comparison of roots
stands in for the step that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crypto.errors import CryptoError
from crypto.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_from_known,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.support.vectors import compare, held

SIZES = range(10)
LEAVES = [leaf_hash(b"leaf %d" % n) for n in range(12)]
STRANGE = leaf_hash(b"of no tree")
Case = dict[str, Any]


def root(size: int) -> bytes:
    return Frontier.empty().extend(LEAVES[:size]).root() if size else EMPTY_ROOT


def siblings(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:split], leaves[split:]
    here, beside = (left, right) if index < split else (right, left)
    return [*siblings(index % split, here), Frontier.empty().extend(beside).root()]


def path_between(old: int, new: int) -> list[bytes]:
    if old in {0, new}:
        return []
    known = Frontier.empty().extend(LEAVES[:old])
    return list(consistency_from_known(old, known, LEAVES[old:new], new, ()))


def led_to(index: int, size: int, path: list[bytes]) -> bytes:
    """The root to which the hashes lead, by RFC 9162 §2.1.3.2 without its two refusals."""
    node, fn, sn = LEAVES[index], index, size - 1
    for step in path:
        node, fn, sn = _step(node, step, fn, sn)
    return node


def _step(node: bytes, step: bytes, fn: int, sn: int) -> tuple[bytes, int, int]:
    if not (fn & 1 or fn == sn):
        return node_hash(node, step), fn >> 1, sn >> 1
    while fn and not fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return node_hash(step, node), fn >> 1, sn >> 1


def both_led_to(old: int, new: int, old_root: bytes, path: list[bytes]) -> tuple[bytes, bytes]:
    """The two roots to which the hashes lead, by RFC 9162 §2.1.4.2 without its refusals."""
    steps = path if old & (old - 1) else [old_root, *path]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if fn & 1 or fn == sn:
            first = node_hash(step, first)
        second, fn, sn = _step(second, step, fn, sn)
    return first, second


def inclusion() -> Iterator[Case]:
    def case(name: str, at: tuple[int, int], path: list[bytes], top: bytes) -> Case:
        index, size = at
        hexed = [one.hex() for one in path]
        said = {"index": index, "size": size, "path": hexed, "root": top.hex()}
        return {"what": "inclusion", "name": f"{index} in {size}: {name}", **said}

    for size in SIZES:
        for index in range(size):
            at, path, top = (index, size), siblings(index, LEAVES[:size]), root(size)
            yield case("the proof", at, path, top)
            more = [*path, STRANGE]
            yield case("a hash too many, the root made for it", at, more, led_to(*at, more))
            if path:
                less = path[:-1]
                yield case("a hash too few, the root made for it", at, less, led_to(*at, less))
                yield case("another hash", at, [*less, STRANGE], top)
        beyond, path = (size, size), [STRANGE] * max(size - 1, 0).bit_length()
        yield case("beyond the size, the root made for it", beyond, path, led_to(*beyond, path))
    path = siblings(1, LEAVES[:4])
    yield case("a hash of 31 bytes", (1, 4), [path[0][:31], path[1]], root(4))
    yield case("beyond 2^63-1", (0, 2**63), [STRANGE] * 63, led_to(0, 2**63, [STRANGE] * 63))
    largest = [STRANGE] * 63
    yield case("the largest size", (0, 2**63 - 1), largest, led_to(0, 2**63 - 1, largest))


def consistency() -> Iterator[Case]:
    def case(name: str, sizes: tuple[int, int], roots: tuple[bytes, bytes], *path: bytes) -> Case:
        said = {
            "old_size": sizes[0],
            "new_size": sizes[1],
            "old_root": roots[0].hex(),
            "new_root": roots[1].hex(),
            "path": [one.hex() for one in path],
        }
        return {"what": "consistency", "name": f"{sizes[0]} to {sizes[1]}: {name}", **said}

    for new in SIZES:
        for old in range(new + 1):
            sizes, roots, path = (old, new), (root(old), root(new)), path_between(old, new)
            yield case("the path", sizes, roots, *path)
            if old in {0, new}:
                yield case("a hash where none belongs", sizes, roots, STRANGE)
                yield case("another first root", sizes, (STRANGE, roots[1]), *path)
                continue
            more = [*path, STRANGE]
            made = both_led_to(old, new, roots[0], more)
            yield case("a hash too many, the roots made for it", sizes, made, *more)
            less = path[:-1]
            if less or not old & (old - 1):
                made = both_led_to(old, new, roots[0], less)
                yield case("a hash too few, the roots made for it", sizes, made, *less)
            yield case("another hash", sizes, roots, *less, STRANGE)
            yield case("another first root", sizes, (STRANGE, roots[1]), *path)
            yield case("exchanged", (new, old), roots[::-1], *path)
    same = (root(2), root(2))
    yield case("no path, one root", (2, 3), same)
    yield case("no path, one root", (3, 5), (root(3), root(3)))
    yield case("smaller, the roots made for it", (4, 2), same, *path_between(2, 4))
    yield case("a hash of 31 bytes", (2, 3), (root(2), root(3)), LEAVES[2][:31])
    yield case("beyond 2^63-1", (0, 2**63), (EMPTY_ROOT, STRANGE))


def judged(case: Case) -> str:
    path = [bytes.fromhex(one) for one in case["path"]]
    try:
        if case["what"] == "inclusion":
            verify_inclusion(
                index=case["index"],
                size=case["size"],
                leaf_hash=LEAVES[case["index"]],
                proof=path,
                root=bytes.fromhex(case["root"]),
            )
        else:
            verify_consistency(
                old_size=case["old_size"],
                new_size=case["new_size"],
                old_root=bytes.fromhex(case["old_root"]),
                new_root=bytes.fromhex(case["new_root"]),
                proof=path,
            )
    except CryptoError:
        return "refused"
    return "ok"


def test_vectors_of_trees() -> None:
    about = (
        "Leaf n of a tree has the hash `leaves`[n]; hashes are hex. inclusion: whether the leaf at "
        "`index` is proved to stand in the tree of `size` with `root`; consistency: whether the "
        "tree of `old_size` is proved to begin that of `new_size`. Where a root was made for a "
        "false proof the hashes lead to it: only the numbers tell too many and too few."
    )
    cases = [{**case, "result": judged(case)} for case in (*inclusion(), *consistency())]
    compare("trees", "2.1", about, cases, leaves=[one.hex() for one in LEAVES])
    for case in held("trees")["cases"]:
        good = case["name"].partition(": ")[2] in {"the proof", "the path", "the largest size"}
        assert case["result"] == judged(case) == ("ok" if good else "refused"), case["name"]
