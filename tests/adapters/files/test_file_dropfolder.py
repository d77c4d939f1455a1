"""Drop folders: when a file may be taken, and where it goes."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from adapters.files.dropfolder import DropFolder, DroppedFile

DATA = "名称,案号\r\n".encode()
DIGEST = sha256(DATA).hexdigest()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def drop(folder: Path, clock: Clock) -> DropFolder:
    return DropFolder(folder, settle_seconds=60, clock=clock)


def put(folder: Path, name: str = "list.csv", data: bytes = DATA) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_file_that_stands_still_is_ready(folder: Path, clock: Clock, drop: DropFolder) -> None:
    path = put(folder)
    assert drop.ready() == []
    clock.now += 59
    assert drop.ready() == []
    clock.now += 1
    assert drop.ready() == [DroppedFile(path=path)]


@pytest.mark.parametrize("what", ["size", "time"])
def test_a_change_begins_the_wait_again(
    folder: Path, clock: Clock, drop: DropFolder, what: str
) -> None:
    path = put(folder)
    drop.ready()
    clock.now += 59
    status = path.stat()
    if what == "size":
        put(folder, data=DATA + b"x")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        os.utime(path, ns=(0, status.st_mtime_ns + 1))
    assert drop.ready() == []
    clock.now += 59
    assert drop.ready() == []
    clock.now += 1
    assert len(drop.ready()) == 1


@pytest.mark.parametrize(
    ("ending", "sign"),
    [
        (".done", ""),
        (".done", "ok\n"),
        (".done", f"{DIGEST}  list.csv\n"),
        (".done", json.dumps({"sha256": DIGEST})),
        (".manifest.json", json.dumps({"sha256": DIGEST.upper(), "rows": 0})),
    ],
)
def test_a_sign_makes_it_ready_at_once(
    folder: Path, drop: DropFolder, ending: str, sign: str
) -> None:
    path = put(folder)
    path.with_name(path.name + ending).write_text(sign, encoding="utf-8")
    assert drop.ready() == [DroppedFile(path=path)]


@pytest.mark.parametrize("sign", [json.dumps({"sha256": "0" * 64}), "0" * 64])
def test_a_digest_that_does_not_agree_is_waited_for_and_then_refused(
    folder: Path, clock: Clock, drop: DropFolder, sign: str
) -> None:
    path = put(folder)
    (folder / "list.csv.done").write_text(sign, encoding="utf-8")
    assert drop.ready() == []
    clock.now += 60
    (dropped,) = drop.ready()
    assert (dropped.path, dropped.fault) == (path, "file.digest")
    assert DIGEST in dropped.message


@pytest.mark.parametrize("sign", ["", "[]", "{}", "{", '{"sha256": "12"}', '{"sha256": 1}'])
def test_a_manifest_that_says_no_digest_is_waited_for_and_then_refused(
    folder: Path, clock: Clock, drop: DropFolder, sign: str
) -> None:
    put(folder)
    (folder / "list.csv.manifest.json").write_text(sign, encoding="utf-8")
    assert drop.ready() == []
    clock.now += 60
    assert [file.fault for file in drop.ready()] == ["file.manifest"]


def test_what_is_no_input(folder: Path, clock: Clock, drop: DropFolder) -> None:
    for name in (".hidden", "a.csv.errors.csv", "a.csv.done", "a.csv.manifest.json", "a.part"):
        put(folder, name)
    (folder / "sub").mkdir()
    secret = put(folder / "sub", "secret.csv")
    (folder / "link.csv").symlink_to(secret)
    drop.ready()
    clock.now += 60
    assert drop.ready() == []


def test_a_taken_file_moves_with_its_sign_and_errors(folder: Path, drop: DropFolder) -> None:
    path = put(folder)
    put(folder, "list.csv.done")
    put(folder, "list.csv.errors.csv")
    target = drop.take(path)
    assert target == folder / "taken" / "list.csv"
    assert target.read_bytes() == DATA
    assert sorted(item.name for item in (folder / "taken").iterdir()) == [
        "list.csv",
        "list.csv.done",
        "list.csv.errors.csv",
    ]
    assert [item.name for item in folder.iterdir()] == ["taken"]
    assert drop.ready() == []


def test_a_name_in_use_is_never_overwritten(folder: Path, drop: DropFolder) -> None:
    targets = [drop.refuse(put(folder, data=data)) for data in (b"1", b"2", b"3")]
    assert [target.name for target in targets] == ["list.csv", "list.2.csv", "list.3.csv"]
    assert [target.read_bytes() for target in targets] == [b"1", b"2", b"3"]
    assert {target.parent.name for target in targets} == {"refused"}


def test_the_sign_moves_before_the_file(
    folder: Path, drop: DropFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A sign left behind would make the next file of that name ready while it is being copied.
    moved: list[str] = []
    replace = Path.replace

    def note(self: Path, target: Path) -> Path:
        moved.append(self.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", note)
    path = put(folder)
    put(folder, "list.csv.done")
    drop.take(path)
    assert moved == ["list.csv.done", "list.csv"]


def test_a_file_that_vanishes_between_listing_and_look(folder: Path, clock: Clock) -> None:
    def gone(path: Path) -> os.stat_result:
        raise FileNotFoundError(path)

    put(folder)
    assert DropFolder(folder, settle_seconds=0, clock=clock, stat=gone).ready() == []


def test_a_file_that_is_left_is_read_ever_more_seldom(
    folder: Path, clock: Clock, drop: DropFolder
) -> None:
    path = put(folder)
    (folder / "list.csv.done").write_text(DIGEST)
    read: list[float] = []
    start = clock.now
    while clock.now < start + 100:
        if drop.ready():
            read.append(clock.now - start)
            drop.leave(path, 30)
        clock.now += 2
    assert read == [0, 2, 6, 14, 30, 60, 90]
    data = b"x" + DATA
    path.write_bytes(data)
    (folder / "list.csv.done").write_text(sha256(data).hexdigest())
    assert drop.ready() == [DroppedFile(path=path)]
    for _ in range(3):
        drop.leave(path, 30)
    assert drop.ready() == []
    drop.recall()
    assert drop.ready() == [DroppedFile(path=path)]
