"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.files.atomic import make_directory, write_atomically
from adapters.files.folders import Folder


def test_content_mode_and_nothing_left_over(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_atomically(path, b"one", mode=0o600)
    write_atomically(path, b"two", mode=0o666)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o666
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_has_its_name_on_the_disk_before_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(
        os,
        "fsync",
        lambda descriptor: synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink())),
    )
    for _ in range(2):
        make_directory(tmp_path / "made", 0o700)
    assert synced == [str(tmp_path.resolve())]
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_directory(tmp_path / "file", 0o700)


def test_order_of_sync_and_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, os.rename

    def note_sync(descriptor: int) -> None:
        kind = "folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file"  # noqa: PTH112
        done.append(f"sync {kind}")
        fsync(descriptor)

    def note_rename(name: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        done.append("rename")
        rename(name, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "rename", note_rename)
    write_atomically(tmp_path / "file", b"x")
    assert done == ["sync file", "rename", "sync folder"]


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_part_left_by_a_crash_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f".file.{os.getpid()}.part").write_bytes(b"half of something longer")
    write_atomically(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_f26_no_second_name_of_a_file_is_written_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"another's")
    part = tmp_path / f".file.{os.getpid()}.part"
    part.hardlink_to(secret)
    write_atomically(tmp_path / "file", b"ours")
    assert secret.read_bytes() == b"another's"

    part.hardlink_to(secret)
    monkeypatch.setattr(Folder, "remove", lambda *_: False)  # laid there again in between
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "file", b"ours")
    assert secret.read_bytes() == b"another's"
