"""What a disk may hold after the power was lost, from the operations that a program did on it.

What was synced is there. Of what was not, anything may be: each sector of 512 bytes of each write,
of the mark even a part of a sector, each change of a length, each name made, moved or removed; in
the order in which it was done or not. SQLite's shared memory is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeAlias, TypeVar

from tests.support.system_calls import (
    SHARED_INDEX,
    Create,
    Name,
    Operation,
    Remove,
    Sync,
    Truncate,
    Write,
)

SECTOR = 512
MARK = "high-water"
MARK_BYTES = 160
"""Of a slot; zeros follow."""
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _File:
    """One file, whatever its names: what is durable, and what was done since."""

    mode: int
    directory: bool = False
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Write | Truncate]] = field(default_factory=list)


_Change: TypeAlias = dict[Path, _File | None]
"""Names given and, with None, taken away; all of it happens or nothing."""


class Disk:
    """A directory at a point of a run."""

    def __init__(self, root: Path) -> None:
        """Take a directory before the run; all of it is durable."""
        self._root = root
        self._durable: dict[Path, _File] = {}
        for path in sorted(root.rglob("*")):
            if not path.name.endswith(SHARED_INDEX):
                content = b"" if path.is_dir() else path.read_bytes()
                mode = path.stat().st_mode & 0o777
                file = _File(mode=mode, directory=path.is_dir(), durable=bytearray(content))
                self._durable[path] = file
        self._live = dict(self._durable)
        self._changes: list[tuple[int, _Change]] = []
        self._done = 0

    def do(self, operation: Operation) -> None:
        """Do the next operation of the run."""
        match operation:
            case Create():
                made = _File(mode=operation.mode, directory=operation.directory)
                self._change({operation.path: made})
            case Write() | Truncate():
                self._live[operation.path].pending.append((self._done, operation))
            case Name():
                change: _Change = {operation.new: self._live[operation.path]}
                if operation.renamed:
                    change[operation.path] = None
                self._change(change)
            case Remove():
                self._change({operation.path: None})
            case Sync():
                self._sync(operation.path, operation.began)
        self._done += 1

    def lose_power(self, random: Random, target: Path) -> None:
        """Write what the disk may hold now into an empty or new directory."""
        names = dict(self._durable)
        for _, change in _left(self._changes, random):
            _rename(names, change)
        target.mkdir(exist_ok=True)
        for path in sorted(names):
            file = names[path]
            copy = target / path.relative_to(self._root)
            if not copy.parent.is_dir():
                continue  # the directory's own name is lost, and all in it
            if file.directory:
                copy.mkdir(mode=file.mode)
                continue
            copy.write_bytes(_content(file, random))
            copy.chmod(file.mode)

    def _change(self, change: _Change) -> None:
        _rename(self._live, change)
        self._changes.append((self._done, change))

    def _sync(self, path: Path, began: int) -> None:
        if path == self._root or self._live[path].directory:
            for change in self._changes:
                if change[0] < began and path in (name.parent for name in change[1]):
                    _rename(self._durable, change[1])
            self._changes = [
                (done, change)
                for done, change in self._changes
                if done >= began or path not in (name.parent for name in change)
            ]
            return
        file = self._live[path]
        for done, operation in file.pending:
            if done < began:
                _apply(file.durable, operation)
        file.pending = [one for one in file.pending if one[0] >= began]


def _rename(names: dict[Path, _File], change: _Change) -> None:
    for path, file in change.items():
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file


def _left(pending: Sequence[T], random: Random) -> list[T]:
    """Which of the operations that were not synced are kept: all up to one, or any."""
    if random.random() < 1 / 2:
        return list(pending[: random.randint(0, len(pending))])
    share = random.random()
    return [one for one in pending if random.random() < share]


def _content(file: _File, random: Random) -> bytes:
    content = bytearray(file.durable)
    parts = [part for _, operation in file.pending for part in _sectors(operation, random)]
    for part in _left(parts, random):
        _apply(content, part)
    return bytes(content)


def _sectors(operation: Write | Truncate, random: Random) -> list[Write | Truncate]:
    """A write as the disk does it: a sector whole or not at all; the mark relies on no sector."""
    if isinstance(operation, Truncate):
        return [operation]
    end = operation.offset + len(operation.data)
    edges = [operation.offset]
    edges += range((operation.offset // SECTOR + 1) * SECTOR, end, SECTOR)
    if operation.path.name == MARK:
        edges.insert(1, operation.offset + random.randrange(1, MARK_BYTES))
    return [
        Write(
            path=operation.path,
            offset=begin,
            data=operation.data[begin - operation.offset : stop - operation.offset],
        )
        for begin, stop in zip(edges, [*edges[1:], end], strict=True)
    ]


def _apply(content: bytearray, operation: Write | Truncate) -> None:
    size = len(content)
    if isinstance(operation, Truncate):
        del content[operation.size :]
        content.extend(bytes(max(operation.size - size, 0)))
        return
    content.extend(bytes(max(operation.offset - size, 0)))
    content[operation.offset : operation.offset + len(operation.data)] = operation.data


def said(operations: Sequence[Operation], path: Path) -> bytes:
    """What a program had written to a file from its beginning on."""
    return b"".join(one.data for one in operations if isinstance(one, Write) and one.path == path)
