"""A folder in which somebody else writes at every moment: nothing leads out of it (F26).

The node lists, opens, moves, writes and removes; between any two of these steps somebody with
rights in the folder renames, links, replaces and deletes what they like. What lies outside must
stay as it is, and none of its content may come to the node.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.files.folders import Folder

SECRET = b"what lies outside"
PART = f".a.csv.{os.getpid()}.part"
"""Under which the node writes a file before it has its name."""
NAMES = ("taken", "a.csv", PART)
EXAMPLES = settings(max_examples=2000 if os.environ.get("HUXIN_SOAK") else 25, deadline=None)
NODE = ("list", "open", "write", "move in", "move", "remove", "inner", "free")
HOSTILE = (
    "file", "directory", "link out", "link to file", "hard link", "pipe", "dangling", "loop",
    "rename", "delete",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from((*NODE, *HOSTILE, *HOSTILE)), st.sampled_from(NAMES),
              st.sampled_from(NAMES)),
    max_size=40,
)  # fmt: skip


class Place:
    """The folder, and what is outside it."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "folder"
        self.outside = root / "outside"
        self.folder.mkdir()
        self.outside.mkdir()
        (self.outside / "secret").write_bytes(SECRET)
        (self.outside / "a.csv").write_bytes(SECRET)
        self.before = self.shown()

    def shown(self) -> dict[str, bytes]:
        """Names outside, with their content."""
        return {path.name: path.read_bytes() for path in sorted(self.outside.iterdir())}

    # ---- what somebody else does

    def hostile(self, what: str, name: str, other: str) -> None:
        path = self.folder / name
        acts: dict[str, Callable[[], object]] = {
            "file": lambda: path.write_bytes(b"row"),
            "directory": path.mkdir,
            "link out": lambda: path.symlink_to(self.outside),
            "link to file": lambda: path.symlink_to(self.outside / "secret"),
            "hard link": lambda: os.link(self.outside / "secret", path),
            "pipe": lambda: os.mkfifo(path),
            "dangling": lambda: path.symlink_to(self.outside / "new"),
            "loop": lambda: path.symlink_to(path),
            "rename": lambda: path.rename(self.folder / other),
            "delete": lambda: None,
        }
        with suppress(OSError):
            if what != "rename" and not (what == "file" and path.is_file()):
                self.clear(path)
            if not (what == "file" and (path.is_symlink() or _linked(path))):
                acts[what]()

    @staticmethod
    def clear(path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _linked(path: Path) -> bool:
    return path.exists() and path.stat().st_nlink > 1


def node(folder: Folder, what: str, name: str, other: str) -> None:
    """What the node does with a folder; it may be refused, and must not be led out."""
    with suppress(OSError):
        if what == "list":
            folder.names()
            folder.status(name)
        elif what == "open":
            with folder.open_file(name) as file:
                assert os.fstat(file.fileno()).st_nlink > 1 or file.read() != SECRET
        elif what == "write":
            folder.write(name, b"of the node")
        elif what == "remove":
            folder.remove(name)
        elif what == "free":
            assert folder.status(folder.free_name(name)) is None
        else:
            with folder.inner("taken", make=0o700) as inner:
                if what == "move in":
                    folder.move(name, inner, inner.free_name(other))
                elif what == "move":
                    inner.move(other, folder, folder.free_name(name))
                else:
                    inner.write(other, b"of the node")


@EXAMPLES
@given(steps=STEPS)
@example(steps=[("link to file", "a.csv", "a.csv"), ("open", "a.csv", "a.csv")])
@example(steps=[("hard link", PART, PART), ("write", "a.csv", "a.csv")])
@example(steps=[("link out", "taken", "taken"), ("inner", "taken", "b.csv")])
def test_nothing_outside_is_read_written_or_moved(steps: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as root:
        place = Place(Path(root))
        with Folder.at(place.folder) as folder:
            for what, name, other in steps:
                if what in NODE:
                    node(folder, what, name, other)
                else:
                    place.hostile(what, name, other)
                assert place.shown() == place.before, (what, name, other)


@EXAMPLES
@given(steps=STEPS, between=st.sets(st.integers(0, 9)))
def test_a_directory_held_open_stays_the_one_that_it_was(
    steps: list[tuple[str, str, str]], between: set[int]
) -> None:
    """Somebody puts another thing in its place between opening it and moving into it."""
    with tempfile.TemporaryDirectory() as root:
        place = Place(Path(root))
        (place.folder / "a.csv").write_bytes(b"row")
        with Folder.at(place.folder) as folder, folder.inner("taken", make=0o700) as taken:
            for number, (what, name, other) in enumerate(steps):
                if what in HOSTILE:
                    place.hostile(what, name, other)
                if number in between:
                    with suppress(OSError):
                        folder.move("a.csv", taken, taken.free_name("a.csv"))
                    with suppress(OSError):
                        taken.write("b.csv", b"of the node")
                assert place.shown() == place.before, (what, name, other)
