"""Tiles: their names, their layout, growing them and reading the tree from them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crypto import FormatError, ProofError
from crypto.merkle import (
    Frontier,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from crypto.tiles import (
    MAX_ENTRY,
    TILE_WIDTH,
    TileLevel,
    TileReader,
    entry_tiles_for_size,
    format_entry_tile,
    grow,
    parse_entry_tile,
    parse_tile_path,
    tile_path,
    tiles_for_size,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAVES = [sha256(b"%d" % i).digest() for i in range(70_000)]


class Store:
    """Keeps the widest version of every tile, as a database would."""

    def __init__(self) -> None:
        self.size = 0
        self.partials: dict[int, bytes] = {}
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.fetches = 0

    def append(self, hashes: Sequence[bytes]) -> None:
        grown = grow(self.size, self.partials, hashes)
        self.size, self.partials = grown.size, dict(grown.partials)
        self.tiles.update(grown.tiles)

    def fetch(self, wanted: Sequence[tuple[int, int]]) -> list[bytes]:
        self.fetches += 1
        assert len(set(wanted)) == len(wanted)
        return [self.tiles[tile] for tile in wanted]

    def layout(self) -> set[tuple[int, int, int]]:
        return {(level, n, len(data) // 32) for (level, n), data in self.tiles.items()}


@pytest.fixture(scope="module")
def store() -> Store:
    full = Store()
    for begin in range(0, len(LEAVES), 1000):
        full.append(LEAVES[begin : begin + 1000])
    return full


@pytest.mark.parametrize(
    ("level", "n", "width", "path"),
    [
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        ("entries", 0, 12, "tile/entries/000.p/12"),
        (1, 1, 17, "tile/1/001.p/17"),
        (63, 999, 1, "tile/63/999.p/1"),
        (0, 1000, 255, "tile/0/x001/000.p/255"),
        ("entries", 1000000, 256, "tile/entries/x001/x000/000"),
    ],
)
def test_names(level: TileLevel, n: int, width: int, path: str) -> None:
    assert tile_path(level, n, width) == path
    assert parse_tile_path(path) == (level, n, width)


@given(
    st.one_of(st.just("entries"), st.integers(0, 63)),
    st.integers(0, 2**63 - 1),
    st.integers(1, 256),
)
def test_names_round_trip(level: TileLevel, n: int, width: int) -> None:
    assert parse_tile_path(tile_path(level, n, width)) == (level, n, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000\n",
        "tile/0/001/001",
        "tile/0/x001",
        "/tile/0/000",
        "tile/0/../000",
        "tile/٠/000",
        "tile/0/٠٠٠",
        "tile/entry/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
    ],
)
def test_other_names_are_refused(path: str) -> None:
    with pytest.raises(FormatError):
        parse_tile_path(path)


@pytest.mark.parametrize(
    ("level", "n", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_parts_of_names_are_bounded(level: int, n: int, width: int) -> None:
    with pytest.raises(FormatError):
        tile_path(level, n, width)


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        (0, set()),
        (1, {(0, 0, 1)}),
        (255, {(0, 0, 255)}),
        (256, {(0, 0, 256), (1, 0, 1)}),
        (257, {(0, 0, 256), (0, 1, 1), (1, 0, 1)}),
        (65536, {(0, n, 256) for n in range(256)} | {(1, 0, 256), (2, 0, 1)}),
        (
            70000,
            {(0, n, 256) for n in range(273)} | {(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)},
        ),
    ],
)
def test_layout(size: int, tiles: set[tuple[int, int, int]]) -> None:
    listed = list(tiles_for_size(size))
    assert len(listed) == len(set(listed))
    assert set(listed) == tiles
    assert set(entry_tiles_for_size(size)) == {(n, width) for level, n, width in tiles if not level}
    built = Store()
    built.append(LEAVES[:size])
    assert built.layout() == tiles


def test_sizes_are_bounded() -> None:
    for size in (-1, 2**63):
        with pytest.raises(FormatError):
            list(tiles_for_size(size))
        with pytest.raises(FormatError):
            list(entry_tiles_for_size(size))
        with pytest.raises(FormatError):
            TileReader(size, lambda _: [])


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 1024), max_size=8))
@example([255, 1, 1])
@example([0, 256, 512, 1024])
def test_growing_in_batches_gives_the_tiles_of_the_whole(batches: list[int]) -> None:
    stepwise = Store()
    for batch in batches:
        before = dict(stepwise.tiles)
        stepwise.append(LEAVES[stepwise.size : stepwise.size + batch])
        for tile, data in before.items():
            assert stepwise.tiles[tile].startswith(data)
    whole = grow(0, {}, LEAVES[: stepwise.size])
    assert stepwise.tiles == whole.tiles
    assert stepwise.partials == whole.partials
    assert stepwise.layout() == set(tiles_for_size(stepwise.size))


def test_tiles_hold_leaf_hashes_and_roots_of_full_tiles(store: Store) -> None:
    assert store.tiles[0, 273] == b"".join(LEAVES[273 * 256 :])
    roots = [root_of(LEAVES[n * 256 : (n + 1) * 256]) for n in range(273)]
    assert store.tiles[1, 0] + store.tiles[1, 1] == b"".join(roots)
    assert store.tiles[2, 0] == root_of(roots[:256])
    assert set(store.partials) == {0, 1, 2}


@pytest.mark.parametrize(
    ("size", "partials"),
    [
        (1, {}),
        (0, {0: b""}),
        (1, {0: bytes(31)}),
        (1, {0: bytes(64)}),
        (256, {0: bytes(32), 1: bytes(32)}),
        (256, {0: bytes(8192)}),
    ],
)
def test_growing_from_other_partial_tiles_is_refused(size: int, partials: dict[int, bytes]) -> None:
    with pytest.raises(FormatError):
        grow(size, partials, [LEAVES[0]])


def test_growing_refuses_what_is_no_hash() -> None:
    with pytest.raises(FormatError):
        grow(0, {}, [b"x" * 31, b"x" * 33])
    with pytest.raises(FormatError):
        grow(2**63 - 1, {}, [LEAVES[0]])


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_proofs_read_from_tiles_of_a_log_that_has_grown_since(
    data: st.DataObject, store: Store
) -> None:
    new = data.draw(st.integers(1, len(LEAVES)))
    old = data.draw(st.integers(1, new))
    index = data.draw(st.integers(0, new - 1))
    read = TileReader(new, store.fetch)
    root = frontier_at(new, read).root()
    old_root = frontier_at(old, TileReader(old, store.fetch)).root()
    store.fetches = 0
    inclusion = inclusion_proof(index, new, read)
    assert store.fetches <= 1
    verify_inclusion(index=index, size=new, leaf_hash=LEAVES[index], proof=inclusion, root=root)
    path = consistency_proof(old, new, read)
    verify_consistency(old_size=old, new_size=new, old_root=old_root, new_root=root, proof=path)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65535, 65536, 65537, 70000])
def test_frontier_from_tiles(size: int, store: Store) -> None:
    assert frontier_at(size, TileReader(size, store.fetch)) == Frontier.empty().extend(
        LEAVES[:size]
    )


def test_reading_beyond_the_size_or_from_damaged_tiles(store: Store) -> None:
    assert TileReader(0, store.fetch)([]) == []
    for node in ((0, 5), (3, 0), (-1, 0), (0, -1)):
        with pytest.raises(ProofError):
            TileReader(5, store.fetch)([node])
    for stored in (b"", bytes(31), bytes(32 * 4), bytes(32 * 5 + 1), bytes(32 * 257)):
        with pytest.raises(FormatError):
            TileReader(5, lambda _, stored=stored: [stored])([(0, 4)])  # type: ignore[misc]
    with pytest.raises(ProofError):
        TileReader(5, lambda _: [])([(0, 4)])


@given(st.lists(st.binary(max_size=80), max_size=TILE_WIDTH))
def test_entry_tiles_round_trip(entries: list[bytes]) -> None:
    assert parse_entry_tile(format_entry_tile(entries)) == entries


def test_entry_tiles_are_bounded() -> None:
    assert format_entry_tile([b"ab", b""]) == b"\x00\x02ab\x00\x00"
    assert parse_entry_tile(format_entry_tile([bytes(MAX_ENTRY)])) == [bytes(MAX_ENTRY)]
    with pytest.raises(FormatError):
        format_entry_tile([bytes(MAX_ENTRY + 1)])
    with pytest.raises(FormatError):
        format_entry_tile([b""] * 257)
    for data in (b"\x00", b"\x00\x01", b"\x00\x02a", b"\x00\x00" * 257):
        with pytest.raises(FormatError):
            parse_entry_tile(data)
