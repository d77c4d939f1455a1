"""The row of a shared high-water mark: its fields, and the digest by which it is whole.

    title / state / sequence / origin / size / root / holder / server / SHA-256 of the lines before

`server` is the system identifier and the timeline of the server that wrote it: a server that was
promoted, or into which a dump was read, is another one and may have lost steps (SM6).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from crypto.merkle import HASH_SIZE
from crypto.strict import b64
from federation.ids import Origin

_TITLE: Final = "huxin shared high-water mark"
_MAX: Final = 2**63 - 1


class Standing(StrEnum):
    """Whether a mark stands in a place."""

    HERE = "here"
    COMING = "coming"
    """Written by a move that has not ended: the place it leaves may still be the one."""
    GONE = "gone"
    """It was moved to another place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRow:
    """A row that is whole.

    Attributes:
        holder: the process that wrote it, by a token of its own; empty by a move.
        server: `<system identifier>/<timeline>`.
    """

    state: Standing
    sequence: int
    size: int
    root: bytes
    holder: str
    server: str

    @property
    def mark(self) -> tuple[int, bytes]:
        """Size and root."""
        return self.size, self.root

    def digest(self, origin: Origin) -> bytes:
        """What the row's last column holds."""
        lines = (
            _TITLE,
            self.state,
            str(self.sequence),
            origin,
            str(self.size),
            b64(self.root),
            self.holder,
            self.server,
        )
        return sha256("".join(f"{line}\n" for line in lines).encode()).digest()


def read_row(origin: Origin, fields: tuple[Any, ...]) -> MarkRow | None:
    """Read the columns state, sequence, size, root, holder, server, digest; None: not whole."""
    state, sequence, size, root, holder, server, digest = fields
    if not (
        state in tuple(Standing)
        and isinstance(sequence, int)
        and 0 <= sequence < _MAX
        and isinstance(size, int)
        and 0 <= size < _MAX
        and isinstance(root, bytes)
        and len(root) == HASH_SIZE
        and isinstance(holder, str)
        and isinstance(server, str)
    ):
        return None
    row = MarkRow(
        state=Standing(state),
        sequence=sequence,
        size=size,
        root=root,
        holder=holder,
        server=server,
    )
    return row if digest == row.digest(origin) else None
