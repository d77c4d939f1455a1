"""Lines of hashes, as proof files and fork files hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crypto.errors import FormatError
from crypto.merkle import HASH_SIZE
from crypto.strict import b64, b64_strict, require_length, require_range

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_PROOF = 64
"""Hashes of a proof in a file; no proof in a tree of ``MAX_SIZE`` leaves has more."""


def check_path(path: Sequence[bytes]) -> None:
    """Refuse a path that no file may hold.

    Raises:
        FormatError: more than ``MAX_PROOF`` hashes, or one that has not 32 bytes.
    """
    require_range("hashes of a proof", len(path), 0, MAX_PROOF)
    for one in path:
        require_length("hash of a proof", one, HASH_SIZE)


def format_path(path: Sequence[bytes]) -> str:
    """Write one base64 hash a line."""
    return "".join(b64(one) + "\n" for one in path)


def parse_path(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Read what ``format_path`` wrote, already split into lines.

    Raises:
        FormatError: too many lines, or one that is not a hash.
    """
    require_range("hashes of a proof", len(lines), 0, MAX_PROOF)
    path = tuple(map(b64_strict, lines))
    check_path(path)
    return path


def ascii_lines(data: bytes) -> list[str]:
    """Split ASCII lines, each ended by a newline; no bytes give no line.

    Raises:
        FormatError: bytes beyond ASCII, or no final newline.
    """
    if not data:
        return []
    if not data.isascii() or not data.endswith(b"\n"):
        msg = "expected lines of ASCII, each ended by a newline"
        raise FormatError(msg)
    return data[:-1].decode("ascii").split("\n")
