"""The high-water mark: compare-and-swap, durable, and whatever is damaged is missing.

Covers federation/ports/highwater.py.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from adapters.errors import HighWaterError
from adapters.state.highwater import DISTANCE, FILE_SIZE, SLOT_SIZE, FileHighWater
from crypto.merkle import EMPTY_ROOT
from federation.errors import RefusedError
from federation.ids import Origin

ORIGIN = Origin("510500.huxin.example/1")
EMPTY = (0, EMPTY_ROOT)
ONE = (1, b"\x01" * 32)
TWO = (2, b"\x02" * 32)
THREE = (3, b"\x03" * 32)
SECTOR = 512
PLACES = (0, DISTANCE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "high-water"


@pytest.fixture
def mark(path: Path) -> FileHighWater:
    mark = FileHighWater(path, ORIGIN)
    mark.create_empty()
    return mark


def lines(mark: tuple[int, bytes], origin: str = ORIGIN) -> str:
    """The form before there were slots."""
    root = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert mark[1] == bytes(range(32))
    return f"{origin}\n{mark[0]}\n{root}\n"


def is_missing(path: Path) -> str:
    """See that a file that is there is taken for a missing mark; why it is."""
    mark = FileHighWater(path, ORIGIN)
    assert mark.load() is None
    with pytest.raises(RefusedError, match="found none"):
        mark.advance(EMPTY, ONE)
    with pytest.raises(RefusedError) as caught:
        mark.create_empty()
    assert caught.value.code == "high-water.exists"
    return mark.damage()


def test_a_missing_mark_is_none(path: Path) -> None:
    mark = FileHighWater(path, ORIGIN)
    assert (mark.load(), mark.remains(), mark.damage()) == (None, None, "")


def test_it_begins_empty_and_advances(mark: FileHighWater, path: Path) -> None:
    assert mark.load() == EMPTY
    for before, after in ((EMPTY, ONE), (ONE, TWO), (TWO, TWO), (TWO, THREE)):
        mark.advance(before, after)
        assert FileHighWater(path, ORIGIN).load() == after
        assert path.stat().st_size == FILE_SIZE


def test_it_is_text_that_people_can_read(mark: FileHighWater, path: Path) -> None:
    mark.advance(EMPTY, ONE)
    root = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
    text = f"huxin high-water mark\n2\n{ORIGIN}\n1\n{root}\n"
    assert path.read_bytes()[:SLOT_SIZE].startswith(text.encode())
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_blocks * 512 >= FILE_SIZE  # nothing is left to be allocated


def test_a_step_writes_the_older_slot_alone_and_syncs_it_once(path: Path) -> None:
    """What stands is not touched, nor is a name: one `fdatasync` is all that is needed."""
    synced: list[bytes] = []
    mark = FileHighWater(path, ORIGIN, lambda _: synced.append(path.read_bytes()))
    mark.create_empty()
    before, inode = path.read_bytes(), path.stat().st_ino
    for number, place in enumerate((0, DISTANCE, 0)):
        mark.advance(*((EMPTY, ONE), (ONE, TWO), (TWO, THREE))[number])
        after = path.read_bytes()
        changed = [
            n for n, (one, other) in enumerate(zip(before, after, strict=True)) if one != other
        ]
        assert place < changed[0] < changed[-1] < place + SECTOR
        assert synced[number:] == [after]
        before = after
    assert path.stat().st_ino == inode


def test_what_a_killed_process_left_is_removed_when_it_is_made(path: Path) -> None:
    left = path.with_name(f".{path.name}.4711.part")
    left.write_text("half")
    other = path.with_name(".other.4711.part")
    other.write_text("somebody else's")
    FileHighWater(path, ORIGIN).create_empty()
    assert not left.exists()
    assert other.exists()


def test_a_second_empty_mark_is_refused(mark: FileHighWater) -> None:
    mark.advance(EMPTY, ONE)
    with pytest.raises(RefusedError) as caught:
        mark.create_empty()
    assert caught.value.code == "high-water.exists"
    assert mark.load() == ONE


@pytest.mark.parametrize("expected", [EMPTY, TWO, (1, b"\x09" * 32), None])
def test_it_moves_from_the_expected_value_only(
    mark: FileHighWater, expected: tuple[int, bytes] | None
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


# ---------------------------------------------------------------- damage


def test_every_bit_of_a_slot_counts(mark: FileHighWater, path: Path) -> None:
    mark.advance(EMPTY, ONE)
    whole = path.read_bytes()
    random = Random(1)
    used = len(whole[:SLOT_SIZE].rstrip(b"\0"))
    offsets = {*random.sample(range(used), 40), used, SECTOR - 1, SECTOR, SLOT_SIZE - 1}
    for offset in sorted(offsets):
        for place, left in zip(PLACES, (EMPTY, ONE), strict=True):
            damaged = bytearray(whole)
            damaged[place + offset] ^= 1 << random.randrange(8)
            path.write_bytes(damaged)
            assert is_missing(path) == "1 of 2 slots are not whole"
            assert mark.remains() == left


@pytest.mark.parametrize("unit", [SECTOR, 1])
def test_a_torn_write_is_the_mark_before_the_new_one_or_a_missing_one(
    mark: FileHighWater, path: Path, unit: int
) -> None:
    """Any sectors of the slot, and any beginning of it; never anything else than was written."""
    mark.advance(EMPTY, ONE)
    before = path.read_bytes()
    mark.advance(ONE, TWO)
    after = path.read_bytes()
    random = Random(2)
    seen = set()
    for _ in range(60):
        torn = bytearray(before)
        if unit == SECTOR:
            for offset in range(0, SLOT_SIZE, SECTOR):
                if random.random() < 1 / 2:
                    place = slice(DISTANCE + offset, DISTANCE + offset + SECTOR)
                    torn[place] = after[place]
        else:
            end = DISTANCE + random.randrange(SECTOR)
            torn[DISTANCE:end] = after[DISTANCE:end]
        path.write_bytes(torn)
        found = mark.load()
        seen.add(found)
        assert found in (ONE, TWO, None)
        assert (found or mark.remains()) in (ONE, TWO)
    assert None in seen if unit == 1 else {ONE, TWO} == seen  # its text lies in one sector


@pytest.mark.parametrize("length", [0, 1, SLOT_SIZE, DISTANCE, DISTANCE + 1, FILE_SIZE - 1])
def test_a_file_cut_short_is_a_missing_mark(mark: FileHighWater, path: Path, length: int) -> None:
    mark.advance(EMPTY, ONE)
    with path.open("rb+") as file:
        file.truncate(length)
    assert is_missing(path)
    assert mark.remains() == (ONE if length >= SLOT_SIZE else None)


def test_a_slot_that_does_not_follow_the_other_is_damage(mark: FileHighWater, path: Path) -> None:
    """A write that the disk said it had, and has not: what else it has lost nobody knows."""
    slots = []
    for before, after in ((EMPTY, ONE), (ONE, TWO), (TWO, THREE)):
        mark.advance(before, after)
        slots.append(path.read_bytes())
    path.write_bytes(slots[2][:DISTANCE] + slots[0][DISTANCE:])
    assert is_missing(path) == "slot 4 does not follow slot 1"
    assert mark.remains() == THREE
    path.write_bytes(slots[0][DISTANCE:].ljust(DISTANCE, b"\0") + slots[0][:SLOT_SIZE])
    assert is_missing(path) == "2 of 2 slots are not whole"  # each in the other's place


def test_a_slot_that_the_disk_cannot_read_is_damage(
    mark: FileHighWater, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sector that was half written when the power went may read as an error for good."""
    mark.advance(EMPTY, ONE)
    read = os.pread

    def fails(descriptor: int, size: int, offset: int) -> bytes:
        if offset == 0:
            raise OSError(errno.EIO, "Input/output error")
        return read(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", fails)
    assert is_missing(path)
    assert mark.remains() == EMPTY


def test_a_missing_mark_is_made_whole_again(mark: FileHighWater, path: Path) -> None:
    path.write_bytes(b"")
    mark.advance(None, TWO)
    mark.advance(TWO, THREE)
    assert FileHighWater(path, ORIGIN).load() == THREE


@pytest.mark.parametrize("made", ["slots", "lines"])
def test_the_mark_of_another_log_is_an_error_and_not_a_missing_one(path: Path, made: str) -> None:
    if made == "slots":
        FileHighWater(path, Origin("other/1")).create_empty()
    else:
        path.write_text(lines((1, bytes(range(32))), "other/1"))
    mark = FileHighWater(path, ORIGIN)
    for attempt in (mark.load, mark.remains, mark.migrate, lambda: mark.advance(EMPTY, ONE)):
        with pytest.raises(HighWaterError, match="expected a mark of"):
            attempt()


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    mark = FileHighWater(tmp_path / "missing" / "high-water", ORIGIN)
    with pytest.raises(HighWaterError, match="cannot be opened"):
        mark.create_empty()


def test_what_cannot_be_synced_is_an_error(path: Path) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    FileHighWater(path, ORIGIN).create_empty()
    with pytest.raises(HighWaterError, match="cannot be written"):
        FileHighWater(path, ORIGIN, fails).advance(EMPTY, ONE)


# ---------------------------------------------------------------- the form before


def test_three_lines_are_read_and_brought_into_slots(path: Path) -> None:
    before = (7, bytes(range(32)))
    path.write_text(lines(before))
    mark = FileHighWater(path, ORIGIN)
    assert (mark.load(), mark.damage()) == (before, "")
    assert path.read_text() == lines(before)  # who only looks changes nothing
    mark.migrate()
    assert (mark.load(), path.stat().st_size) == (before, FILE_SIZE)
    whole = path.read_bytes()
    mark.migrate()
    assert path.read_bytes() == whole
    mark.advance(before, (8, b"\x08" * 32))
    assert mark.load() == (8, b"\x08" * 32)


def test_three_lines_advance_too(path: Path) -> None:
    before = (7, bytes(range(32)))
    path.write_text(lines(before))
    mark = FileHighWater(path, ORIGIN)
    mark.advance(before, (8, b"\x08" * 32))
    assert (mark.load(), path.stat().st_size) == ((8, b"\x08" * 32), FILE_SIZE)


@pytest.mark.parametrize(
    "text",
    [
        "510500",
        f"{ORIGIN}\n1\n",
        f"{ORIGIN}\n01\n{'A' * 43}=\n",
        f"{ORIGIN}\n-1\n{'A' * 43}=\n",
        f"{ORIGIN}\n1\n{'A' * 43}=",
        f"{ORIGIN}\n1\n{'A' * 43}=\nmore\n",
        f"{ORIGIN}\n1\n{'A' * 44}\n",
        f"{ORIGIN}\n1\nAAAA\n",
        "\udcff",
    ],
)
def test_other_lines_are_damage(path: Path, text: str) -> None:
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert is_missing(path)
    assert FileHighWater(path, ORIGIN).remains() is None


# ---------------------------------------------------------------- many


def test_who_reads_while_it_is_written_waits_for_the_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a slot of another process is no damage: it is looked at again under the lock."""
    FileHighWater(path, ORIGIN).create_empty()
    whole = path.read_bytes()
    path.write_bytes(whole[: SLOT_SIZE - 1])
    reading = FileHighWater(path, ORIGIN)
    locked = reading._locked

    def ends() -> object:
        path.write_bytes(whole)
        return locked()

    monkeypatch.setattr(reading, "_locked", ends)
    assert reading.load() == EMPTY


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
