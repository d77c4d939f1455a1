"""Files that departments drop into `inbox/<source>/`: when they may be taken, and where they go.

A file is ready
    by its `FILE.done` (empty, any text, a line of sha256sum, or JSON with `sha256`) or its
    `FILE.manifest.json` (JSON with `sha256`); the digest, where there is one, must agree;
    or, without either, when size and time of change have stood still for `settle_seconds`.

A half-copied file would be published as a snapshot in which rows are missing, so a digest that
does not agree, or a manifest that cannot be read, is waited for until the file has stood still, and
then refused. So is a file that has another name besides: that one may be somebody else's (F26).

The department may write here at any moment. A file is known by what it is (device, inode, size,
time of change), and only that one is moved away; another of its name is judged anew (F27). What was
used and cannot be moved is not used again while it stays as it is.
"""

from __future__ import annotations

import json
import os
import re
import stat as modes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from adapters.files.dropped_names import RELIEFS, SIGNS, is_input, kind_of, title_of
from adapters.files.errors import TableError
from adapters.files.faults import ERRORS
from adapters.files.folders import Folder, with_ending
from adapters.files.private_room import PrivateCopy, PrivateRoom

TAKEN: Final = "taken"
REFUSED: Final = "refused"
FOLDER_MODE: Final = 0o770
_NO_FILE: Final = "不是普通文件，不会读取 / no plain file, never read: send the file itself"
_PAUSE: Final = 4.0
LONGEST_UNMOVED: Final = 60.0
"""Seconds after which a file that was read is tried to be moved again."""
_SIGN_MAX: Final = 64 * 1024
_SUM_LINE: Final = re.compile(r"([0-9A-Fa-f]{64})(?:\s|$)")


class Identity(NamedTuple):
    """What makes a file the one that was seen."""

    device: int
    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        """Take it from a status."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFile:
    """A file that may be taken; `fault` is empty, or a stable code for which it is refused."""

    name: str
    """As the file system has it."""
    identity: Identity
    sign: tuple[str, Identity] | None = None
    digest: str = ""
    """SHA-256 that its sign states."""
    settled: bool = False
    fault: str = ""
    message: str = ""

    @property
    def title(self) -> str:
        """Its name as people read it."""
        return title_of(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """A file that lies where it is, and why."""

    title: str
    code: str
    message: str


class UnfinishedError(Exception):
    """The sender's doing: the file is being written, or has been since; look again later."""


class _Used(NamedTuple):
    dropped: DroppedFile
    where: str
    errors: bytes
    """What is to lie beside it."""


class _Seen(NamedTuple):
    identity: Identity
    since: float
    pause: float = 0.0
    """How long it is left alone when it is left next."""
    again_at: float = 0.0
    code: str = ""
    message: str = ""
    """Why it was left, where that is to be told."""
    used: _Used | None = None
    """It was read, and could not be moved away."""


class DropFolder:
    """One source's folder; remembers between two looks how long a file has stood still."""

    def __init__(
        self,
        folder: Path,
        settle_seconds: float,
        clock: Callable[[], float],
        wanted: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """Watch a folder.

        Args:
            folder: `inbox/<source>`; made where there is none.
            settle_seconds: how long a file without a sign must stand still.
            clock: seconds, monotonic.
            wanted: which files, by their titles.
        """
        self._path = folder
        self._settle = settle_seconds
        self._clock = clock
        self._wanted = wanted
        self._seen: dict[str, _Seen] = {}
        with suppress(OSError):  # told at the first look
            self._make()
        self.others = 0
        """Files at the last look that may be read, but not by whom asks here."""

    def ready(self) -> list[DroppedFile]:
        """Return the files that may be taken now, by name.

        Raises:
            OSError: the folder is none, or cannot be read.
        """
        now = self._clock()
        found: list[DroppedFile] = []
        seen: dict[str, _Seen] = {}
        self.others = 0
        self._make()
        with Folder.at(self._path) as folder:
            for name in filter(is_input, folder.names()):
                status = folder.status(name)
                if status is None or name in (TAKEN, REFUSED):
                    continue  # also a plain file where a directory belongs
                if not modes.S_ISREG(status.st_mode):
                    # A link could name a file that the sender may not read.
                    if _is_told(title_of(name), status) and self._wanted(title_of(name)):
                        looked = self._looked(name, Identity.of(status), now)
                        seen[name] = looked._replace(code="inbox.no-file", message=_NO_FILE)
                    continue
                if not self._wanted(title_of(name)):
                    self.others += 1
                    continue
                looked = seen[name] = self._looked(name, Identity.of(status), now)
                if now < looked.again_at or looked.used is not None:
                    continue
                settled = now - looked.since >= self._settle
                dropped = _judge(folder, name, status, settled=settled)
                if dropped:
                    found.append(dropped)
        self._seen = seen
        for looked in list(seen.values()):
            if looked.used is not None and now >= looked.again_at:
                self._move(looked.used)
        return found

    @contextmanager
    def copied(self, dropped: DroppedFile, room: PrivateRoom) -> Iterator[PrivateCopy]:
        """Copy a file that is ready, compare its digest, and give the copy (F27).

        Raises:
            UnfinishedError: it is another file than the one that was ready, changed while it was
                copied, or its digest does not agree and it has not stood still.
            TableError: `file.digest`, or it is too large.
            OSError: it cannot be read.
        """
        with Folder.at(self._path) as folder, folder.open_file(dropped.name) as file:
            if Identity.of(os.fstat(file.fileno())) != dropped.identity:
                raise UnfinishedError
            with room.copy(file, dropped.title) as copy:
                if Identity.of(os.fstat(file.fileno())) != dropped.identity:
                    raise UnfinishedError
                if dropped.digest not in ("", copy.sha256):
                    if not dropped.settled:
                        raise UnfinishedError
                    raise TableError("file.digest", _other_digest(dropped, copy.sha256))
                yield copy

    def leave(
        self, dropped: DroppedFile, longest: float, code: str = "", message: str = ""
    ) -> None:
        """Do not read a file again that cannot be used now, unless it changes.

        The first time it is ready at the next look all the same; then it is left for `_PAUSE`
        seconds, for twice as long each time, and for `longest` at last. With a code it is told
        among those that are stuck.
        """
        seen = self._seen[dropped.name]
        pause = min(max(2 * seen.pause, _PAUSE), longest)
        again_at = self._clock() + seen.pause
        self._seen[dropped.name] = seen._replace(
            pause=pause, again_at=again_at, code=code, message=message
        )

    def recall(self) -> None:
        """All files that were left may be read at once: why they were left has changed."""
        self._seen = {name: seen._replace(pause=0, again_at=0) for name, seen in self._seen.items()}

    def stuck(self) -> list[Stuck]:
        """Files that lie where they are, and why, by name."""
        return [
            Stuck(title=title_of(name), code=seen.code, message=seen.message)
            for name, seen in sorted(self._seen.items())
            if seen.code
        ]

    def refused(self) -> list[str]:
        """Titles of files of this kind that lie in `refused/`; none where it cannot be read."""
        with suppress(OSError), Folder.at(self._path) as folder, folder.inner(REFUSED) as inner:
            titles = [title_of(name) for name in inner.names() if is_input(name)]
            return [title for title in titles if self._wanted(title)]
        return []

    def waits(self, dropped: DroppedFile) -> float:
        """Seconds since a file was first seen as it is."""
        return self._clock() - self._seen[dropped.name].since

    def take(self, dropped: DroppedFile, errors: bytes = b"") -> None:
        """Move a file that was used to `taken/`, with its sign, and its errors file beside it.

        It lies there under its name, or NAME.2, NAME.3 … where that is in use. Where it cannot be
        moved it is stuck, and tried again at later looks.
        """
        self._move(_Used(dropped, TAKEN, errors))

    def refuse(self, dropped: DroppedFile, errors: bytes) -> None:
        """Move a file that could not be used to `refused/`, as `take` does."""
        self._move(_Used(dropped, REFUSED, errors))

    def _make(self) -> None:
        self._path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)

    def _looked(self, name: str, identity: Identity, now: float) -> _Seen:
        before = self._seen.get(name)
        if before is not None and before.identity == identity:
            return before
        return _Seen(identity, now)

    def _move(self, used: _Used) -> None:
        try:
            _moved(self._path, used)
        except OSError as error:
            self._seen[used.dropped.name] = self._seen[used.dropped.name]._replace(used=used)
            message = f"用过而不能移走 / read, and cannot be moved to {used.where}/: {error}"
            self.leave(used.dropped, LONGEST_UNMOVED, "inbox.unmoved", message)
        else:
            del self._seen[used.dropped.name]


def _is_told(title: str, status: os.stat_result) -> bool:
    """Whether what is no plain file is told; a directory is where its name says relief."""
    return not modes.S_ISDIR(status.st_mode) or kind_of(title) in RELIEFS


def _judge(
    folder: Folder, name: str, status: os.stat_result, *, settled: bool
) -> DroppedFile | None:
    dropped = DroppedFile(name=name, identity=Identity.of(status), settled=settled)
    if status.st_nlink > 1:
        if not settled:
            return None
        message = (
            "文件另有名称（硬链接） / the file has another name besides (a hard link), and may be "
            "somebody else's: send a copy"
        )
        return replace(dropped, fault="file.linked", message=message)
    sign = _sign(folder, name)
    if sign is None:
        return dropped if settled else None
    dropped = replace(dropped, sign=sign)
    try:
        with folder.open_file(sign[0]) as file:
            return replace(dropped, digest=_digest_in(sign[0], file.read(_SIGN_MAX)))
    except (OSError, ValueError, RecursionError) as error:
        if not settled:
            return None
        message = f"{title_of(sign[0])}: 清单无法读取 / not a readable manifest: {error}"
        return replace(dropped, fault="file.manifest", message=message)


def _sign(folder: Folder, name: str) -> tuple[str, Identity] | None:
    for ending in SIGNS:
        status = folder.status(name + ending)
        if status is not None and modes.S_ISREG(status.st_mode):
            return name + ending, Identity.of(status)
    return None


def _moved(path: Path, used: _Used) -> None:
    """Move a file and its sign, as long as they are those that were seen (F26, F27)."""
    dropped = used.dropped
    with Folder.at(path) as folder, folder.inner(used.where, make=FOLDER_MODE) as target:
        name = target.free_name(dropped.name)
        # The sign first: one left behind by a crash would make the next file of this name ready
        # while it is still being copied.
        if dropped.sign is not None and _is(folder, *dropped.sign):
            ending = dropped.sign[0].removeprefix(dropped.name)
            folder.move(dropped.sign[0], target, with_ending(name, ending))
        if _is(folder, dropped.name, dropped.identity):
            if used.errors:
                target.write(with_ending(name, ERRORS), used.errors)
            folder.move(dropped.name, target, name)
            if not _is(target, name, dropped.identity):
                # another file took its name in between: it was not read, and goes back
                target.move(name, folder, folder.free_name(dropped.name))
        target.sync()
        folder.sync()


def _is(folder: Folder, name: str, identity: Identity) -> bool:
    status = folder.status(name)
    return status is not None and Identity.of(status) == identity


def _other_digest(dropped: DroppedFile, got: str) -> str:
    sign = "" if dropped.sign is None else title_of(dropped.sign[0])
    return f"{dropped.title}: SHA-256 不符 / expected {dropped.digest} by {sign}, got {got}"


def _digest_in(name: str, data: bytes) -> str:
    """Return the SHA-256 that a sign states, empty where it states none."""
    text = data.decode().strip()
    if name.endswith(SIGNS[0]) and not text.startswith("{"):
        line = _SUM_LINE.match(text)
        return line[1].lower() if line else ""
    content = json.loads(text)
    digest = content.get("sha256") if isinstance(content, dict) else None
    if not isinstance(digest, str) or len(digest) != 64:
        message = "expected a JSON object with `sha256`, 64 hexadecimal digits"
        raise ValueError(message)
    return digest.lower()
