"""Drop folders: when a file may be taken, and where it goes."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Any, BinaryIO

import pytest

from adapters.files.dropfolder import DropFolder, UnfinishedError
from adapters.files.errors import TableError
from adapters.files.folders import Folder
from adapters.files.private_room import PrivateRoom

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
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "court").mkdir()
    return tmp_path / "court"


@pytest.fixture
def room(tmp_path: Path) -> PrivateRoom:
    return PrivateRoom(tmp_path / "reading", 1024)


def read(drop: DropFolder, room: PrivateRoom) -> bytes:
    (dropped,) = drop.ready()
    with drop.copied(dropped, room) as copy:
        return copy.path.read_bytes()


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
    assert [one.name for one in drop.ready()] == [path.name]


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
    assert [one.name for one in drop.ready()] == [path.name]


@pytest.mark.parametrize("sign", [json.dumps({"sha256": "0" * 64}), "0" * 64])
def test_a_digest_that_does_not_agree_is_waited_for_and_then_refused(
    folder: Path, clock: Clock, drop: DropFolder, room: PrivateRoom, sign: str
) -> None:
    put(folder)
    (folder / "list.csv.done").write_text(sign, encoding="utf-8")
    with pytest.raises(UnfinishedError):
        read(drop, room)
    clock.now += 60
    with pytest.raises(TableError, match=DIGEST) as refused:
        read(drop, room)
    assert refused.value.code == "file.digest"


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
    put(folder)
    put(folder, "list.csv.done", b"ok")
    (dropped,) = drop.ready()
    drop.take(dropped, b"row")
    taken = {item.name: item.read_bytes() for item in (folder / "taken").iterdir()}
    assert taken == {"list.csv": DATA, "list.csv.done": b"ok", "list.csv.errors.csv": b"row"}
    assert [item.name for item in folder.iterdir()] == ["taken"]
    assert drop.ready() == []


def test_a_name_in_use_is_never_overwritten(folder: Path, drop: DropFolder) -> None:
    for data in (b"1", b"2", b"3"):
        put(folder, data=data)
        put(folder, "list.csv.done", b"")
        drop.refuse(drop.ready()[0], b"why " + data)
    found = {path.name: path.read_bytes() for path in (folder / "refused").iterdir()}
    assert {name: data for name, data in found.items() if "done" not in name} == {
        "list.csv": b"1",
        "list.csv.errors.csv": b"why 1",
        "list.2.csv": b"2",
        "list.2.csv.errors.csv": b"why 2",
        "list.3.csv": b"3",
        "list.3.csv.errors.csv": b"why 3",
    }


def test_the_sign_moves_before_the_file(
    folder: Path, drop: DropFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A sign left behind would make the next file of that name ready while it is being copied.
    moved: list[str] = []
    move = Folder.move

    def note(self: Folder, name: str, to: Folder, new_name: str) -> None:
        moved.append(name)
        move(self, name, to, new_name)

    monkeypatch.setattr(Folder, "move", note)
    put(folder)
    put(folder, "list.csv.done")
    drop.take(drop.ready()[0])
    assert moved == ["list.csv.done", "list.csv"]


def test_a_file_that_vanishes_between_listing_and_look(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder)
    monkeypatch.setattr(Folder, "status", lambda *_: None)
    assert DropFolder(folder, settle_seconds=0, clock=clock).ready() == []


def test_a_file_that_is_left_is_read_ever_more_seldom(
    folder: Path, clock: Clock, drop: DropFolder
) -> None:
    path = put(folder)
    (folder / "list.csv.done").write_text(DIGEST)
    seen: list[float] = []
    start = clock.now
    while clock.now < start + 100:
        for dropped in drop.ready():
            seen.append(clock.now - start)
            drop.leave(dropped, 30)
        clock.now += 2
    assert seen == [0, 2, 6, 14, 30, 60, 90]
    data = b"x" + DATA
    path.write_bytes(data)
    (folder / "list.csv.done").write_text(sha256(data).hexdigest())
    (dropped,) = drop.ready()
    for _ in range(3):
        drop.leave(dropped, 30)
    assert drop.ready() == []
    drop.recall()
    assert drop.ready() == [dropped]


def test_f27_the_copy_is_what_the_digest_says(
    folder: Path, drop: DropFolder, room: PrivateRoom
) -> None:
    path = put(folder)
    (folder / "list.csv.done").write_text(DIGEST)
    (dropped,) = drop.ready()
    with drop.copied(dropped, room) as copy:
        path.write_bytes(b"overwritten while it is read")
        assert copy.path.read_bytes() == DATA
        assert copy.path.stat().st_mode & 0o777 == 0o600
        assert copy.path.parent.stat().st_mode & 0o777 == 0o700
    assert not copy.path.exists()
    drop.take(dropped, b"row")
    assert path.read_bytes() == b"overwritten while it is read"  # not the one that was read
    assert [item.name for item in (folder / "taken").iterdir()] == ["list.csv.done"]


def test_f27_a_file_that_changes_while_it_is_copied_is_not_used(
    folder: Path, drop: DropFolder, room: PrivateRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(folder)
    (folder / "list.csv.done").touch()
    copy = PrivateRoom.copy

    def slow(self: PrivateRoom, source: BinaryIO, name: str) -> Any:
        path.write_bytes(b"half of the next")
        return copy(self, source, name)

    monkeypatch.setattr(PrivateRoom, "copy", slow)
    with pytest.raises(UnfinishedError):
        read(drop, room)


def test_f27_a_file_that_came_after_the_one_that_was_read_is_not_taken(
    folder: Path, drop: DropFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(folder)
    (folder / "list.csv.done").touch()
    (dropped,) = drop.ready()
    newer = put(folder, ".newer", b"the next one, never read")
    move = Folder.move

    def late(self: Folder, name: str, to: Folder, new_name: str) -> None:
        if name == "list.csv" and newer.exists():
            newer.replace(path)
        move(self, name, to, new_name)

    monkeypatch.setattr(Folder, "move", late)
    drop.take(dropped)
    assert path.read_bytes() == b"the next one, never read"
    assert not (folder / "taken" / "list.csv").exists()


@pytest.mark.parametrize("where", ["taken", "refused"])
@pytest.mark.parametrize("instead", ["link", "file"])
def test_f26_what_was_read_never_leaves_the_folder(
    folder: Path, clock: Clock, drop: DropFolder, where: str, instead: str
) -> None:
    neighbour = folder.with_name("neighbour")
    neighbour.mkdir()
    if instead == "link":
        (folder / where).symlink_to(neighbour)
    else:
        (folder / where).touch()
    put(folder)
    (folder / "list.csv.done").touch()
    (dropped,) = drop.ready()
    if where == "taken":
        drop.take(dropped)
    else:
        drop.refuse(dropped, b"why")
    assert list(neighbour.iterdir()) == []
    assert (folder / "list.csv").read_bytes() == DATA
    (stuck,) = drop.stuck()
    assert (stuck.title, stuck.code) == ("list.csv", "inbox.unmoved")
    clock.now += 600
    assert drop.ready() == []  # not used again
    (folder / where).unlink()
    clock.now += 600
    assert drop.ready() == []
    assert (folder / where / "list.csv").read_bytes() == DATA
    assert drop.stuck() == []


def test_f26_a_folder_that_is_a_link_is_none(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "neighbour").mkdir()
    put(tmp_path / "neighbour")
    (tmp_path / "court").symlink_to(tmp_path / "neighbour")
    with pytest.raises(OSError, match="court"):
        DropFolder(tmp_path / "court", settle_seconds=0, clock=clock).ready()


def test_f26_pipes_links_and_second_names(folder: Path, clock: Clock, drop: DropFolder) -> None:
    secret = put(folder.with_name("elsewhere"), "secret")
    os.mkfifo(folder / "pipe.csv")
    (folder / "link.csv").symlink_to(secret)
    (folder / "hard.csv").hardlink_to(secret)
    put(folder, "list.csv")
    os.mkfifo(folder / "list.csv.done")
    put(folder, "other.csv")
    (folder / "other.csv.manifest.json").symlink_to(secret)
    assert drop.ready() == []
    clock.now += 60
    assert {one.name: one.fault for one in drop.ready()} == {
        "hard.csv": "file.linked",
        "list.csv": "",
        "other.csv": "",
    }


def test_f26_directories_that_swap_while_files_move(
    folder: Path, clock: Clock, drop: DropFolder
) -> None:
    neighbour = folder.with_name("neighbour")
    neighbour.mkdir()
    ended = Event()

    def swap() -> None:
        while not ended.is_set():
            with suppress(OSError):
                (folder / "taken").rename(folder / "real")
                (folder / "taken").symlink_to(neighbour)
                (folder / "taken").unlink()
                (folder / "real").rename(folder / "taken")

    (folder / "taken").mkdir()
    thread = Thread(target=swap)
    thread.start()
    try:
        for number in range(150):
            put(folder, f"{number}.csv")
            put(folder, f"{number}.csv.done", b"")
        for dropped in drop.ready():
            drop.take(dropped)
    finally:
        ended.set()
        thread.join()
    assert list(neighbour.iterdir()) == []
    clock.now += 600
    drop.ready()
    names = {p.name for p in folder.rglob("*.csv")}
    assert names >= {f"{number}.csv" for number in range(150)}


def test_names_of_every_length_and_of_any_bytes(
    folder: Path, clock: Clock, drop: DropFolder, room: PrivateRoom
) -> None:
    names = [b"n" * n + b".csv" for n in range(230, 252)]
    names += [b"x." + b"y" * 250, "修复结果.csv".encode("gb18030"), b"\xff\xfe.csv", b"a\nb.csv"]
    for name in names:
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + name))).write_bytes(DATA)
    drop.ready()
    clock.now += 60
    for dropped in drop.ready():
        with drop.copied(dropped, room) as copy:
            assert copy.path.read_bytes() == DATA
        drop.take(dropped, b"row")
    assert drop.stuck() == []
    taken = [os.fsencode(path.name) for path in (folder / "taken").iterdir()]
    assert set(names) <= set(taken)
    assert len(taken) == 2 * len(names)
