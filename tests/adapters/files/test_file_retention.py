"""Files that have done their work go; those that wait or are being written stay.

Covers node/intake/retention.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.folders import Folder
from adapters.files.retention import PART_SECONDS, remove_done, remove_parts
from federation.ids import Timestamp
from node.intake.retention import Retention


def test_what_was_taken_or_refused_long_ago_is_deleted(tmp_path: Path) -> None:
    for name in ("taken/a.csv", "taken/a.csv.errors.csv", "refused/b.csv", "c.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    now = (tmp_path / "c.csv").lstat().st_ctime
    assert remove_done(tmp_path, now, 10) == 0
    assert remove_done(tmp_path, now + 11, 10) == 3
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["c.csv"]
    assert remove_done(tmp_path / "taken", now + 11, 10) == 0


def test_what_a_crash_left_half_written_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    part = tmp_path / "x" / ".a.csv.77.part"
    part.touch()
    whole = tmp_path / "x" / "a.csv"
    whole.touch()
    now = part.lstat().st_ctime
    assert remove_parts(tmp_path, now + PART_SECONDS - 1) == 0
    assert remove_parts(tmp_path, now + PART_SECONDS + 1) == 1
    assert whole.exists()


def test_f26_nothing_is_deleted_through_a_link(tmp_path: Path) -> None:
    neighbour, folder = tmp_path / "neighbour", tmp_path / "court"
    neighbour.mkdir()
    folder.mkdir()
    kept = [neighbour / "repair.csv", neighbour / ".a.csv.77.part"]
    for path in kept:
        path.touch()
    later = kept[0].lstat().st_ctime + PART_SECONDS + 1
    for name in ("taken", "refused", "x"):
        (folder / name).symlink_to(neighbour)
    (tmp_path / "link").symlink_to(neighbour)
    assert remove_done(folder, later, 10) + remove_parts(folder, later) == 0
    assert remove_parts(tmp_path / "link", later) == 0
    assert all(path.exists() for path in kept)


def test_one_folder_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in ("a", "b", "c"):
        path = tmp_path / source / "taken" / f"{source}.csv"
        path.parent.mkdir(parents=True)
        path.touch()
    now = Timestamp(int((tmp_path / "c").lstat().st_ctime) + 2 * 86_400)
    retention = Retention(
        outbox=None, inbox=tmp_path, sources=("a", "b", "c"), keep_days=1, now=lambda: now
    )
    remove = Folder.remove

    def broken(self: Folder, name: str) -> bool:
        if name == "a.csv":
            raise PermissionError(13, "Permission denied", name)
        return remove(self, name)

    monkeypatch.setattr(Folder, "remove", broken)
    with pytest.raises(PermissionError):
        retention.run()
    assert [path.name for path in tmp_path.rglob("*.csv")] == ["a.csv"]
