"""What waits in a spool: given back as it was, and nothing of it is readable on the disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from adapters.errors import FullError
from adapters.files.errors import TableError
from adapters.files.spool import KEY_SIZE, Spool
from tests.support import canaries

PAGES: list[list[tuple[Any, ...]]] = [
    [(1, canaries.name("甲"), b"\0", None, ("x", 2))],
    [(n, canaries.CODE) for n in range(3)],
    [],
]


def spool(directory: Path, most: int = 1 << 20) -> Spool:
    return Spool(directory, os.urandom(KEY_SIZE), most, lambda _: None)


def on_disk(made: Spool) -> bytes:
    descriptor = made._file.fileno()
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def test_pages_come_back_in_their_order_each_time(tmp_path: Path) -> None:
    with spool(tmp_path / "room") as made:
        for page in PAGES:
            made.add(page)
        assert list(made.pages()) == PAGES
        assert list(made.pages()) == PAGES


def test_f50_what_waits_is_sealed_and_has_no_name(tmp_path: Path) -> None:
    with spool(tmp_path / "room") as made:
        for page in PAGES:
            made.add(page)
        written = on_disk(made)
        assert len(written) > 100
        assert not canaries.in_bytes(written)
        assert list((tmp_path / "room").iterdir()) == []
        assert (tmp_path / "room").stat().st_mode & 0o777 == 0o700


def test_f50_a_page_that_was_changed_or_moved_is_not_read(tmp_path: Path) -> None:
    with spool(tmp_path) as made:
        for page in PAGES[:1] * 2:
            made.add(page)
        written = on_disk(made)
        half = len(written) // 2
        os.pwrite(made._file.fileno(), written[half:] + written[:half], 0)
        with pytest.raises(InvalidTag):
            list(made.pages())


def test_f50_a_spool_is_bounded(tmp_path: Path) -> None:
    with spool(tmp_path, most=200) as made:
        made.add(PAGES[0])
        with pytest.raises(TableError) as refused:
            made.add([(bytes(200),)])
        assert refused.value.code == "file.size"


def test_what_waits_asks_for_its_room_before_it_is_written(tmp_path: Path) -> None:
    asked: list[int] = []
    with Spool(tmp_path, os.urandom(KEY_SIZE), 1 << 20, asked.append) as made:
        made.add(PAGES[0])
        assert asked == [len(on_disk(made))]
        made._need = lambda _: 1 // 0  # type: ignore[assignment]
        with pytest.raises(ZeroDivisionError):
            made.add(PAGES[1])
        assert asked == [len(on_disk(made))]


def test_a_full_disk_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with spool(tmp_path) as made:

        def full(_: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(made, "_file", made._file)
        monkeypatch.setattr(made._file, "write", full, raising=False)
        with pytest.raises(FullError):
            made.add(PAGES[0])
