"""Files that departments drop into `inbox/<source>/`: when they may be taken, and where they go.

A file is ready
    by its `FILE.done` (empty, any text, a line of sha256sum, or JSON with `sha256`) or its
    `FILE.manifest.json` (JSON with `sha256`); the digest, where there is one, must agree;
    or, without either, when size and time of change have stood still for `settle_seconds`.

A half-copied file would be published as a snapshot in which rows are missing, so a digest that
does not agree, or a manifest that cannot be read, is waited for until the file has stood still, and
then refused.
"""

from __future__ import annotations

import json
import os
import re
import stat as modes
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Final, NamedTuple

from adapters.files.atomic import sync_directory
from adapters.files.faults import errors_path

TAKEN: Final = "taken"
REFUSED: Final = "refused"
_SIGNS: Final = (".done", ".manifest.json")
_NOT_INPUT: Final = (*_SIGNS, ".errors.csv", ".part", ".tmp")
_PAUSE: Final = 4.0
_SIGN_MAX: Final = 64 * 1024
_SUM_LINE: Final = re.compile(r"([0-9A-Fa-f]{64})(?:\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFile:
    """A file that may be taken; `fault` is empty, or a stable code for which it is refused."""

    path: Path
    fault: str = ""
    message: str = ""


class _Seen(NamedTuple):
    size: int
    changed: int
    since: float
    pause: float = 0.0
    """How long it is left alone when it is left next."""
    again_at: float = 0.0


class DropFolder:
    """One source's folder; remembers between two looks how long a file has stood still."""

    def __init__(
        self,
        folder: Path,
        settle_seconds: float,
        clock: Callable[[], float],
        stat: Callable[[Path], os.stat_result] = os.lstat,
    ) -> None:
        """Watch a folder.

        Args:
            folder: `inbox/<source>`; it must exist.
            settle_seconds: how long a file without a sign must stand still.
            clock: seconds, monotonic.
            stat: must not follow links.
        """
        self._folder = folder
        self._settle = settle_seconds
        self._clock = clock
        self._stat = stat
        self._seen: dict[Path, _Seen] = {}

    def ready(self) -> list[DroppedFile]:
        """Return the files that may be taken now, by name.

        Raises:
            OSError: the folder cannot be read.
        """
        now = self._clock()
        found: list[DroppedFile] = []
        seen: dict[Path, _Seen] = {}
        for path in sorted(self._folder.iterdir()):
            if path.name.startswith(".") or path.name.endswith(_NOT_INPUT):
                continue
            try:
                status = self._stat(path)
            except FileNotFoundError:
                continue
            if not modes.S_ISREG(status.st_mode):
                continue  # a link could name a file that the sender may not read
            before = self._seen.get(path)
            stands = before is not None and before[:2] == (status.st_size, status.st_mtime_ns)
            looked = before if before is not None and stands else None
            looked = looked or _Seen(status.st_size, status.st_mtime_ns, now)
            seen[path] = looked
            if now < looked.again_at:
                continue
            dropped = self._judge(path, settled=now - looked.since >= self._settle)
            if dropped:
                found.append(dropped)
        self._seen = seen
        return found

    def leave(self, path: Path, longest: float) -> None:
        """Do not read a file again that cannot be used now, unless it changes.

        The first time it is ready at the next look all the same; then it is left for `_PAUSE`
        seconds, for twice as long each time, and for `longest` at last.
        """
        seen = self._seen[path]
        pause = min(max(2 * seen.pause, _PAUSE), longest)
        again_at = self._clock() + seen.pause
        self._seen[path] = seen._replace(pause=pause, again_at=again_at)

    def recall(self) -> None:
        """All files that were left may be read at once: why they were left has changed."""
        self._seen = {path: seen._replace(pause=0, again_at=0) for path, seen in self._seen.items()}

    def take(self, path: Path) -> Path:
        """Move a file that was used to `taken/`, with its sign and its errors file.

        Returns:
            Where it lies now: under its name, or NAME.2, NAME.3 … where that is in use.
        """
        return self._move(path, TAKEN)

    def refuse(self, path: Path) -> Path:
        """Move a file that could not be used to `refused/`, as `take` does."""
        return self._move(path, REFUSED)

    def _judge(self, path: Path, *, settled: bool) -> DroppedFile | None:
        signs = [path.with_name(path.name + sign) for sign in _SIGNS]
        sign = next((sign for sign in signs if sign.is_file()), None)
        if sign is None:
            return DroppedFile(path=path) if settled else None
        try:
            wanted = _digest_in(sign)
        except ValueError as error:
            if not settled:
                return None
            message = f"{sign.name}: 清单无法读取 / not a readable manifest: {error}"
            return DroppedFile(path=path, fault="file.manifest", message=message)
        if not wanted:
            return DroppedFile(path=path)
        with path.open("rb") as file:
            got = file_digest(file, "sha256").hexdigest()
        if got == wanted:
            return DroppedFile(path=path)
        if not settled:
            return None
        message = f"{path.name}: SHA-256 不符 / expected {wanted} by {sign.name}, got {got}"
        return DroppedFile(path=path, fault="file.digest", message=message)

    def _move(self, path: Path, where: str) -> Path:
        target_folder = self._folder / where
        target_folder.mkdir(exist_ok=True)
        number = 1
        target = target_folder / path.name
        while target.exists():
            number += 1
            target = target_folder / f"{path.stem}.{number}{path.suffix}"
        companions = [(path.with_name(path.name + sign), sign) for sign in _SIGNS]
        companions.append((errors_path(path), ".errors.csv"))
        # The signs first: one left behind by a crash would make the next file of this name ready
        # while it is still being copied.
        for companion, ending in companions:
            if companion.exists():
                companion.replace(target.with_name(target.name + ending))
        path.replace(target)
        sync_directory(target_folder)
        sync_directory(self._folder)
        return target


def _digest_in(sign: Path) -> str:
    """Return the SHA-256 that a sign states, empty where it states none."""
    with sign.open("rb") as file:
        text = file.read(_SIGN_MAX).decode().strip()
    if sign.name.endswith(_SIGNS[0]) and not text.startswith("{"):
        line = _SUM_LINE.match(text)
        return line[1].lower() if line else ""
    content = json.loads(text)
    digest = content.get("sha256") if isinstance(content, dict) else None
    if not isinstance(digest, str) or len(digest) != 64:
        message = "expected a JSON object with `sha256`, 64 hexadecimal digits"
        raise ValueError(message)
    return digest.lower()
