"""What the platform says of files of the outbox: `FILE.csv.ack` beside the manifest.

Its first line is empty or the `sha256` that was read: the file was read. `<sha256> OK` says that
what the rows ask for is done, too, but for lines that follow: `<index> REFUSED <why>`. Bounded; no
link is followed (F26).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from adapters.files.folders import Folder
from federation.relief.execution import MALFORMED, NEVER_SENT, OLDER

MANIFEST_ENDING: Final = ".done"
MANIFEST_MAX: Final = 64 * 1024
"""Bytes of a manifest that are read."""
_ACK: Final = ".ack"
_ACK_MAX: Final = 64 * 1024
_ACK_LINE: Final = re.compile(r"([0-9a-f]{64})(?: +ok)?", re.IGNORECASE)
_REFUSED_LINE: Final = re.compile(r"([0-9]{1,15}) +REFUSED(?: +(.{1,200}))?", re.IGNORECASE)
_NUMBER_MAX: Final = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAck:
    """What the platform says of one file."""

    directory: str
    """Name of the origin's directory."""
    code: str
    """Why it counts for nothing (`ack.older`, `ack.never-sent`, `ack.malformed`); else empty."""
    origin: str = ""
    number: int = 0
    """Of the telling; 0 where the manifest has none."""
    done: bool = False
    """Whether what the rows ask for is done; else the file was read."""
    refused: Mapping[int, str] = field(default_factory=dict)
    """By index why a row is refused."""


def take_acknowledged(outbox: Path, keep: Callable[[FileAck], None]) -> int:
    """Let be kept what the platform says of its files, and delete those that it acknowledged.

    A crash in between takes an acknowledgement again.

    An acknowledgement that states another digest than the manifest is of an earlier version of
    the file, which has been written again since: it is dropped, and the file stays.

    Args:
        outbox: the node's outbox directory.
        keep: takes what is said, before anything is deleted.

    Returns:
        The number of files deleted.

    Raises:
        OSError: something may not be read or deleted; all else was done, the next call goes on.
    """
    count = 0
    failed: OSError | None = None
    with Folder.at(outbox.resolve()) as top:
        for name in top.names():
            try:
                with top.inner(name) as directory:
                    acks = [ack for ack in directory.names() if ack.endswith(f".csv{_ACK}")]
                    for ack in acks:
                        try:
                            count += _acknowledged(directory, name, ack, keep)
                        except OSError as error:
                            failed = failed or error
            except NotADirectoryError:
                continue  # a file, or a link, which is not followed (F26)
            except OSError as error:
                failed = failed or error
    if failed is not None:
        raise failed
    return count


def _acknowledged(directory: Folder, name: str, ack: str, keep: Callable[[FileAck], None]) -> bool:
    """Do what an acknowledgement asks for; whether a file was deleted."""
    file = ack.removesuffix(_ACK)
    said = _read_ack(directory, name, ack, f"{file}{MANIFEST_ENDING}")
    keep(said)
    agrees = said.code not in (OLDER, MALFORMED)
    if agrees:
        directory.remove(file)
        directory.remove(f"{file}{MANIFEST_ENDING}")
    directory.remove(ack)  # last: a crash before it leaves the acknowledgement, the rest is done
    return agrees


def _read_ack(directory: Folder, name: str, ack: str, manifest: str) -> FileAck:
    def made(code: str = "") -> FileAck:
        return FileAck(directory=name, code=code)

    with directory.open_file(ack) as opened:
        data = opened.read(_ACK_MAX + 1)
    lines = data.decode("utf-8", "replace").lstrip("\ufeff").strip().splitlines()
    first = _ACK_LINE.fullmatch(lines[0].strip()) if lines else None
    refusals = [_REFUSED_LINE.fullmatch(line.strip()) for line in lines[1:] if line.strip()]
    if len(data) > _ACK_MAX or (lines and first is None) or None in refusals:
        return made(MALFORMED)
    refused = {int(one[1]): one[2] or "" for one in refusals if one is not None}
    done = first is not None and first[0].lower().endswith("ok")
    if directory.status(manifest) is None:
        return made(NEVER_SENT if done else "")
    with directory.open_file(manifest) as text:
        written = manifest_of(text.read(MANIFEST_MAX))
    digest = written.get("sha256")
    if first is not None and isinstance(digest, str) and digest != first[1].lower():
        return made(OLDER)
    if not done:  # it was read, whatever was written into the manifest
        return made()
    origin, number = str(written.get("origin", "")), number_in(written)
    return replace(made(), origin=origin, number=number, done=True, refused=refused)


def manifest_of(text: bytes) -> dict[str, Any]:
    """A manifest; empty where somebody wrote something else into it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def number_in(manifest: Mapping[str, Any]) -> int:
    """Number of the telling in a manifest; 0 where it has none."""
    number = manifest.get("number")
    return number if type(number) is int and 0 < number < _NUMBER_MAX else 0
