"""Marks as a disk may leave them, or an attacker write them."""

from __future__ import annotations

from pathlib import Path

from adapters.state.highwater import DISTANCE, FileHighWater
from federation.ids import Origin

TORN = 40
"""Bytes of a slot that came to the disk before the power went; its sequence is among them."""


def put_mark(path: Path, origin: Origin, mark: tuple[int, bytes]) -> None:
    """Write a mark, whole, instead of the one that is there."""
    path.unlink()
    FileHighWater(path, origin).advance(None, mark)


def tear_newest(path: Path, origin: Origin) -> None:
    """Damage the slot of the mark; the one before is left."""
    mark = FileHighWater(path, origin)
    newest = mark.load()
    content = bytearray(path.read_bytes())
    for place in (0, DISTANCE):
        torn = content.copy()
        torn[place + TORN] ^= 0xFF
        path.write_bytes(torn)
        if mark.remains() != newest:
            return
    message = "both slots hold the same mark"
    raise AssertionError(message)
