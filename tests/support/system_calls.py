"""What a process changed in a directory, in order: recorded with strace from its system calls.

Recorded this way, SQLite, the mark, the key ring and the outbox are seen alike, as the program does
them. A call that would change a file in a way that is not understood here ends the recording: a
recording is whole or there is none.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

_CALLS = (
    *("open", "openat", "creat", "lseek", "write", "writev", "pwrite64", "ftruncate", "truncate"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir"),
    *("mkdirat", "rmdir", "mknod", "mknodat", "fsync", "fdatasync", "mmap"),
)
_NOT_UNDERSTOOD = (
    *("pwritev", "pwritev2", "fallocate", "copy_file_range", "sendfile", "splice", "symlink"),
    *("symlinkat", "openat2", "sync_file_range", "msync"),
)
_LONGEST = 1 << 24
"""Bytes of one write that are recorded; a longer one ends the recording."""
_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)")
_DESCRIPTOR = re.compile(r"(-?\d+|AT_FDCWD)(?:<((?:\\x[0-9a-f]{2})*)>(\(deleted\))?)?$")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_MODE = re.compile(r"(?:^|\|)0[0-7]+$")
SHARED_INDEX = "-shm"
"""SQLite's index of its log, in memory that is shared: gone with the power."""


class NoTracingError(Exception):
    """strace is not here, or this system does not let it trace; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """A name for a new empty file, or a new directory."""

    path: Path
    mode: int
    directory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    path: Path
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncate:
    path: Path
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A second name for a file, which loses the first one where it is renamed."""

    path: Path
    new: Path
    renamed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """A file or a directory is durable, as it was when the call began."""

    path: Path
    began: int
    """Number of operations that had ended by then."""


Operation: TypeAlias = Create | Write | Truncate | Name | Remove | Sync


def require_tracing() -> None:
    """See whether a process can be traced here.

    Raises:
        NoTracingError: it cannot.
    """
    strace = shutil.which("strace")
    if strace is None:
        message = "no strace here: apt-get install strace"
        raise NoTracingError(message)
    tried = subprocess.run(
        [strace, "-f", "-o", "/dev/null", sys.executable, "-c", ""],
        check=False,
        capture_output=True,
        text=True,
    )
    if tried.returncode != 0:
        message = f"this system does not let strace trace a process: {tried.stderr.strip()}"
        raise NoTracingError(message)


def record(
    command: Sequence[str], root: Path, log: Path, *, cwd: Path, given: str = ""
) -> list[Operation]:
    """Run a command to its end, and return what it and its children changed below a directory.

    Args:
        command: what to run; it must succeed.
        root: of other places nothing is recorded.
        log: where strace writes; outside of `root`.
        cwd: where it runs.
        given: its standard input.

    Raises:
        NoTracingError: it cannot be traced.
    """
    require_tracing()
    recording = Recording(root.resolve())
    calls = ",".join(f"?{name}" for name in (*_CALLS, *_NOT_UNDERSTOOD))
    strace = ["strace", "-f", "-y", "-xx", "-s", str(_LONGEST), "-e", "signal=none"]
    strace += ["-e", f"trace={calls}", "-o", str(log)]
    done = subprocess.run(
        [*strace, *command], cwd=cwd, input=given, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with log.open(encoding="ascii") as lines:
        return recording.read(lines)


class Recording:
    """Reads a log of strace; made before the run, as it has to know which files there are."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._operations: list[Operation] = []
        self._names = {root, *root.rglob("*")}
        self._offsets: dict[tuple[str, Path], int] = {}

    def read(self, lines: Iterable[str]) -> list[Operation]:
        """All operations below the root."""
        begun: dict[str, tuple[str, int]] = {}
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                continue
            thread, resumed, name, rest = found.groups()
            began = len(self._operations)
            if resumed:
                before, began = begun.pop(thread)
                name, rest = resumed, before + rest
            elif rest.endswith("<unfinished ...>"):
                begun[thread] = rest.removesuffix("<unfinished ...>").rstrip(), began
                continue
            given, equals, answer = rest.rpartition(" = ")
            if equals and not answer.startswith(("-1", "?")):
                arguments = given.rstrip().removesuffix(")").split(", ")
                self._take(name, arguments, answer, began)
        return self._operations

    def _take(self, name: str, given: list[str], answer: str, began: int) -> None:
        path = self._path(name, given, answer)
        if path is None:
            return
        match name:
            case "open" | "openat" | "creat":
                self._opened(path, given, answer)
            case "lseek":
                self._offsets[_number(given[0]), path] = int(answer)
            case "write" | "writev" | "pwrite64" | "ftruncate" | "truncate":
                self._filled(name, path, given, int(answer))
            case "fsync" | "fdatasync":
                self._add(Sync(path=path, began=began))
            case "mmap":
                shared = "MAP_SHARED" in given[3] and "PROT_WRITE" in given[2]
                assert not shared, f"{path} is written through memory: cannot be recorded"
            case _:
                self._named_anew(name, path, given)

    def _filled(self, name: str, path: Path, given: list[str], taken: int) -> None:
        match name:
            case "write" | "writev":
                place = _number(given[0]), path
                offset = self._offsets.get(place, 0)
                self._offsets[place] = offset + taken
                self._add(Write(path=path, offset=offset, data=_data(given)[:taken]))
            case "pwrite64":
                self._add(Write(path=path, offset=int(given[3]), data=_data(given)[:taken]))
            case _:
                self._add(Truncate(path=path, size=int(given[1])))

    def _named_anew(self, name: str, path: Path, given: list[str]) -> None:
        match name:
            case "rename" | "renameat" | "renameat2" | "link" | "linkat":
                new = _named(given, 1)
                self._names.add(new)
                renamed = name.startswith("rename")
                if renamed:
                    self._names.discard(path)
                self._add(Name(path=path, new=new, renamed=renamed))
            case "unlink" | "unlinkat" | "rmdir":
                self._names.discard(path)
                self._add(Remove(path=path))
            case "mkdir" | "mkdirat" | "mknod" | "mknodat":
                mode = int(next(part.split("|")[-1] for part in given if _MODE.search(part)), 8)
                self._create(path, mode, directory=name.startswith("mkdir"))
            case _:
                message = f"{name} on {path}: cannot be recorded"
                raise AssertionError(message)

    def _path(self, name: str, given: list[str], answer: str) -> Path | None:
        """The file that a call is about, where it is one of ours."""
        if name in ("open", "openat", "creat"):
            path = _of_descriptor(answer)
        elif name == "mmap":
            path = _of_descriptor(given[4])
        elif any(_STRING.match(part) for part in given) and not name.startswith(("write", "pwrit")):
            path = _named(given, 0)
        else:
            path = _of_descriptor(given[0])
        if path is None or not path.is_relative_to(self._root) or path.name.endswith(SHARED_INDEX):
            return None
        return path

    def _opened(self, path: Path, given: list[str], answer: str) -> None:
        flags = next((part for part in given if part.startswith("O_")), "O_CREAT|O_TRUNC").split(
            "|"
        )
        assert "O_APPEND" not in flags, f"{path}: cannot be recorded"
        if path not in self._names:
            assert "O_CREAT" in flags, f"{path}: opened, but never made"
            self._create(path, int(given[-1], 8))
        elif "O_TRUNC" in flags:
            self._add(Truncate(path=path, size=0))
        self._offsets[_number(answer), path] = 0

    def _create(self, path: Path, mode: int, *, directory: bool = False) -> None:
        self._names.add(path)
        self._add(Create(path=path, mode=mode, directory=directory))

    def _add(self, operation: Operation) -> None:
        self._operations.append(operation)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _number(text: str) -> str:
    return text.partition("<")[0]


def _of_descriptor(text: str) -> Path | None:
    """Where an open file stands; None for what is no file, or is removed already."""
    found = _DESCRIPTOR.match(text)
    if found is None or not found[2] or found[3]:
        return None
    return Path(_bytes(found[2]).decode(errors="replace"))


def _data(given: list[str]) -> bytes:
    parts = [part for text in given for part in _STRING.findall(text)]
    assert not any(cut for _, cut in parts), "a write longer than what is recorded"
    return b"".join(_bytes(text) for text, _ in parts)


def _named(given: list[str], position: int) -> Path:
    """The path of that position in the arguments, with the directory before it if relative."""
    places = [index for index, part in enumerate(given) if _STRING.match(part)]
    place = places[position]
    named = _STRING.match(given[place])
    assert named is not None
    path = Path(_bytes(named[1]).decode())
    if path.is_absolute():
        return path
    base = _of_descriptor(given[place - 1]) if place else None
    assert base is not None, f"relative to what is not told: {path}"
    return base / path
