"""The high-water mark: compare-and-swap, durable, and never mistaken for missing."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.errors import HighWaterError
from adapters.state.highwater import FileHighWater
from crypto.merkle import EMPTY_ROOT
from federation.errors import RefusedError
from federation.ids import Origin

ORIGIN = Origin("510500.huxin.example/1")
EMPTY = (0, EMPTY_ROOT)
ONE = (1, b"\x01" * 32)
TWO = (2, b"\x02" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "high-water"


@pytest.fixture
def mark(path: Path) -> FileHighWater:
    mark = FileHighWater(path, ORIGIN)
    mark.create_empty()
    return mark


def test_a_missing_mark_is_none(path: Path) -> None:
    assert FileHighWater(path, ORIGIN).load() is None


def test_it_begins_empty_and_advances(mark: FileHighWater, path: Path) -> None:
    assert mark.load() == EMPTY
    mark.advance(EMPTY, ONE)
    mark.advance(ONE, TWO)
    assert FileHighWater(path, ORIGIN).load() == TWO


def test_it_is_text_that_people_can_read(mark: FileHighWater, path: Path) -> None:
    mark.advance(EMPTY, ONE)
    root = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
    assert path.read_text() == f"{ORIGIN}\n1\n{root}\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_killed_process_left_is_removed(mark: FileHighWater, path: Path) -> None:
    left = path.with_name(f".{path.name}.4711.part")
    left.write_text("half")
    other = path.with_name(".other.4711.part")
    other.write_text("somebody else's")
    mark.advance(EMPTY, ONE)
    assert mark.load() == ONE
    assert not left.exists()
    assert other.exists()


def test_a_second_empty_mark_is_refused(mark: FileHighWater) -> None:
    mark.advance(EMPTY, ONE)
    with pytest.raises(RefusedError) as caught:
        mark.create_empty()
    assert caught.value.code == "high-water.exists"
    assert mark.load() == ONE


@pytest.mark.parametrize("expected", [EMPTY, TWO, (1, b"\x09" * 32)])
def test_it_moves_from_the_expected_value_only(
    mark: FileHighWater, expected: tuple[int, bytes]
) -> None:
    mark.advance(EMPTY, ONE)
    with pytest.raises(RefusedError) as caught:
        mark.advance(expected, TWO)
    assert caught.value.code == "high-water.moved"
    assert mark.load() == ONE


def test_a_mark_that_went_missing_is_not_made_anew(mark: FileHighWater, path: Path) -> None:
    path.unlink()
    with pytest.raises(RefusedError, match="found none"):
        mark.advance(EMPTY, ONE)
    assert mark.load() is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n1\n",
        f"{ORIGIN}\n01\n{'A' * 43}=\n",
        f"{ORIGIN}\n-1\n{'A' * 43}=\n",
        f"{ORIGIN}\n1\n{'A' * 43}=",
        f"{ORIGIN}\n1\n{'A' * 43}=\nmore\n",
        f"{ORIGIN}\n1\n{'A' * 44}\n",
        f"{ORIGIN}\n1\nAAAA\n",
        f"other/1\n1\n{'A' * 43}=\n",
        "\udcff",
    ],
)
def test_a_damaged_mark_is_an_error_and_not_a_missing_one(path: Path, text: str) -> None:
    path.write_bytes(text.encode(errors="surrogateescape"))
    mark = FileHighWater(path, ORIGIN)
    for attempt in (mark.load, mark.create_empty, lambda: mark.advance(EMPTY, ONE)):
        with pytest.raises(HighWaterError, match="high-water"):
            attempt()


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    mark = FileHighWater(tmp_path / "missing" / "high-water", ORIGIN)
    with pytest.raises(HighWaterError, match="cannot be opened"):
        mark.create_empty()


def _advance(path: Path) -> int:
    """Advance the mark from empty, once; 1 if it was this one's turn."""
    try:
        FileHighWater(path, ORIGIN).advance(EMPTY, ONE)
    except RefusedError:
        return 0
    return 1


def test_of_many_threads_one_advances(mark: FileHighWater, path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(_advance, [path] * 32)) == 1
    assert mark.load() == ONE


@pytest.mark.process
def test_of_many_processes_one_advances(mark: FileHighWater, path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert sum(pool.map(_advance, [path] * 16, chunksize=1)) == 1
    assert mark.load() == ONE
